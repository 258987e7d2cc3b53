import { usageError } from '../usage-error.ts';
import { UNSEEN } from './text.ts';

/** One row of an answer for programs. */
export type MachineRow = Readonly<Record<string, unknown>>;

/**
 * Rows reduced to the fields that `--json=a,b` names, in that order; no names = every field.
 * @throws UserError (exit 2) listing the fields when one is not known. `known` is for answers that may be empty.
 */
export function jsonFields(
  rows: readonly MachineRow[],
  fields: readonly string[],
  known: readonly string[] = [...new Set(rows.flatMap((row) => Object.keys(row)))],
): MachineRow[] {
  if (fields.length === 0) return [...rows];
  const strange = known.length > 0 ? fields.find((field) => !known.includes(field)) : undefined;
  if (strange !== undefined)
    throw usageError(`"${strange}" is no field of this answer`, `fields: ${known.join(', ')}`);
  return rows.map((row) => Object.fromEntries(fields.map((field) => [field, row[field] ?? null])));
}

/** The text of a JSON answer, made for people to read and for programs to parse. */
export function jsonText(value: unknown): string {
  return `${escaped(JSON.stringify(value, null, 2))}\n`;
}

/** One line of JSON Lines. */
export function jsonLine(value: unknown): string {
  return `${escaped(JSON.stringify(value))}\n`;
}

const PLAIN_LINES = /^[\x20-\x7e\n]*$/;

/** JSON may hold characters that a terminal obeys or hides; as escapes they mean the same to a parser. */
function escaped(json: string): string {
  if (PLAIN_LINES.test(json)) return json;
  return json.replace(UNSEEN, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()]
          .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}

/**
 * RFC 4180 with a header line. Text that a spreadsheet would run as a formula (`=`, `+`, `-`, `@` first) gets an
 * apostrophe in front, numbers do not. Nested values are JSON.
 */
export function csv(
  rows: readonly MachineRow[],
  columns: readonly string[] = Object.keys(rows[0] ?? {}),
): string {
  const lines = rows.map((row) => columns.map((column) => csvCell(row[column])));
  return [columns.map(csvCell), ...lines].map((cells) => `${cells.join(',')}\r\n`).join('');
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const defused = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']|^\s|\s$/.test(defused) ? `"${defused.replaceAll('"', '""')}"` : defused;
}
