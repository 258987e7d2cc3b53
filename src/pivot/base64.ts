const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES: ReadonlyMap<string, number> = new Map([
  ...[...ALPHABET].map((letter, i) => [letter, i] as const),
  ['-', 62] as const,
  ['_', 63] as const,
]);

/** A text's UTF-8 bytes in base64 with padding: for wires on which opaque values must be base64. */
export function encodeBase64(text: string): string {
  return encodeBytes(utf8Bytes(text));
}

/** The bytes of several base64 texts as one. Pieces of a stream may each have a padding of their own. */
export function joinBase64(pieces: readonly string[]): string {
  const padded = pieces.slice(0, -1).some((piece) => piece.length % 4 !== 0 || piece.endsWith('='));
  return padded ? encodeBytes(pieces.flatMap((piece) => bytesOf(piece) ?? [])) : pieces.join('');
}

function encodeBytes(bytes: readonly number[]): string {
  let out = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.slice(at, at + 3);
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    out += letter(group >> 18) + letter(group >> 12);
    out += (b === undefined ? '=' : letter(group >> 6)) + (c === undefined ? '=' : letter(group));
  }
  return out;
}

/** The inverse, for both alphabets; undefined when it is no base64 or the bytes are no text. */
export function decodeBase64(base64: string): string | undefined {
  const bytes = bytesOf(base64);
  return bytes === undefined ? undefined : fromUtf8(bytes);
}

function bytesOf(base64: string): number[] | undefined {
  const letters = base64.replace(/={1,2}$/, '');
  const bytes: number[] = [];
  let group = 0;
  let bits = 0;
  for (const one of letters) {
    const value = VALUES.get(one);
    if (value === undefined) return undefined;
    group = ((group << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((group >> bits) & 0xff);
  }
  return bytes;
}

function letter(group: number): string {
  return ALPHABET.charAt(group & 63);
}

const REPLACEMENT = 0xfffd;

/** A text's bytes. */
export function utf8Bytes(text: string): number[] {
  const bytes: number[] = [];
  for (const one of text) {
    const said = one.codePointAt(0) ?? REPLACEMENT;
    // Half of a pair is no character: UTF-8 cannot say it.
    const point = said >= 0xd800 && said <= 0xdfff ? REPLACEMENT : said;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), tail(point));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
    else bytes.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
  }
  return bytes;
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

/** How many bytes follow a first byte, and which of its bits count. */
function lead(byte: number): { more: number; bits: number } | undefined {
  if (byte < 0x80) return { more: 0, bits: byte };
  if (byte >= 0xc2 && byte < 0xe0) return { more: 1, bits: byte & 0x1f };
  if (byte >= 0xe0 && byte < 0xf0) return { more: 2, bits: byte & 0x0f };
  return byte >= 0xf0 && byte < 0xf5 ? { more: 3, bits: byte & 0x07 } : undefined;
}

function fromUtf8(bytes: readonly number[]): string | undefined {
  const out: string[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const first = lead(bytes[at] ?? 0);
    if (!first) return undefined;
    let point = first.bits;
    for (let left = first.more; left > 0; left--) {
      const byte = bytes[++at];
      if (byte === undefined || (byte & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (byte & 0x3f);
    }
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    out.push(String.fromCodePoint(point));
  }
  return out.join('');
}
