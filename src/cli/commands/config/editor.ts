import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';

/** Editors that are tried when none is named, on a terminal. */
const USUAL: readonly string[] = ['nano', 'vi'];

const WORD = /(?:"(?:\\[\s\S]|[^"\\])*"|'[^']*'|\\[\s\S]|[^\s"'\\])+/g;
const WINDOWS_WORD = /(?:"[^"]*"|[^\s"])+/g;

/**
 * The words of $VISUAL or $EDITOR. No shell sees them: quotes group, a backslash takes the next sign as it is (on Windows
 * it parts directories), nothing else has a meaning.
 */
export function shellWords(text: string, windows: boolean): string[] {
  if (windows) return (text.match(WINDOWS_WORD) ?? []).map((word) => word.replaceAll('"', ''));
  return (text.match(WORD) ?? []).map((word) =>
    word.replace(
      /"((?:\\[\s\S]|[^"\\])*)"|'([^']*)'|\\([\s\S])/g,
      (_, double?: string, single?: string, escaped?: string) =>
        double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? escaped ?? '',
    ),
  );
}

/** The command that opens a file. @throws UserError `no_editor` (exit 2) */
export function findEditor(context: Context): readonly string[] {
  const { env } = context;
  const windows = process.platform === 'win32';
  const named = shellWords(env.VISUAL || env.EDITOR || '', windows);
  if (named.length > 0) return named;
  const usual = windows ? 'notepad' : USUAL.find((name) => isInstalled(name, env.PATH ?? ''));
  // Without a terminal nobody could leave it again.
  if (usual === undefined || !context.interactive) throw noEditor(context, null);
  return [usual];
}

function isInstalled(name: string, path: string): boolean {
  return path.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return directory !== '';
    } catch {
      // Not here.
      return false;
    }
  });
}

function noEditor(context: Context, name: string | null): UserError {
  return new UserError({
    code: 'no_editor',
    exit: EXIT.usage,
    message: name === null ? 'no editor is set' : `the editor ${name} cannot be started`,
    why: '$VISUAL and $EDITOR name the editor',
    fix: ['EDITOR=nano {cmd} config edit', `or edit it yourself: ${context.paths.configFile}`],
  });
}

/**
 * Opens a file and waits until the editor is closed; gives its exit code, null when a signal ended it.
 * @throws UserError `no_editor`
 */
export function runEditor(context: Context, file: string): Promise<number | null> {
  const [program = '', ...args] = findEditor(context);
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, file], { stdio: 'inherit', env: context.env, cwd: context.cwd });
    child.on('error', () => reject(noEditor(context, program)));
    child.on('close', resolve);
  });
}
