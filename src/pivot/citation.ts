import type { JsonObject } from './json.ts';

/** A place in an answer: code points of all its text blocks together, `end` exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** Where something in an answer's text comes from. */
export interface Citation {
  /** Absent: the source has no address (a document of the request, a file in the provider's store). */
  url?: string;
  title?: string;
  /** A file in the provider's store. */
  fileId?: string;
  /** The source's own words. */
  quote?: string;
  /** What it stands for; its whole block where the wire does not say. Absent: the block has no text. */
  span?: Span;
  /** The wire's own words for it, for that wire alone. */
  native: { origin: string; value: JsonObject };
}

const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g;

/** Code points of a text: what OpenAI's indices count, and unlike UTF-16 units the same in every language. */
export function codePoints(text: string): number {
  return text.length - (text.match(PAIRS)?.length ?? 0);
}

/** The index in UTF-16 units of a code point. */
export function unitAt(text: string, point: number): number {
  let unit = 0;
  for (let left = point; left > 0 && unit < text.length; left--)
    unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  return unit;
}

/** The words at a span. */
export function spanText(text: string, { start, end }: Span): string {
  return text.slice(unitAt(text, start), unitAt(text, end));
}

/** A span as a wire says it; undefined when it says none that makes sense. */
export function readSpan(start: unknown, end: unknown): Span | undefined {
  const known = Number.isInteger(start) && Number.isInteger(end);
  return known && Number(start) >= 0 && Number(start) < Number(end)
    ? { start: Number(start), end: Number(end) }
    : undefined;
}
