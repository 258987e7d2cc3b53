/**
 * Steps over JSON in its bytes. Strings are jumped over with a native search, so a body of large texts costs far less than
 * JSON.parse. Linear in the length; nesting is bounded.
 */

/** Levels that values may nest below the object itself. */
const MAX_DEPTH = 128;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;

/** What each byte may be outside strings: 1 = white space, 2 = part of a literal or number. */
const CLASS = new Uint8Array(256);
for (const c of ' \t\r\n') CLASS[c.charCodeAt(0)] = 1;
for (const c of '0123456789+-.eEtrufalsn') CLASS[c.charCodeAt(0)] = 2;

const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

/** What stops a walk: bytes that are not JSON, or too much of it. */
export class Failure extends Error {
  constructor(
    readonly problem: 'not-an-object' | 'syntax' | 'too-deep',
    readonly offset: number,
  ) {
    super(problem);
  }
}

/** The offset of the first byte from here on that is no white space. */
export function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (CLASS[bytes[at] ?? 0] === 1) at++;
  return at;
}

/** Most strings are shorter, and a native search costs as much as looking at so many bytes. */
const NEAR = 32;

/** `at` is on the opening quote; answers the offset behind the closing one. @throws Failure */
export function skipString(bytes: Buffer, at: number): number {
  let end = at + 1;
  for (const far = end + NEAR; end < far; end++) {
    const c = bytes[end];
    if (c === QUOTE) return end + 1;
    if (c === BACKSLASH) end++;
  }
  for (; ; end++) {
    end = bytes.indexOf(QUOTE, end);
    if (end < 0) throw new Failure('syntax', at);
    let slashes = 0;
    while (bytes[end - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}

function skipLiteral(bytes: Buffer, at: number): number {
  let end = at;
  while (CLASS[bytes[end] ?? 0] === 2) end++;
  // Long enough for any number that means something; longer ones are not worth a regular expression.
  if (end === at || end - at > 400 || !LITERAL.test(bytes.toString('latin1', at, end)))
    throw new Failure('syntax', at);
  return end;
}

/** What may come next inside nested values: rows of the table below. */
const VALUE = 0;
const VALUE_OR_END = 1;
const KEY = 2;
const KEY_OR_END = 3;
const SEPARATOR_OR_END = 4;

/** What to do with a byte: the table's cells. Where nothing is said it does not belong there. */
const SPACE = 1;
const STRING = 2;
const LITERAL_START = 3;
const KEY_START = 4;
const OPEN = 5;
const NEXT = 6;
const CLOSE = 7;

/** Row * 256 + byte: what to do. A byte costs one look, where a chain of conditions would cost five. */
const TABLE = new Uint8Array(5 * 256);
function say(rows: readonly number[], bytes: string, action: number): void {
  for (const row of rows) for (const byte of Buffer.from(bytes)) TABLE[row * 256 + byte] = action;
}
say([VALUE, VALUE_OR_END, KEY, KEY_OR_END, SEPARATOR_OR_END], ' \t\r\n', SPACE);
say([VALUE, VALUE_OR_END], '"', STRING);
say([VALUE, VALUE_OR_END], '0123456789+-.eEtrufalsn', LITERAL_START);
say([VALUE, VALUE_OR_END], '{[', OPEN);
say([KEY, KEY_OR_END], '"', KEY_START);
say([SEPARATOR_OR_END], ',', NEXT);
say([KEY_OR_END, SEPARATOR_OR_END], '}', CLOSE);
say([VALUE_OR_END, SEPARATOR_OR_END], ']', CLOSE);

/** How strings may begin that somebody looks for; `found` = one does. */
export interface Marks {
  wanted: readonly Buffer[];
  found: boolean;
}

function lookForMarks(bytes: Buffer, at: number, marks: Marks): void {
  for (const mark of marks.wanted)
    if (bytes[at + 1] === mark[0] && mark.equals(bytes.subarray(at + 1, at + 1 + mark.length)))
      marks.found = true;
}

const inObject = (closers: readonly number[]): boolean => closers[closers.length - 1] === CLOSE_BRACE;
const behindOpening = (closers: readonly number[]): number => (inObject(closers) ? KEY_OR_END : VALUE_OR_END);
const behindComma = (closers: readonly number[]): number => (inObject(closers) ? KEY : VALUE);

/**
 * `at` is on an opening bracket; answers the offset behind its partner. Iterative: depth cannot exhaust the stack.
 * `closers` holds the bracket that each open level waits for.
 */
function skipNested(bytes: Buffer, from: number, marks: Marks): number {
  const closers: number[] = [];
  let row = VALUE;
  let at = from;
  do {
    const byte = bytes[at] ?? 0;
    switch (TABLE[row * 256 + byte]) {
      case SPACE:
        at++;
        break;
      case STRING:
        lookForMarks(bytes, at, marks);
        at = skipString(bytes, at);
        row = SEPARATOR_OR_END;
        break;
      case LITERAL_START:
        at = skipLiteral(bytes, at);
        row = SEPARATOR_OR_END;
        break;
      case KEY_START:
        at = skipKey(bytes, at);
        row = VALUE;
        break;
      case OPEN:
        if (closers.length >= MAX_DEPTH) throw new Failure('too-deep', at);
        // Behind each opening bracket of ASCII its partner comes two places later.
        closers.push(byte + 2);
        row = behindOpening(closers);
        at++;
        break;
      case NEXT:
        row = behindComma(closers);
        at++;
        break;
      case CLOSE:
        if (closers.pop() !== byte) throw new Failure('syntax', at);
        row = SEPARATOR_OR_END;
        at++;
        break;
      default:
        throw new Failure('syntax', at);
    }
  } while (closers.length > 0);
  return at;
}

/** A quoted key and its colon; answers the offset behind the colon. @throws Failure */
export function skipKey(bytes: Buffer, at: number): number {
  if (bytes[at] !== QUOTE) throw new Failure('syntax', at);
  const end = skipSpace(bytes, skipString(bytes, at));
  if (bytes[end] !== COLON) throw new Failure('syntax', end);
  return end + 1;
}

/** `at` is on the first byte of a value; answers the offset behind its last. @throws Failure */
export function skipValue(bytes: Buffer, at: number, marks: Marks): number {
  const c = bytes[at];
  if (c === QUOTE) return skipString(bytes, at);
  return c === OPEN_BRACE || c === OPEN_BRACKET ? skipNested(bytes, at, marks) : skipLiteral(bytes, at);
}
