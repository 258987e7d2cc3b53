import { isUtf8 } from 'node:buffer';
import type { PivotError } from '../pivot/index.ts';
import type { Frame, Protocol } from '../protocols/protocol.ts';
import { createCutter, framesOf, type Run } from '../sse.ts';
import { createFrameReader, type FrameReader } from './frame-reader.ts';
import type { Reading } from './reading.ts';
import { END_MARKER } from './signs.ts';
import { isUsageFrame } from './usage-frame.ts';

/** What becomes of a stream's bytes on their way to the client, and what they say. */
export interface Road {
  /** The bytes for the client: whole frames. */
  push(chunk: Buffer): Buffer[];
  /** So far; cheap, and one object: it changes while the stream goes on. */
  reading: Reading;
  /** Frames so far that said something: what only shows that the upstream lives is not counted. */
  told(): number;
  /** Why the stream cannot go on, although bytes come; null = it can. */
  broken(): PivotError | null;
  /** The bytes are over: what is left for the client. */
  finish(): Buffer[];
  /** What ends a stream that broke; empty when the client has read of it. Comes after `finish`. */
  errorFrame(error: PivotError): string;
}

/** A frame may not be longer than this. */
const MAX_FRAME = 16 * 1024 * 1024;

const ENDLESS_LINE: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_malformed',
  message: 'unorouter: the upstream sent a line without end',
};

/** Whether what is pending of a frame is too much. */
export function lineError(pending: number): PivotError | null {
  return pending > MAX_FRAME ? ENDLESS_LINE : null;
}

/** What the same-protocol road needs. */
export interface PassOptions {
  protocol: Protocol;
  /** Removes the frame that exists only because we asked for it (Chat). */
  dropUsageFrame: boolean;
  errorFrame(error: PivotError): string;
  /** Without our keys. */
  mask(text: string): string;
}

/**
 * Same protocol: bytes in, the same bytes out, as far as they are whole frames that can be read. Every frame is decoded,
 * so what the answer says is known; behind an error nothing passes.
 */
export function createPassRoad(options: PassOptions): Road {
  return new PassRoad(options);
}

class PassRoad implements Road {
  readonly reading: Reading;
  private readonly options: PassOptions;
  private readonly cutter = createCutter();
  private readonly reader: FrameReader;
  /** An error was told, by the wire or by us: nothing passes any more. */
  private over = false;
  private saidByWire = false;
  private needsBlankLine = false;

  constructor(options: PassOptions) {
    this.options = options;
    this.reader = createFrameReader(options.protocol);
    this.reading = this.reader.reading;
  }

  push(chunk: Buffer): Buffer[] {
    return this.over ? [] : this.carryAll(this.cutter.push(chunk));
  }

  told(): number {
    return this.reader.told();
  }

  broken(): PivotError | null {
    return this.reading.error ?? lineError(this.cutter.pending());
  }

  finish(): Buffer[] {
    if (this.over) return [];
    const left = this.cutter.end();
    this.needsBlankLine = framesOf(left).length > 0;
    const out = this.carryAll(left);
    if (this.over) return out;
    // The answer is whole but for its mark, without which clients take it for a broken one.
    const marker = this.reader.end() ? END_MARKER[this.options.protocol.id] : '';
    if (marker !== '') out.push(Buffer.from(this.needsBlankLine ? `\n\n${marker}` : marker));
    return out;
  }

  errorFrame(error: PivotError): string {
    if (this.reading.ended || this.saidByWire) return '';
    return `${this.needsBlankLine ? '\n\n' : ''}${this.options.errorFrame(error)}`;
  }

  private carryAll(runs: readonly Run[]): Buffer[] {
    const out: Buffer[] = [];
    for (const run of runs) this.carry(run, out);
    return out;
  }

  private carry(run: Run, out: Buffer[]): void {
    const { bytes, valid, ends } = run;
    const { reader, reading } = this;
    let kept = 0;
    let from = 0;
    for (const end of ends) {
      if (this.over) break;
      const before = reading.characters;
      const frame = reader.read(run, from, end);
      if (frame && !this.passes(frame, before, bytes.subarray(from, end))) {
        keep(bytes, kept, from, out);
        kept = end;
      } else if (!valid && !isUtf8(bytes.subarray(from, end))) {
        keep(bytes, kept, from, out);
        out.push(Buffer.from(bytes.toString('utf8', from, end)));
        kept = end;
      }
      from = end;
    }
    keep(bytes, kept, from, out);
  }

  /** Whether the bytes of a frame pass that had to be parsed. `before` = characters before it. */
  private passes(frame: Frame, before: number, bytes: Buffer): boolean {
    const { reading } = this;
    const { dropUsageFrame, mask } = this.options;
    if (reading.error) {
      const text = bytes.toString('utf8');
      this.over = true;
      this.saidByWire = reading.error.code !== 'upstream_malformed' && mask(text) === text;
      return this.saidByWire;
    }
    return !(dropUsageFrame && reading.characters === before && isUsageFrame(frame));
  }
}

/** These bytes go on as they are. */
function keep(bytes: Buffer, from: number, to: number, out: Buffer[]): void {
  if (to > from) out.push(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
}
