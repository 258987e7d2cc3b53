/**
 * Finds the top-level members of a JSON object in its bytes without building the object: the gateway reads `model` and
 * `stream` and splices single values, and everything else leaves as it came. Strings are jumped over with a native
 * search, so a body of large texts costs far less than JSON.parse. Linear in the length; nesting is bounded.
 *
 * It checks structure (brackets, commas, literals, numbers' characters); it does not check escapes inside strings:
 * whoever finally parses the body will.
 */

/** Byte range of one member: its key (quote included), its value. */
export interface Member {
  keyStart: number;
  start: number;
  /** Exclusive. */
  end: number;
}

/** A scanned object. `members` keeps the last of duplicate keys, as JSON.parse does. */
export interface ScannedObject {
  members: ReadonlyMap<string, Member>;
  /** Offset just behind the opening brace: the place to add a member. */
  inside: number;
  /** Keys that occur more than once. */
  duplicates: ReadonlySet<string>;
  /** A string within the members' values begins with one of the marks that were looked for. */
  marked: boolean;
}

/** Why the bytes are not one JSON object, and where. */
export interface ScanProblem {
  problem: 'not-an-object' | 'syntax' | 'too-deep';
  offset: number;
}

/** Levels that values may nest below the object itself. */
const MAX_DEPTH = 128;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** What each byte may be outside strings: 1 = white space, 2 = part of a literal or number. */
const CLASS = new Uint8Array(256);
for (const c of ' \t\r\n') CLASS[c.charCodeAt(0)] = 1;
for (const c of '0123456789+-.eEtrufalsn') CLASS[c.charCodeAt(0)] = 2;

const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

class Failure extends Error {
  constructor(
    readonly problem: ScanProblem['problem'],
    readonly offset: number,
  ) {
    super(problem);
  }
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (CLASS[bytes[at] ?? 0] === 1) at++;
  return at;
}

/** Most strings are shorter, and a native search costs as much as looking at so many bytes. */
const NEAR = 32;

/** `at` is on the opening quote; answers the offset behind the closing one. */
function skipString(bytes: Buffer, at: number): number {
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
interface Marks {
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

/** A quoted key and its colon; answers the offset behind the colon. */
function skipKey(bytes: Buffer, at: number): number {
  if (bytes[at] !== QUOTE) throw new Failure('syntax', at);
  const end = skipSpace(bytes, skipString(bytes, at));
  if (bytes[end] !== COLON) throw new Failure('syntax', end);
  return end + 1;
}

function skipValue(bytes: Buffer, at: number, marks: Marks): number {
  const c = bytes[at];
  if (c === QUOTE) return skipString(bytes, at);
  return c === OPEN_BRACE || c === OPEN_BRACKET ? skipNested(bytes, at, marks) : skipLiteral(bytes, at);
}

function keyText(bytes: Buffer, start: number, end: number): string {
  const raw = bytes.toString('utf8', start + 1, end - 1);
  if (!raw.includes('\\')) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    throw new Failure('syntax', start);
  }
}

/**
 * Scans the members of one JSON object.
 * @param wanted beginnings of strings that are looked for in passing: another walk through the bytes would cost as much
 */
export function scanObject(bytes: Buffer, wanted: readonly Buffer[] = []): ScannedObject | ScanProblem {
  const marks: Marks = { wanted, found: false };
  const members = new Map<string, Member>();
  const duplicates = new Set<string>();
  try {
    // A byte order mark is not JSON, but JSON.parse-based servers see it from some editors' scripts.
    let at = skipSpace(bytes, bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
    if (bytes[at] !== OPEN_BRACE) return { problem: 'not-an-object', offset: at };
    const inside = at + 1;
    at = skipSpace(bytes, inside);
    if (bytes[at] === CLOSE_BRACE)
      return ended(bytes, at + 1, { members, inside, duplicates, marked: marks.found });
    for (;;) {
      const keyStart = skipSpace(bytes, at);
      const start = skipSpace(bytes, skipKey(bytes, keyStart));
      const end = skipValue(bytes, start, marks);
      const key = keyText(bytes, keyStart, skipString(bytes, keyStart));
      if (members.has(key)) duplicates.add(key);
      members.set(key, { keyStart, start, end });
      at = skipSpace(bytes, end);
      if (bytes[at] === CLOSE_BRACE)
        return ended(bytes, at + 1, { members, inside, duplicates, marked: marks.found });
      if (bytes[at] !== COMMA) return { problem: 'syntax', offset: at };
      at++;
    }
  } catch (failure) {
    if (failure instanceof Failure) return { problem: failure.problem, offset: failure.offset };
    throw failure;
  }
}

/** Behind the object only white space may follow. */
function ended(bytes: Buffer, from: number, scanned: ScannedObject): ScannedObject | ScanProblem {
  const at = skipSpace(bytes, from);
  return at === bytes.length ? scanned : { problem: 'syntax', offset: at };
}

/** Byte ranges of the entries of a list that stands in a scanned object; a value that is no list is one entry. */
export function entriesOf(bytes: Buffer, { start, end }: Member): { start: number; end: number }[] {
  const marks: Marks = { wanted: [], found: false };
  if (bytes[start] !== OPEN_BRACKET) return [{ start, end }];
  const entries: { start: number; end: number }[] = [];
  let at = skipSpace(bytes, start + 1);
  while (bytes[at] !== CLOSE_BRACKET) {
    const behind = skipValue(bytes, at, marks);
    entries.push({ start: at, end: behind });
    at = skipSpace(bytes, behind);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
  }
  return entries;
}

/** The value of a member as JSON, or undefined when absent or not parsable. For small values only. */
export function memberValue(bytes: Buffer, scanned: ScannedObject, key: string): unknown {
  const member = scanned.members.get(key);
  if (!member) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8', member.start, member.end));
  } catch {
    return undefined;
  }
}

/** One change of a byte range. An empty range inserts. */
export interface Splice {
  start: number;
  end: number;
  text: string;
}

/** A body that is smaller is copied: that costs less than sending its parts one by one. */
const PARTS_FROM_BYTES = 64 * 1024;

/**
 * The bytes with the changes made; every other byte is the original's, and of a large body it is not even copied. Splices
 * must not overlap.
 */
export function splice(bytes: Buffer, changes: readonly Splice[]): Buffer[] {
  if (changes.length === 0) return [bytes];
  const parts: Buffer[] = [];
  let from = 0;
  for (const change of [...changes].sort((a, b) => a.start - b.start)) {
    parts.push(bytes.subarray(from, change.start), Buffer.from(change.text));
    from = change.end;
  }
  parts.push(bytes.subarray(from));
  return bytes.length < PARTS_FROM_BYTES ? [Buffer.concat(parts)] : parts.filter(({ length }) => length > 0);
}
