import { EXIT, UserError } from '../../errors.ts';
import { loadFormat } from '../formats/index.ts';
import { textOf } from '../known/shared.ts';
import type { FileEdit } from '../types.ts';

/** What a setup makes of one file. */
export interface FileChange extends FileEdit {
  /** null = there is no such file yet. */
  before: string | null;
  after: string;
}

/**
 * Reads the files and makes the edits as text; nothing is written. Files that say it all already are left out.
 * @throws UserError `agent_file_unreadable` for a file that cannot be edited as text
 */
export async function planChanges(edits: readonly FileEdit[]): Promise<FileChange[]> {
  const changes = await Promise.all(edits.map(change));
  return changes.filter(({ before, after }) => before !== after);
}

async function change(edit: FileEdit): Promise<FileChange> {
  const { file, format, settings, text } = edit;
  const before = textOf(file);
  const language = await loadFormat(format);
  const problem = language.problem(before ?? '');
  if (problem !== null) throw unreadable(file, problem);
  try {
    const after = settings.reduce(
      (state, { path, value }) =>
        same(language.get(state, path), value) ? state : language.set(state, path, value),
      text ?? before ?? '',
    );
    return { ...edit, before, after };
  } catch (error) {
    throw unreadable(file, error instanceof Error ? error.message : String(error));
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function unreadable(file: string, why: string): UserError {
  return new UserError({
    code: 'agent_file_unreadable',
    exit: EXIT.failed,
    message: `${file} cannot be edited`,
    why,
    fix: ['correct it, or write the lines by hand: {cmd} setup AGENT --print'],
  });
}
