/** Reading of JSON that somebody else wrote: what is not as expected is not there. */
export type Json = Readonly<Record<string, unknown>>;

const NANO = 1_000_000_000;
const DAY_TEXT = 10;

export const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A number, also one that is written as text; null = it is none. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'string' && value.trim() === '') return null;
  const number = typeof value === 'string' ? Number(value.replace(/[$,\s]/g, '')) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** US dollars as nano-dollars. */
export function nanoOf(value: unknown, perUnit = 1): number | null {
  const number = numberOf(value);
  return number === null ? null : Math.round(number * perUnit * NANO);
}

/** The UTC day of a time in ms. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, DAY_TEXT);

/** Several counts, as far as they are there; null = none of them is. */
export function sumOf(...values: unknown[]): number | null {
  const known = values.map(numberOf).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** The cursor behind a page, in the two vendors' common form. */
export const nextOf = ({ has_more: more, next_page: next }: Json): string | null =>
  more === true && typeof next === 'string' ? next : null;
