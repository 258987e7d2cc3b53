import { isAscii, isUtf8 } from 'node:buffer';
import type { Frame } from './protocols/protocol.ts';

/** Whole frames that came together. What they say is read one by one, because most need not be read to be known. */
export interface Run {
  bytes: Buffer;
  /** The bytes as Latin-1: its offsets are those of bytes. */
  text: string;
  /** The bytes are valid UTF-8. */
  valid: boolean;
  /** Offsets behind the frames; each begins where the one before ends. */
  ends: readonly number[];
  /** The bytes between two offsets as they are meant. */
  string(from: number, to: number): string;
  /** What the frame between two offsets says; asked once, the first one first. null = nothing (comments, an array's brackets). */
  read(from: number, end: number): Frame | null;
}

/** Cuts an upstream's bytes into whole frames. Any chunking gives the same frames, and all runs together are the bytes that came. */
export interface Cutter {
  push(chunk: Buffer): Run[];
  /** The bytes are over: a last frame passes without its blank line if it is whole; half of one is dropped. */
  end(): Run[];
  /** Bytes of the frame that is not whole yet. */
  pending(): number;
}

/** How the frames of one kind of stream are told apart and read. Offsets are those of bytes: texts are Latin-1. */
interface Form {
  /** Offsets behind every frame that ends in this text. `before` = the last characters of what is pending. */
  ends(text: string, before: string): number[];
  /** What a whole frame says. */
  read(text: string): Frame | null;
  /** What is left at the end of the bytes: what it says, or undefined when it is only half of something. */
  rest(text: string): Frame | null | undefined;
}

/** A blank line may begin this many characters before a chunk: CR LF CR. */
const REACH = 3;

/**
 * A cutter for Server-Sent Events (WHATWG HTML 9.2) and for Gemini's JSON-array stream, told apart by the first
 * character that is not white space.
 */
export function createCutter(): Cutter {
  let form: Form | null = null;
  let waiting: Buffer[] = [];
  let size = 0;
  let before = '';

  function keep(bytes: Buffer, text: string): void {
    waiting.push(bytes);
    size += bytes.length;
    before = (before + text.slice(-REACH)).slice(-REACH);
  }

  function take(last?: Buffer): Buffer {
    const all = last === undefined ? waiting : [...waiting, last];
    waiting = [];
    size = 0;
    before = '';
    return all.length === 1 && all[0] ? all[0] : Buffer.concat(all);
  }

  function cut(chunk: Buffer, by: Form): Run[] {
    const text = chunk.toString('latin1');
    const ends = by.ends(text, before);
    const last = ends.at(-1);
    if (last === undefined) {
      keep(chunk, text);
      return [];
    }
    const runs: Run[] = [];
    let from = 0;
    if (size > 0) {
      // The frame that began in earlier chunks.
      from = ends.shift() ?? 0;
      const bytes = take(chunk.subarray(0, from));
      runs.push(runOf(bytes, bytes.toString('latin1'), [bytes.length], by));
    }
    if (last > from) {
      const offsets = from === 0 ? ends : ends.map((at) => at - from);
      runs.push(runOf(between(chunk, from, last), text.slice(from, last), offsets, by));
    }
    if (last < chunk.length) keep(chunk.subarray(last), text.slice(last));
    return runs;
  }

  return {
    push(chunk) {
      if (form) return cut(chunk, form);
      const first = /[^\s]/.exec(chunk.toString('latin1').replace(BOM_BYTES, ''));
      if (!first) {
        keep(chunk, '');
        return [];
      }
      form = first[0] === '[' ? createArrayForm() : createEventForm();
      return cut(take(chunk), form);
    },
    end() {
      if (size === 0) return [];
      const bytes = take();
      form ??= createEventForm();
      const frame = form.rest(bytes.toString('utf8'));
      if (frame === undefined) return [];
      return [{ ...runOf(bytes, bytes.toString('latin1'), [bytes.length], form), read: () => frame }];
    },
    pending: () => size,
  };
}

function between(bytes: Buffer, from: number, to: number): Buffer {
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

/** `text` = the bytes as Latin-1. */
function runOf(bytes: Buffer, text: string, ends: readonly number[], form: Form): Run {
  const ascii = isAscii(bytes);
  const string: Run['string'] = (from, to) =>
    ascii ? text.slice(from, to) : bytes.toString('utf8', from, to);
  const read: Run['read'] = (from, end) => form.read(string(from, end));
  return { bytes, text, valid: ascii || isUtf8(bytes), ends, string, read };
}

/** Cuts an upstream's bytes into frames and forgets the bytes. */
export interface FrameParser {
  push(chunk: Uint8Array): Frame[];
  /** The bytes are over: gives a last event even without its blank line, if it is whole. */
  end(): Frame[];
}

/** A cutter for those who only want to know what the frames say. Invalid UTF-8 becomes U+FFFD. */
export function createFrameParser(): FrameParser {
  const cutter = createCutter();
  return {
    push: (chunk) => framesOf(cutter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end: () => framesOf(cutter.end()),
  };
}

/** What runs say. */
export function framesOf(runs: readonly Run[]): Frame[] {
  const frames: Frame[] = [];
  for (const run of runs) {
    let from = 0;
    for (const end of run.ends) {
      const frame = run.read(from, end);
      if (frame) frames.push(frame);
      from = end;
    }
  }
  return frames;
}

/** A byte order mark, read as Latin-1. */
const BOM_BYTES = /^\xef\xbb\xbf/;
/** Two ends of lines in a row. A CR whose LF may still come ends its line only where no LF was used before. */
const BLANK_LINE = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))/g;
const LINE_END = /\r\n|\n|\r/;

function createEventForm(): Form {
  let first = true;

  function blankFrom(text: string, from: number): number {
    BLANK_LINE.lastIndex = from;
    const found = BLANK_LINE.exec(text);
    if (!found) return -1;
    const end = found.index + found[0].length;
    const open = end === text.length && found[0].endsWith('\r') && found[0] !== '\r\r';
    return open ? -1 : end;
  }

  /** Where the blank line ends that began before the text; -1 = none did. Offsets are those of the text. */
  function straddling(text: string, before: string): number {
    if (!/[\r\n]$/.test(before)) return -1;
    // Of the text only what can belong to that blank line, and a character that says where it ends.
    return blankFrom(before + text.slice(0, REACH + 1), 0) - before.length;
  }

  function read(text: string): Frame | null {
    const plain = first ? text.replace(/^\ufeff/, '') : text;
    first = false;
    return readEvent(plain);
  }

  return {
    ends(text, before) {
      const early = straddling(text, before);
      const ends = early < 0 ? [] : [early];
      const from = Math.max(0, early);
      if (text.includes('\r')) {
        for (let at = blankFrom(text, from); at >= 0; at = blankFrom(text, at)) ends.push(at);
        return ends;
      }
      for (let at = text.indexOf('\n\n', from); at >= 0; at = text.indexOf('\n\n', at + 2)) ends.push(at + 2);
      return ends;
    },
    read,
    rest(text) {
      const frame = read(text);
      if (frame) return isWhole(frame.data) ? frame : undefined;
      return /[\r\n\ufeff]$/.test(text) ? null : undefined;
    },
  };
}

function isWhole(data: string): boolean {
  if (data.trim() === '[DONE]') return true;
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}

/** The fields of one event: what is no data, no name and no error says nothing. */
function readEvent(text: string): Frame | null {
  const end = text.indexOf('\n');
  // By far the most: one line of data.
  if (text.startsWith('data:') && end === text.length - 2 && text.charCodeAt(end - 1) !== 13)
    return frameOf({ data: behind(text.slice(0, end), 4) });
  const fields: Fields = {};
  for (const line of text.includes('\r') ? text.split(LINE_END) : text.split('\n')) addLine(fields, line);
  return fields.error === undefined ? frameOf(fields) : { event: 'error', data: fields.error };
}

/** The fields of an event that mean something here. */
interface Fields {
  event?: string;
  data?: string;
  /** Some servers write `error: {...}` as if it were a field. */
  error?: string;
}

function addLine(fields: Fields, line: string): void {
  const colon = line.indexOf(':');
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : behind(line, colon);
  if (field === 'data') fields.data = fields.data === undefined ? value : `${fields.data}\n${value}`;
  else if (field === 'event') fields.event = value;
  else if (field === 'error') fields.error = value;
}

/** What stands behind a field's colon, without the one space that may follow it. */
function behind(line: string, colon: number): string {
  return line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1);
}

/** An event without data is none (WHATWG HTML 9.2.6). */
function frameOf({ event, data = '' }: Fields): Frame | null {
  if (data === '') return null;
  return event ? { event, data } : { data };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Top-level elements of a JSON array, each as a frame. Looks at every character once. */
function createArrayForm(): Form {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let first = true;

  function inText(c: number): void {
    if (escaped) escaped = false;
    else if (c === BACKSLASH) escaped = true;
    else if (c === QUOTE) inString = false;
  }

  /** Notes one character; true when it closes an element, or the array. */
  function closes(c: number): boolean {
    if (inString) inText(c);
    else if (c === QUOTE) inString = true;
    else if (OPENING.has(c)) depth++;
    else if (CLOSING.has(c)) return --depth <= 1;
    return false;
  }

  function read(text: string): Frame | null {
    const element = (first ? text.replace(/^[^[]*\[/, '') : text).replace(/^[\s,]+/, '');
    first = false;
    return element === ']' ? null : { data: element };
  }

  return {
    ends(text) {
      const ends: number[] = [];
      for (let i = 0; i < text.length; i++) if (closes(text.charCodeAt(i))) ends.push(i + 1);
      return ends;
    },
    read,
    rest: (text) => (depth <= 0 && text.trim() === '' ? null : undefined),
  };
}
