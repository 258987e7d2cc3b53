import type { PivotError } from '../pivot/index.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { createUsageFrameFilter } from './frame-filter.ts';
import type { Reading } from './reading.ts';
import { createTap } from './tap.ts';

/** What becomes of a stream's bytes on their way to the client, and what they say. */
export interface Road {
  /** The bytes for the client. */
  push(chunk: Buffer): Buffer[];
  /** Content, an error or the end was seen: the stream is worth committing to (or failing). */
  decided(): boolean;
  /** So far; cheap, for live rows. */
  soFar(): Reading;
  /** The answer is over, although the connection is not. */
  atEnd(): boolean;
  /** Why the stream cannot go on, although bytes come; null = it can. */
  broken(): PivotError | null;
  /** The bytes are over: what is left for the client, and what they said. */
  finish(): { pieces: Buffer[]; reading: Reading };
  /** What ends a stream that broke; empty when the client has read of it. Comes after `finish`. */
  errorFrame(error: PivotError): string;
  /** What says nothing but that we are alive; null = the upstream's own signs of life pass. */
  keepAlive: string | null;
}

/** A stream may not have a line longer than this. */
const MAX_UNREAD = 16 * 1024 * 1024;

/** Counts the bytes without one readable event: a line of that length has no end. */
export function createLineWatch(): { saw(bytes: number, event: boolean): void; broken(): PivotError | null } {
  let unread = 0;
  return {
    saw(bytes, event) {
      unread = event ? 0 : unread + bytes;
    },
    broken: () =>
      unread <= MAX_UNREAD
        ? null
        : {
            kind: 'malformed',
            status: 502,
            code: 'upstream_malformed',
            message: 'unorouter: the upstream sent a line without end',
          },
  };
}

/** Same protocol: bytes in, the same bytes out. A tap reads a copy. */
export function createPassRoad(options: {
  protocol: Protocol;
  dropUsageFrame: boolean;
  /** Not generated text: has no events, so lines of any length pass. */
  unread: boolean;
  errorFrame(error: PivotError): string;
}): Road {
  const tap = createTap(options.protocol);
  const filter = options.dropUsageFrame ? createUsageFrameFilter() : null;
  const lines = createLineWatch();
  let watched = !options.unread;
  let reading: Reading | null = null;

  return {
    push(chunk) {
      tap.push(chunk);
      // Behind the first content nothing is kept, so nothing can grow.
      if (watched) {
        watched = !tap.soFar().content;
        lines.saw(chunk.length, !watched);
      }
      return filter?.push(chunk) ?? [chunk];
    },
    decided: tap.decided,
    soFar: tap.soFar,
    atEnd: tap.atEnd,
    broken: lines.broken,
    finish() {
      reading = tap.finish();
      return { pieces: filter?.end() ?? [], reading };
    },
    errorFrame: (error) =>
      reading?.ended || (reading && saidByWire(reading)) ? '' : options.errorFrame(error),
    keepAlive: null,
  };
}

/** The client has read of the error: the upstream's own frame went through. What we could not read is no such frame. */
function saidByWire({ error }: Reading): boolean {
  return error !== null && error.code !== 'upstream_malformed';
}
