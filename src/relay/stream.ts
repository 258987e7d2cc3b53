import type { PivotError } from '../pivot/index.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Sink, UpstreamResponse } from '../upstream/index.ts';
import { createUsageFrameFilter } from './frame-filter.ts';
import { createTap, type Reading } from './tap.ts';
import type { Client } from './types.ts';

/** How a stream ended. `failed` = nothing reached the client, so another attempt is possible. */
export type StreamEnd =
  | { type: 'ended'; reading: Reading; cut: PivotError | null }
  | { type: 'failed'; error: PivotError };

/** What passing a stream through needs. */
export interface StreamPass {
  protocol: Protocol;
  response: UpstreamResponse;
  client: Client;
  dropUsageFrame: boolean;
  /** No commit point: the first byte goes out (answers that are not generated text). */
  commitAtOnce: boolean;
  /** Sends the head; called once, right before the first byte. */
  commit(): void;
  /** First content went to the client. */
  onContent(): void;
  /** Now and then while content arrives. */
  onProgress(reading: Reading): void;
  /** A failure on the wire in the words that a client may see. */
  describe(error: Error): PivotError;
  /** The frame that ends a stream that broke. */
  errorFrame(error: PivotError): string;
}

/** Silent streams are committed after this long, so that a client sees headers and the upstream's own pings. */
const SOFT_COMMIT_MS = 10_000;
/** Bytes held back before the commit at most. */
const MAX_HELD = 1024 * 1024;
/** Bytes without one readable event at most: a line of this length has no end. */
const MAX_UNREAD = 16 * 1024 * 1024;
/** How often live rows hear of a running stream. */
const PROGRESS_MS = 500;
/** Ticks without a byte after which a look at the end is worth its price. */
const QUIET_TICKS = 2;

const NO_CONTENT: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_malformed',
  message: 'unorouter: the upstream ended its stream without an answer',
};
const ENDLESS: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_malformed',
  message: 'unorouter: the upstream sent a line without end',
};
const CUT: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_cut',
  message: 'unorouter: the upstream broke off in the middle of its answer',
};

/**
 * Same protocol, streamed: bytes in, the same bytes out. Nothing reaches the client before the commit point (the first
 * content-bearing event), so that a stream which begins with an error can still be retried; afterwards nothing is held.
 */
export function passStream(pass: StreamPass): Promise<StreamEnd> {
  return new Promise((resolve) => {
    const { body } = pass.response;
    const output = createOutput(pass);
    const tap = createTap(pass.protocol);
    const filter = pass.dropUsageFrame ? createUsageFrameFilter() : null;
    let settled = false;
    let contentSeen = false;
    let quiet = 0;
    let unread = 0;
    const soft = setTimeout(() => output.commit(), SOFT_COMMIT_MS);
    const progress = setInterval(() => {
      if (!contentSeen) return;
      pass.onProgress(tap.soFar());
      // Some servers keep the connection open behind the end marker.
      if (++quiet === QUIET_TICKS && tap.atEnd()) breakOff(null);
    }, PROGRESS_MS);

    function settle(end: StreamEnd): void {
      if (settled) return;
      settled = true;
      clearTimeout(soft);
      clearInterval(progress);
      resolve(end);
    }

    function fail(error: PivotError): void {
      body.abort();
      settle({ type: 'failed', error });
    }

    function finish(wireError: PivotError | null): void {
      for (const piece of filter?.end() ?? []) output.write(piece);
      const reading = tap.finish();
      const cut = pass.commitAtOnce ? wireError : brokenBy(reading, wireError, output.committed());
      if (cut && !output.committed()) {
        fail(cut);
        return;
      }
      output.commit();
      if (cut && !saidByWire(reading) && !reading.ended) output.breakOff(pass.errorFrame(cut));
      pass.client.end();
      settle({ type: 'ended', reading, cut });
    }

    /** We end it, not the wire. */
    function breakOff(error: PivotError | null): void {
      finish(error);
      body.abort();
    }

    function watchHead(size: number): void {
      const reading = tap.soFar();
      unread += size;
      if (reading.error && !reading.content && !output.committed()) {
        fail(reading.error);
        return;
      }
      if (pass.commitAtOnce || tap.decided() || unread > MAX_HELD) output.commit();
      contentSeen = reading.content;
      if (contentSeen) pass.onContent();
      else if (unread > MAX_UNREAD && !pass.commitAtOnce) breakOff(ENDLESS);
    }

    const sink: Sink = {
      data(chunk) {
        if (settled) return;
        quiet = 0;
        tap.push(chunk);
        for (const piece of filter?.push(chunk) ?? [chunk]) output.write(piece);
        if (!contentSeen) watchHead(chunk.length);
      },
      end: () => !settled && finish(null),
      error: (error) => !settled && finish(pass.describe(error)),
    };
    body.pipe(sink);
  });
}

/** The client has read of the error: the upstream's own frame went through. What we could not read is no such frame. */
function saidByWire({ error }: Reading): boolean {
  return error !== null && error.code !== 'upstream_malformed';
}

/** Why a stream that is over is not a whole answer; null = it is. Its own end marker counts, whatever the connection did afterwards. */
function brokenBy(reading: Reading, wireError: PivotError | null, committed: boolean): PivotError | null {
  if (reading.error) return reading.error;
  if (reading.ended || reading.finish !== null) return null;
  return wireError ?? (committed ? CUT : NO_CONTENT);
}

/** The client's side: holds bytes until the commit, then writes through with back-pressure. */
function createOutput(pass: StreamPass): {
  write(piece: Buffer): void;
  commit(): void;
  committed(): boolean;
  breakOff(frame: string): void;
} {
  let waiting: Buffer[] = [];
  let open = false;
  let last: Buffer | null = null;
  let paused = false;

  function write(piece: Buffer): void {
    if (piece.length === 0) return;
    last = piece;
    if (!open) {
      waiting.push(piece);
      return;
    }
    pass.client.write(piece);
    if (paused || !pass.client.full()) return;
    paused = true;
    pass.response.body.pause();
    pass.client.onDrain(() => {
      paused = false;
      pass.response.body.resume();
    });
  }

  return {
    write,
    commit() {
      if (open) return;
      open = true;
      pass.commit();
      for (const piece of waiting) write(piece);
      waiting = [];
    },
    committed: () => open,
    breakOff(frame) {
      // A half-sent frame is closed first, so that the error is a frame of its own.
      const closed = last === null || last.at(-1) === 0x0a || last.at(-1) === 0x5d;
      pass.client.write(Buffer.from(closed ? frame : `\n\n${frame}`));
    },
  };
}
