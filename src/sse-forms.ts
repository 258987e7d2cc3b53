import type { Frame } from './protocols/protocol.ts';

/** How the frames of one kind of stream are told apart and read. Offsets are those of bytes: texts are Latin-1. */
export interface Form {
  /** Offsets behind every frame that ends in this text. `before` = the last characters of what is pending. */
  ends(text: string, before: string): number[];
  /** What a whole frame says. */
  read(text: string): Frame | null;
  /** What is left at the end of the bytes: what it says, or undefined when it is only half of something. */
  rest(text: string): Frame | null | undefined;
}

/** A blank line may begin this many characters before a chunk: CR LF CR. */
export const REACH = 3;

/** Two ends of lines in a row. A CR whose LF may still come ends its line only where no LF was used before. */
const BLANK_LINE = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))/g;
const LINE_END = /\r\n|\n|\r/;

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

/** Server-Sent Events (WHATWG HTML 9.2). */
export function createEventForm(): Form {
  return new EventForm();
}

class EventForm implements Form {
  private first = true;

  ends(text: string, before: string): number[] {
    const early = straddling(text, before);
    const ends = early < 0 ? [] : [early];
    const from = Math.max(0, early);
    if (text.includes('\r')) {
      for (let at = blankFrom(text, from); at >= 0; at = blankFrom(text, at)) ends.push(at);
      return ends;
    }
    for (let at = text.indexOf('\n\n', from); at >= 0; at = text.indexOf('\n\n', at + 2)) ends.push(at + 2);
    return ends;
  }

  read(text: string): Frame | null {
    const plain = this.first ? text.replace(/^\ufeff/, '') : text;
    this.first = false;
    return readEvent(plain);
  }

  rest(text: string): Frame | null | undefined {
    const frame = this.read(text);
    if (frame) return isWhole(frame.data) ? frame : undefined;
    return /[\r\n\ufeff]$/.test(text) ? null : undefined;
  }
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
export function createArrayForm(): Form {
  return new ArrayForm();
}

class ArrayForm implements Form {
  private depth = 0;
  private inString = false;
  private escaped = false;
  private first = true;

  ends(text: string): number[] {
    const ends: number[] = [];
    for (let i = 0; i < text.length; i++) if (this.closes(text.charCodeAt(i))) ends.push(i + 1);
    return ends;
  }

  read(text: string): Frame | null {
    const element = (this.first ? text.replace(/^[^[]*\[/, '') : text).replace(/^[\s,]+/, '');
    this.first = false;
    return element === ']' ? null : { data: element };
  }

  rest(text: string): null | undefined {
    return this.depth <= 0 && text.trim() === '' ? null : undefined;
  }

  /** Notes one character; true when it closes an element, or the array. */
  private closes(c: number): boolean {
    if (this.inString) this.inText(c);
    else if (c === QUOTE) this.inString = true;
    else if (OPENING.has(c)) this.depth++;
    else if (CLOSING.has(c)) return --this.depth <= 1;
    return false;
  }

  private inText(c: number): void {
    if (this.escaped) this.escaped = false;
    else if (c === BACKSLASH) this.escaped = true;
    else if (c === QUOTE) this.inString = false;
  }
}
