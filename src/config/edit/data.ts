import { isDeepStrictEqual } from 'node:util';
import { EXIT, UserError } from '../../errors.ts';
import { invalidConfig } from '../problem.ts';
import { type Parsed, parseYaml, plainData } from '../syntax.ts';

/** Keys from the top of the file; entries of lists by their index. */
export type Path = readonly string[];

/** One replacement in a text. */
export interface Splice {
  start: number;
  end: number;
  text: string;
}

/** Problems of a text that is not in a file yet. */
const NAME = 'config.yaml';

/** @throws UserError `config_invalid` */
export function parsed(source: string): Parsed {
  const result = parseYaml(NAME, source);
  if (Array.isArray(result)) throw invalidConfig(result, source);
  return result;
}

/** An edit that cannot be made. */
export function refusal(path: Path, why: string): UserError {
  return new UserError({
    code: 'config_invalid',
    exit: EXIT.config,
    message: `cannot change ${path.join('.')} in the configuration file`,
    why,
    fix: ['{cmd} config edit'],
  });
}

/**
 * Makes a replacement and reads the result back: YAML has more forms than a splice can know, so text is handed out only
 * when it says exactly what was asked for.
 */
export function spliced(source: string, { start, end, text }: Splice, path: Path, expected: unknown): string {
  const after = source.slice(0, start) + text + source.slice(end);
  const result = parseYaml(NAME, after);
  if (Array.isArray(result) || !isDeepStrictEqual(result.data ?? {}, expected)) {
    throw refusal(path, 'the lines there are written in a way that only a person can edit');
  }
  return after;
}

const entriesOf = (data: unknown): [string, unknown][] =>
  typeof data === 'object' && data !== null ? Object.entries(data) : [];

/** The value at a path, or undefined. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => entriesOf(value).find(([name]) => name === key)?.[1], data);
}

/** The data with one value set: what the text must say afterwards. */
export function withValue(data: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return plainData(value);
  const change = (inner: unknown): unknown => withValue(inner, rest, value);
  if (Array.isArray(data)) return data.map((item, i) => (String(i) === key ? change(item) : item));
  const others = entriesOf(data).filter(([name]) => name !== key);
  return Object.fromEntries([...others, [key, change(valueAt(data, [key]))]]);
}

/** The data without one entry. */
export function withoutValue(data: unknown, path: Path): unknown {
  const [key, ...rest] = path;
  const change = (inner: unknown): unknown => withoutValue(inner, rest);
  if (Array.isArray(data)) return data.map((item, i) => (String(i) === key ? change(item) : item));
  const entries = entriesOf(data).filter(([name]) => name !== key || rest.length > 0);
  return Object.fromEntries(entries.map(([name, item]) => [name, name === key ? change(item) : item]));
}
