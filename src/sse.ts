import { isAscii, isUtf8 } from 'node:buffer';
import { keepShape } from './newest.ts';
import type { Frame } from './protocols/protocol.ts';
import { createArrayForm, createEventForm, type Form, REACH } from './sse-forms.ts';

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

/** A byte order mark, read as Latin-1. */
const BOM_BYTES = /^\xef\xbb\xbf/;
/**
 * A cutter for Server-Sent Events (WHATWG HTML 9.2) and for Gemini's JSON-array stream, told apart by the first
 * character that is not white space.
 */
export function createCutter(): Cutter {
  return new FrameCutter();
}

class FrameCutter implements Cutter {
  private form: Form | null = null;
  private waiting: Buffer[] = [];
  private size = 0;
  private before = '';

  push(chunk: Buffer): Run[] {
    if (this.form) return this.cut(chunk, this.form);
    const first = /[^\s]/.exec(chunk.toString('latin1').replace(BOM_BYTES, ''));
    if (!first) {
      this.keep(chunk, '');
      return [];
    }
    this.form = first[0] === '[' ? createArrayForm() : createEventForm();
    return this.cut(this.take(chunk), this.form);
  }

  end(): Run[] {
    if (this.size === 0) return [];
    const bytes = this.take();
    this.form ??= createEventForm();
    const frame = this.form.rest(bytes.toString('utf8'));
    if (frame === undefined) return [];
    return [runOf(bytes, bytes.toString('latin1'), [bytes.length], { read: () => frame })];
  }

  pending(): number {
    return this.size;
  }

  private keep(bytes: Buffer, text: string): void {
    this.waiting.push(bytes);
    this.size += bytes.length;
    this.before = (this.before + text.slice(-REACH)).slice(-REACH);
  }

  private take(last?: Buffer): Buffer {
    const all = last === undefined ? this.waiting : [...this.waiting, last];
    this.waiting = [];
    this.size = 0;
    this.before = '';
    return all.length === 1 && all[0] ? all[0] : Buffer.concat(all);
  }

  private cut(chunk: Buffer, by: Form): Run[] {
    const text = chunk.toString('latin1');
    const ends = by.ends(text, this.before);
    const last = ends.at(-1);
    if (last === undefined) {
      this.keep(chunk, text);
      return [];
    }
    const runs: Run[] = [];
    let from = 0;
    if (this.size > 0) {
      // The frame that began in earlier chunks.
      from = ends.shift() ?? 0;
      const bytes = this.take(chunk.subarray(0, from));
      runs.push(runOf(bytes, bytes.toString('latin1'), [bytes.length], by));
    }
    if (last > from) {
      const offsets = from === 0 ? ends : ends.map((at) => at - from);
      runs.push(runOf(between(chunk, from, last), text.slice(from, last), offsets, by));
    }
    if (last < chunk.length) this.keep(chunk.subarray(last), text.slice(last));
    return runs;
  }
}

function between(bytes: Buffer, from: number, to: number): Buffer {
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

/** `text` = the bytes as Latin-1. */
function runOf(bytes: Buffer, text: string, ends: readonly number[], form: Pick<Form, 'read'>): Run {
  return new WholeFrames(bytes, text, ends, form);
}

class WholeFrames implements Run {
  readonly bytes: Buffer;
  readonly text: string;
  readonly valid: boolean;
  readonly ends: readonly number[];
  private readonly ascii: boolean;
  private readonly form: Pick<Form, 'read'>;

  constructor(bytes: Buffer, text: string, ends: readonly number[], form: Pick<Form, 'read'>) {
    this.bytes = bytes;
    this.text = text;
    this.ends = ends;
    this.form = form;
    this.ascii = isAscii(bytes);
    this.valid = this.ascii || isUtf8(bytes);
  }

  string(from: number, to: number): string {
    return this.ascii ? this.text.slice(from, to) : this.bytes.toString('utf8', from, to);
  }

  read(from: number, end: number): Frame | null {
    return this.form.read(this.string(from, end));
  }
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

keepShape(runOf(Buffer.alloc(0), '', [], createEventForm()));
