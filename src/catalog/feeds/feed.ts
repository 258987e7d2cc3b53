import { saneRate } from '../rates.ts';

/** Longest names of models and providers in a list that somebody means. */
const MAX_NAME = 200;

export type Fields = Readonly<Record<string, unknown>>;

/** A list of prices that a public project keeps. Nobody's key is sent there. */
export interface Feed<T> {
  /** Also the name of its file in the cache. */
  id: string;
  url: string;
  /**
   * What a download says; a string = why it is not taken, in words. One price that nobody can mean spoils the whole list:
   * who knows what else is wrong in it.
   */
  read(json: unknown): T | string;
  /** The same as it lies on the disk, from whoever wrote it there: what nobody can mean is left out. */
  kept(json: unknown): T;
  /** How many models it has. */
  size(data: T): number;
}

/** An object with names of its own, or nothing. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The rows of an object that are some. Without a prototype: a name finds a row or nothing. */
export function rowsOf<T>(json: unknown, rowOf: (row: unknown) => T | undefined): Record<string, T> {
  const rows: Record<string, T> = Object.create(null);
  for (const [name, value] of Object.entries(fieldsOf(json))) {
    const row = rowOf(value);
    if (row !== undefined) rows[name] = row;
  }
  return rows;
}

export const isName = (value: string): boolean => value.length > 0 && value.length <= MAX_NAME;

/** A rate as lists write it: absent, or a number that can be meant; null = neither. */
export function rateIn(value: unknown, scale = 1): number | undefined | null {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') return null;
  return saneRate(Number((value * scale).toPrecision(12))) ?? null;
}

/** Why a list is not taken. */
export const nonsense = (model: string): string => `it has a price that nobody can mean, of ${model}`;
