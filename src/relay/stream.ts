import type { PivotError } from '../pivot/index.ts';
import type { Sink, UpstreamResponse } from '../upstream/index.ts';
import type { Reading } from './reading.ts';
import type { Road } from './road.ts';
import type { Client } from './types.ts';

/** How a stream ended. `failed` = nothing reached the client, so another attempt is possible. */
export type StreamEnd =
  | { type: 'ended'; reading: Reading; cut: PivotError | null }
  | { type: 'failed'; error: PivotError };

/** What carrying a stream to the client needs. */
export interface StreamPass {
  road: Road;
  response: UpstreamResponse;
  client: Client;
  /** No commit point: the first byte goes out (answers that are not generated text). */
  commitAtOnce: boolean;
  /** Sends the head, right before the first byte; once more after a keep-alive, when it is there already. */
  commit(): void;
  /** First content went to the client. */
  onContent(): void;
  /** Now and then while content arrives. */
  onProgress(reading: Reading): void;
  /** A failure on the wire in the words that a client may see. */
  describe(error: Error): PivotError;
}

/** Silent streams are committed after this long, so that a client sees headers and signs of life. */
const SILENCE_MS = 10_000;
/** Bytes held back before the commit at most. */
const MAX_HELD = 1024 * 1024;
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
const CUT: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_cut',
  message: 'unorouter: the upstream broke off in the middle of its answer',
};

/**
 * Carries a stream to the client, as it is or translated (see `Road`). Nothing of it reaches the client before the commit point (the first
 * content-bearing event), so that a stream which begins with an error can still be retried; afterwards nothing is held.
 */
export function passStream(pass: StreamPass): Promise<StreamEnd> {
  return new Promise((resolve) => {
    const { road } = pass;
    const { body } = pass.response;
    const output = createOutput(pass);
    let settled = false;
    let contentSeen = false;
    let quiet = 0;
    let early = 0;
    const silence = setInterval(() => output.silent(), SILENCE_MS);
    const progress = setInterval(() => {
      if (!contentSeen) return;
      pass.onProgress(road.soFar());
      // Some servers keep the connection open behind the end marker.
      if (++quiet === QUIET_TICKS && road.atEnd()) breakOff(null);
    }, PROGRESS_MS);

    function settle(end: StreamEnd): void {
      if (settled) return;
      settled = true;
      clearInterval(silence);
      clearInterval(progress);
      resolve(end);
    }

    function fail(error: PivotError): void {
      body.abort();
      settle({ type: 'failed', error });
    }

    function finish(wireError: PivotError | null): void {
      const { pieces, reading } = road.finish();
      for (const piece of pieces) output.write(piece);
      const cut = pass.commitAtOnce ? wireError : brokenBy(reading, wireError, output.committed());
      if (cut && !output.committed()) {
        fail(cut);
        return;
      }
      output.commit();
      if (cut) output.breakOff(road.errorFrame(cut));
      pass.client.end();
      settle({ type: 'ended', reading, cut });
    }

    /** We end it, not the wire. */
    function breakOff(error: PivotError | null): void {
      finish(error);
      body.abort();
    }

    function watchHead(size: number): void {
      const reading = road.soFar();
      early += size;
      if (reading.error && !reading.content && !output.committed()) {
        fail(reading.error);
        return;
      }
      if (pass.commitAtOnce || road.decided() || early > MAX_HELD) output.commit();
      contentSeen = reading.content;
      if (contentSeen) pass.onContent();
    }

    const sink: Sink = {
      data(chunk) {
        if (settled) return;
        quiet = 0;
        for (const piece of road.push(chunk)) output.write(piece);
        if (!contentSeen) watchHead(chunk.length);
        const broken = settled ? null : road.broken();
        if (broken) breakOff(broken);
      },
      end: () => !settled && finish(null),
      error: (error) => !settled && finish(pass.describe(error)),
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

/** The client's side: holds bytes until the commit, then writes through with back-pressure. */
function createOutput(pass: StreamPass): {
  write(piece: Buffer): void;
  commit(): void;
  committed(): boolean;
  /** Time has passed: commits, or tells a waiting client that we are alive. */
  silent(): void;
  breakOff(frame: string): void;
} {
  let waiting: Buffer[] = [];
  let open = false;
  let last: Buffer | null = null;
  let paused = false;
  let wrote = false;

  function write(piece: Buffer): void {
    if (piece.length === 0) return;
    last = piece;
    if (!open) {
      waiting.push(piece);
      return;
    }
    wrote = true;
    pass.client.write(piece);
    if (paused || !pass.client.full()) return;
    paused = true;
    pass.response.body.pause();
    pass.client.onDrain(() => {
      paused = false;
      pass.response.body.resume();
    });
  }

  function commit(): void {
    if (open) return;
    open = true;
    pass.commit();
    for (const piece of waiting) write(piece);
    waiting = [];
  }

  return {
    write,
    commit,
    committed: () => open,
    silent() {
      const { keepAlive } = pass.road;
      if (keepAlive === null) return commit();
      if (!wrote && !paused) {
        // The head is out, but nothing of the answer is: another attempt is still possible.
        pass.commit();
        if (keepAlive !== '') pass.client.write(Buffer.from(keepAlive));
      }
      wrote = false;
    },
    breakOff(frame) {
      if (frame === '') return;
      // A half-sent frame is closed first, so that the error is a frame of its own.
      const closed = last === null || last.at(-1) === 0x0a || last.at(-1) === 0x5d;
      pass.client.write(Buffer.from(closed ? frame : `\n\n${frame}`));
    },
  };
}
