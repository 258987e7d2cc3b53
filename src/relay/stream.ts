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
/** How often live rows hear of a running stream. */
const PROGRESS_MS = 500;
/** So many of these intervals without a byte, and an end marker is looked for: some providers keep the connection open behind it. */
const QUIET_INTERVALS = 2;

const NO_CONTENT: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_malformed',
  message: 'unorouter: the upstream ended its stream without an answer',
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
    const soft = setTimeout(() => output.commit(), SOFT_COMMIT_MS);
    let quiet = 0;
    const progress = setInterval(watchQuiet, PROGRESS_MS);

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
      const cut = brokenBy(reading, wireError, output.committed());
      if (cut && !output.committed()) {
        fail(cut);
        return;
      }
      output.commit();
      if (cut && !toldByUpstream(reading)) output.breakOff(pass.errorFrame(cut));
      pass.client.end();
      settle({ type: 'ended', reading, cut });
    }

    function watchQuiet(): void {
      if (contentSeen) pass.onProgress(tap.soFar());
      if (++quiet !== QUIET_INTERVALS || !tap.over()) return;
      body.abort();
      finish(null);
    }

    function watchHead(): void {
      const reading = tap.soFar();
      if (reading.error && !reading.content && !output.committed()) {
        fail(reading.error);
        return;
      }
      if (pass.commitAtOnce || tap.decided() || output.held() > MAX_HELD) output.commit();
      if (!reading.content) return;
      contentSeen = true;
      pass.onContent();
    }

    const sink: Sink = {
      data(chunk) {
        quiet = 0;
        tap.push(chunk);
        if (filter) for (const piece of filter.push(chunk)) output.write(piece);
        else output.write(chunk);
        if (!contentSeen) watchHead();
      },
      end: () => finish(null),
      error: (error) => finish(pass.describe(error)),
    };
    body.pipe(sink);
  });
}

/** Why a stream that is over is not a whole answer; null = it is. Its own end marker counts, whatever the connection did afterwards. */
function brokenBy(reading: Reading, wireError: PivotError | null, committed: boolean): PivotError | null {
  if (reading.error) return reading.error;
  if (reading.ended || reading.finish !== null) return null;
  return wireError ?? (committed ? CUT : NO_CONTENT);
}

/** Whether the client has seen an error event of the upstream's own. A frame that cannot be read told it nothing. */
function toldByUpstream({ error }: Reading): boolean {
  return error !== null && error.code !== NO_CONTENT.code;
}

/** The client's side: holds bytes until the commit, then writes through with back-pressure. */
function createOutput(pass: StreamPass): {
  write(piece: Buffer): void;
  commit(): void;
  committed(): boolean;
  held(): number;
  breakOff(frame: string): void;
} {
  let waiting: Buffer[] = [];
  let size = 0;
  let open = false;
  let last: Buffer | null = null;

  function write(piece: Buffer): void {
    if (piece.length === 0) return;
    last = piece;
    if (!open) {
      waiting.push(piece);
      size += piece.length;
      return;
    }
    pass.client.write(piece);
    if (pass.client.full()) {
      pass.response.body.pause();
      pass.client.onDrain(() => pass.response.body.resume());
    }
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
    held: () => size,
    breakOff(frame) {
      // A half-sent frame is closed first, so that the error is a frame of its own.
      const closed = last === null || last.at(-1) === 0x0a || last.at(-1) === 0x5d;
      pass.client.write(Buffer.from(closed ? frame : `\n\n${frame}`));
    },
  };
}
