import { isUtf8 } from 'node:buffer';
import type { PivotError } from '../pivot/index.ts';
import type { Frame, Protocol } from '../protocols/protocol.ts';
import { createCutter, framesOf, type Run } from '../sse.ts';
import { createFrameReader } from './frame-reader.ts';
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
export function createPassRoad({ protocol, dropUsageFrame, errorFrame, mask }: PassOptions): Road {
  const cutter = createCutter();
  const reader = createFrameReader(protocol);
  const { reading, told } = reader;
  /** An error was told, by the wire or by us: nothing passes any more. */
  let over = false;
  let saidByWire = false;
  let needsBlankLine = false;

  /** Whether the bytes of a frame pass that had to be parsed. `before` = characters before it, `text` = its own. */
  function passes(frame: Frame, before: number, text: () => string): boolean {
    if (reading.error) {
      over = true;
      saidByWire = reading.error.code !== 'upstream_malformed' && mask(text()) === text();
      return saidByWire;
    }
    return !(dropUsageFrame && reading.characters === before && isUsageFrame(frame));
  }

  function carry(run: Run, out: Buffer[]): void {
    const { bytes, valid, ends } = run;
    let kept = 0;
    let from = 0;
    const keep = (to: number): void => {
      if (to > kept) out.push(kept === 0 && to === bytes.length ? bytes : bytes.subarray(kept, to));
      kept = to;
    };
    for (const end of ends) {
      if (over) break;
      const start = from;
      const before = reading.characters;
      const frame = reader.read(run, start, end);
      if (frame && !passes(frame, before, () => bytes.toString('utf8', start, end))) {
        keep(start);
        kept = end;
      } else if (!valid && !isUtf8(bytes.subarray(start, end))) {
        keep(start);
        out.push(Buffer.from(bytes.toString('utf8', start, end)));
        kept = end;
      }
      from = end;
    }
    keep(from);
  }

  function carryAll(runs: readonly Run[]): Buffer[] {
    const out: Buffer[] = [];
    for (const run of runs) carry(run, out);
    return out;
  }

  return {
    push: (chunk) => (over ? [] : carryAll(cutter.push(chunk))),
    reading,
    told,
    broken: () => reading.error ?? lineError(cutter.pending()),
    finish() {
      if (over) return [];
      const left = cutter.end();
      needsBlankLine = framesOf(left).length > 0;
      const out = carryAll(left);
      if (over) return out;
      // The answer is whole but for its mark, without which clients take it for a broken one.
      const marker = reader.end() ? END_MARKER[protocol.id] : '';
      if (marker !== '') out.push(Buffer.from(needsBlankLine ? `\n\n${marker}` : marker));
      return out;
    },
    errorFrame: (error) =>
      reading.ended || saidByWire ? '' : `${needsBlankLine ? '\n\n' : ''}${errorFrame(error)}`,
  };
}
