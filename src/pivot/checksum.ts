const LETTERS = 11;

/** A text's checksum: `length` (at most 11) digits and lower-case letters, always the same for the same text. */
export function checksum(text: string, length: number): string {
  const high = fnv(text, 0x811c9dc5);
  const low = fnv(text, 0x1b873593) >>> 11;
  return (high * 2 ** 21 + low).toString(36).padStart(LETTERS, '0').slice(-length);
}

/** FNV-1a over UTF-16 units, from a basis of choice: two of them make 53 bits. */
function fnv(text: string, basis: number): number {
  let hash = basis;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
