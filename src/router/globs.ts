import { createMemo } from '../memo.ts';

/** What stands between two stars of a pattern. */
interface Part {
  text: string;
  /** It holds a `?`, which is any one character. */
  open: boolean;
}

/** A pattern, taken apart: `*` is anything, also nothing, and `?` one character. */
export interface Glob {
  first: Part;
  others: readonly Part[];
  /** null = the pattern has no star. */
  last: Part | null;
}

/** Patterns come from the configuration: there are few, and they are asked about again with every request. */
const MOST_KNOWN = 10_000;
const known = createMemo(MOST_KNOWN, takenApart);

const partOf = (text: string): Part => ({ text, open: text.includes('?') });

function takenApart(pattern: string): Glob {
  const [first = partOf(''), ...others] = pattern.toLowerCase().split('*').map(partOf);
  return { first, last: others.pop() ?? null, others };
}

/** Takes a pattern apart, once. Upper and lower case are one. */
export function globOf(pattern: string): Glob {
  return known.of(pattern);
}

/** Whether a part stands at a place of the text. */
function standsAt({ text: part, open }: Part, text: string, at: number): boolean {
  if (!open) return text.startsWith(part, at);
  for (let i = 0; i < part.length; i++) if (part[i] !== '?' && part[i] !== text[at + i]) return false;
  return at + part.length <= text.length;
}

/** The first place from `from` on where the part stands, or -1. */
function findPart(part: Part, text: string, from: number): number {
  if (!part.open) return text.indexOf(part.text, from);
  for (let at = from; at + part.text.length <= text.length; at++) if (standsAt(part, text, at)) return at;
  return -1;
}

/**
 * Whether a text in lower case is what the pattern says. Every part between two stars is looked for once and never again:
 * no pattern can make it slow.
 */
export function fits({ first, others, last }: Glob, lower: string): boolean {
  if (last === null) return lower.length === first.text.length && standsAt(first, lower, 0);
  if (!standsAt(first, lower, 0)) return false;
  let at = first.text.length;
  for (const part of others) {
    const found = findPart(part, lower, at);
    if (found < 0) return false;
    at = found + part.text.length;
  }
  const end = lower.length - last.text.length;
  return end >= at && standsAt(last, lower, end);
}

/** Whether a text is what a pattern says. */
export function matchesGlob(pattern: string, text: string): boolean {
  return fits(globOf(pattern), text.toLowerCase());
}
