/** Whether a part of a pattern without stars stands at a place of the text. `?` is any one character. */
function standsAt(part: string, text: string, at: number): boolean {
  for (let i = 0; i < part.length; i++) if (part[i] !== '?' && part[i] !== text[at + i]) return false;
  return at + part.length <= text.length;
}

/** The first place from `from` on where the part stands, or -1. */
function findPart(part: string, text: string, from: number): number {
  if (!part.includes('?')) return text.indexOf(part, from);
  for (let at = from; at + part.length <= text.length; at++) if (standsAt(part, text, at)) return at;
  return -1;
}

/**
 * Whether a text is what a pattern with `*` (anything, also nothing) and `?` (one character) says; upper and lower case
 * are one. Every part between two stars is looked for once and never again: no pattern can make it slow.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const [first = '', ...others] = pattern.toLowerCase().split('*');
  const words = text.toLowerCase();
  const last = others.pop();
  if (last === undefined) return words.length === first.length && standsAt(first, words, 0);
  if (!standsAt(first, words, 0)) return false;
  let at = first.length;
  for (const part of others) {
    const found = findPart(part, words, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const end = words.length - last.length;
  return end >= at && standsAt(last, words, end);
}
