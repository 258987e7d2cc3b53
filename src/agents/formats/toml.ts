import { parse, stringify, type TomlTable } from 'smol-toml';
import type { Value } from '../types.ts';
import type { Format } from './format.ts';

/**
 * TOML by whole tables: what is set is always one table under its own `[header]`, and its lines are put at the end, replaced
 * or cut out. The libraries that edit TOML lose comments, and one table of lines is all that an agent needs.
 */
export const toml: Format = {
  problem(text) {
    try {
      parse(text);
      return null;
    } catch (error) {
      return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    }
  },
  get(text, path) {
    let value: unknown = parse(text);
    for (const key of path) value = isTable(value) ? value[key] : undefined;
    return value as Value | undefined;
  },
  line(text, path) {
    const [last, ...above] = [...path].reverse();
    const at = tableAt(text, [...above].reverse());
    if (last === undefined) return null;
    const whole = tableAt(text, path);
    if (whole) return text.slice(0, whole.start).split('\n').length;
    const start = at?.start ?? 0;
    const end = at?.end ?? text.length;
    const found = new RegExp(`^[ \\t]*"?${last}"?[ \\t]*=`, 'm').exec(text.slice(start, end));
    return found ? text.slice(0, start + found.index).split('\n').length : null;
  },
  set(text, path, value) {
    const found = tableAt(text, path);
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    const next = found
      ? `${text.slice(0, found.start)}${value === undefined ? '' : written(path, value, eol)}${text.slice(found.end)}`
      : value === undefined
        ? text
        : `${text}${gapBefore(text, eol)}${written(path, value, eol)}`;
    const tidy = value === undefined && found ? withoutGap(next, found.start) : next;
    // Another way of writing the same table (dotted keys, an inline one) is not ours to take apart.
    if (JSON.stringify(toml.get(tidy, path)) !== JSON.stringify(value))
      throw new Error(`${path.join('.')} is written in a way that cannot be edited`);
    return tidy;
  },
};

const isTable = (value: unknown): value is TomlTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const HEADER = /^[ \t]*\[/;

/** From the table's header to the next header, trailing blank and comment lines left to what follows. */
function tableAt(text: string, path: readonly string[]): { start: number; end: number } | null {
  const keys = path.map((key) => `"?${key.replace(/[^\w-]/g, '\\$&')}"?`).join('[ \\t]*\\.[ \\t]*');
  const header = new RegExp(`^[ \\t]*\\[[ \\t]*${keys}[ \\t]*\\]`);
  let offset = 0;
  let start: number | null = null;
  let end = 0;
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    if (start !== null && HEADER.test(line)) break;
    if (start === null && header.test(line)) start = offset;
    offset += line.length;
    if (start !== null && !/^\s*(#.*)?$/.test(line)) end = offset;
  }
  return start === null ? null : { start, end };
}

function written(path: readonly string[], value: Value, eol: string): string {
  const body = stringify(value as TomlTable).trimEnd();
  return `[${path.join('.')}]\n${body}\n`.replaceAll('\n', eol);
}

const gapBefore = (text: string, eol: string): string =>
  text === '' ? '' : (text.endsWith('\n') ? '' : eol) + eol;

/** The blank line that was put in front of the table goes with it. */
function withoutGap(text: string, at: number): string {
  const before = text.slice(0, at);
  return /\n\r?\n$/.test(before) ? before.replace(/\r?\n$/, '') + text.slice(at) : text;
}
