import { join } from 'node:path';
import { EXIT, UserError } from '../errors.ts';
import { ensurePrivateDir, writePrivate } from '../home/index.ts';
import { VERSION } from '../version.ts';
import type { Context } from './context.ts';

/** Errors whose messages name code and never data. A SyntaxError of JSON.parse, for one, quotes what it read. */
const TELLING: ReadonlySet<string> = new Set(['TypeError', 'ReferenceError', 'RangeError']);

/**
 * Writes a bug of ours into a file of its own: kind, place and versions, without prompts, keys or arguments. Gives the
 * error to show instead (exit 70).
 */
export function recordCrash(problem: unknown, command: string | undefined, context: Context): UserError {
  const name = problem instanceof Error ? problem.name : typeof problem;
  const file = join(
    context.paths.crashDir,
    `${new Date(context.now()).toISOString().slice(0, 19).replaceAll(':', '-')}.txt`,
  );
  const written = write(context.paths.crashDir, file, report(problem, name, command));
  return new UserError({
    code: 'internal',
    exit: EXIT.bug,
    message: 'unorouter hit a bug',
    why: `${name} (${written ? 'details, without prompts or keys, are in the file below' : 'its details could not be written to a file'})`,
    fix: written ? [file] : [],
  });
}

function report(problem: unknown, name: string, command: string | undefined): string {
  const known = command && /^[a-z]+$/.test(command) ? command : '(none)';
  return [
    `unorouter ${VERSION}, Node ${process.version}, ${process.platform} ${process.arch}`,
    `command: ${known}`,
    ...causes(problem).map(({ error, depth }) => `${depth === 0 ? '' : 'caused by '}${described(error)}`),
    problem instanceof Error ? '' : name,
    '',
  ].join('\n');
}

const DEEPEST = 5;

function causes(problem: unknown): { error: Error; depth: number }[] {
  const found: { error: Error; depth: number }[] = [];
  for (let next = problem; next instanceof Error && found.length < DEEPEST; next = next.cause)
    found.push({ error: next, depth: found.length });
  return found;
}

function described(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  const message = TELLING.has(error.name) ? `: ${error.message}` : '';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  return [`${error.name}${code}${message}`, ...frames].join('\n');
}

function write(dir: string, file: string, text: string): boolean {
  try {
    ensurePrivateDir(dir);
    writePrivate(file, text);
    return true;
  } catch {
    // A full or read-only disk: the error on the terminal says that there is no file.
    return false;
  }
}
