import { Failure, type Marks, skipKey, skipSpace, skipString, skipValue } from './json-walk.ts';

/**
 * Finds the top-level members of a JSON object in its bytes without building the object: the gateway reads `model` and
 * `stream` and splices single values, and everything else leaves as it came.
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
  problem: Failure['problem'];
  offset: number;
}

const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

function keyText(bytes: Buffer, start: number, end: number): string {
  const raw = bytes.toString('utf8', start + 1, end - 1);
  if (!raw.includes('\\')) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    throw new Failure('syntax', start);
  }
}

const NO_KEYS: ReadonlySet<string> = new Set();

/**
 * Scans the members of one JSON object.
 * @param wanted beginnings of strings that are looked for in passing: another walk through the bytes would cost as much
 */
export function scanObject(bytes: Buffer, wanted: readonly Buffer[] = []): ScannedObject | ScanProblem {
  const marks: Marks = { wanted, found: false };
  const members = new Map<string, Member>();
  let duplicates = NO_KEYS;
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
      if (members.has(key)) duplicates = new Set([...duplicates, key]);
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
