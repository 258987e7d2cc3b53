import { UserError } from '../errors.ts';
import { readOwned } from '../home/index.ts';
import { buildConfig } from './build.ts';
import { invalidConfig } from './problem.ts';
import type { ConfigProblem, ConfigResult } from './types.ts';

/** What lies at the path: text, nothing, or a reason not to look into it. */
type Source = { text: string | null; problem?: undefined } | { text?: undefined; problem: ConfigProblem };

/** Reads the file if it is a regular file of this user or root. Never throws. */
export function readSource(file: string): Source {
  try {
    return { text: readOwned(file) };
  } catch (error) {
    const why = error instanceof UserError ? error.why : undefined;
    const reason = why ?? (error instanceof Error ? error.message : String(error));
    const problem = { file, line: 1, column: 1, length: 0, message: `is not loaded: ${reason}` };
    return { problem: why === undefined ? problem : { ...problem, hint: `look at it: ls -l ${file}` } };
  }
}

/**
 * The file's text; null = there is no file.
 * @throws UserError `config_invalid` when it is not safe to read
 */
export function readConfigText(file: string): string | null {
  const source = readSource(file);
  if (source.problem) throw invalidConfig([source.problem], '');
  return source.text;
}

/** Checks a text as if it stood in the file: `config validate`, `config edit`. */
export async function parseConfig(file: string, source: string): Promise<ConfigResult> {
  // yaml and zod take 60 ms to load: only those pay who have a file.
  const { checkSource } = await import('./check.ts');
  return checkSource(file, source);
}

/** What was read, as a result. */
export async function parseSource(file: string, source: Source): Promise<ConfigResult> {
  if (source.problem) return { ok: false, problems: [source.problem], source: '' };
  if (source.text === null) return { ok: true, config: buildConfig({}), warnings: [], exists: false };
  return parseConfig(file, source.text);
}

/**
 * Loads the user's configuration. A missing file is all defaults; mistakes are an answer, not an exception. A link or
 * another user's file is not loaded (somebody else could steer where prompts and keys go).
 */
export const loadConfig = (file: string): Promise<ConfigResult> => parseSource(file, readSource(file));
