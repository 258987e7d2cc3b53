import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensurePrivateDir, writePrivate } from '../../home/index.ts';
import type { FormatId, Scope, Setting } from '../types.ts';
import type { FileChange } from './changes.ts';
import { modeOf } from './write.ts';

/** One file of an entry: what it was, what it became, and which settings of it are ours. */
export interface JournalFile {
  file: string;
  format: FormatId;
  settings: readonly Setting[];
  /** null = there was none. */
  before: string | null;
  after: string;
  /** Permissions it had; null = there was none. */
  mode: number | null;
  /** The topmost directory that has to be made for it; null = they are all there. */
  made: string | null;
}

/** What one `setup` did. It stays until it is undone. */
export interface JournalEntry {
  directory: string;
  agent: string;
  scope: Scope;
  /** ms since 1970 */
  time: number;
  files: readonly JournalFile[];
}

const MANIFEST = 'setup.json';
const UNFINISHED = '.unfinished-';

const undoDir = (stateDir: string): string => join(stateDir, 'undo');

/**
 * Writes down what is about to be changed, before anything is: whatever happens afterwards can be undone. Returns the
 * directory of the backup.
 */
export function record(
  stateDir: string,
  entry: { agent: string; scope: Scope; time: number; changes: readonly FileChange[] },
): string {
  const all = undoDir(stateDir);
  for (const directory of [stateDir, all]) ensurePrivateDir(directory);
  const { agent, scope, changes } = entry;
  const time = Math.max(entry.time, ...readJournal(stateDir).map((other) => other.time + 1));
  const name = `${new Date(time).toISOString().replaceAll(':', '-')}-${agent}`;
  const temporary = join(all, UNFINISHED + name);
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { mode: 0o700 });
  const files = changes.map(({ file, format, settings, before }, i) => {
    const mode = before === null ? null : modeOf(file);
    const made = missingDirectory(file);
    return { file, format, settings, mode, made, existed: before !== null, copy: String(i) };
  });
  for (const [i, { before, after }] of changes.entries()) {
    if (before !== null) writePrivate(join(temporary, `${i}.before`), before);
    writePrivate(join(temporary, `${i}.after`), after);
  }
  writePrivate(join(temporary, MANIFEST), `${JSON.stringify({ agent, scope, time, files }, null, 2)}\n`);
  const directory = join(all, name);
  renameSync(temporary, directory);
  return directory;
}

/** Everything that is not undone yet, the newest first. */
export function readJournal(stateDir: string): JournalEntry[] {
  const entries = namesOf(undoDir(stateDir))
    .filter((name) => !name.startsWith(UNFINISHED))
    .map((name) => readEntry(join(undoDir(stateDir), name)))
    .filter((entry) => entry !== null);
  return entries.sort((a, b) => b.time - a.time);
}

/** Forgets an entry: it is undone. */
export function forget({ directory }: JournalEntry): void {
  rmSync(directory, { recursive: true, force: true });
}

function missingDirectory(file: string): string | null {
  let missing: string | null = null;
  for (let at = dirname(file); !existsSync(at); at = dirname(at)) missing = at;
  return missing;
}

function namesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Nothing was ever set up.
    return [];
  }
}

/** null = no entry of ours. */
function readEntry(directory: string): JournalEntry | null {
  try {
    const { agent, scope, time, files } = JSON.parse(readFileSync(join(directory, MANIFEST), 'utf8'));
    return {
      directory,
      agent,
      scope,
      time,
      files: files.map(
        (file: Omit<JournalFile, 'before' | 'after'> & { existed: boolean; copy: string }) => ({
          file: file.file,
          format: file.format,
          settings: file.settings,
          mode: file.mode,
          made: file.made,
          before: file.existed ? readFileSync(join(directory, `${file.copy}.before`), 'utf8') : null,
          after: readFileSync(join(directory, `${file.copy}.after`), 'utf8'),
        }),
      ),
    };
  } catch {
    return null;
  }
}
