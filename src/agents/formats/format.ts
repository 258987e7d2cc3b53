import type { Value } from '../types.ts';

/** How settings are read and written in one language, as text: what is not asked for keeps every byte. */
export interface Format {
  /** Why a text cannot be edited; null = it can. */
  problem(text: string): string | null;
  /** The value at a path; undefined = not there. */
  get(text: string, path: readonly string[]): Value | undefined;
  /** Where it is written, counted from 1; null = not there. */
  line(text: string, path: readonly string[]): number | null;
  /** The text with one value set, or with undefined taken away (with what would be left empty around it). */
  set(text: string, path: readonly string[], value: Value | undefined): string;
}
