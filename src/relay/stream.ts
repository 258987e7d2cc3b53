import type { PivotError } from '../pivot/index.ts';
import type { UpstreamResponse } from '../upstream/index.ts';
import { isDecided, type Reading } from './reading.ts';
import type { Road } from './road.ts';
import { createOutput, type Output } from './stream-output.ts';
import type { Client } from './types.ts';
import { createWatch, type Watch, type WatchOptions } from './watch.ts';

/** How a stream ended. `failed` = nothing of it reached the client, so another attempt is possible. */
export type StreamEnd =
  | {
      type: 'ended';
      reading: Reading;
      cut: PivotError | null;
      /** The client had gone by then, and the rest was read for its usage. */
      left: boolean;
    }
  | { type: 'failed'; error: PivotError; reading: Reading };

/** What carrying a stream to the client needs. */
export interface StreamPass {
  road: Road;
  response: UpstreamResponse;
  client: Client;
  times: Omit<WatchOptions, 'onExpired'>;
  /** No commit point: the first byte goes out (answers that are not generated text). */
  commitAtOnce: boolean;
  /** Sends the head, right before the first byte. */
  commit(): void;
  /** First content went to the client. */
  onContent(): void;
  /** Now and then while content arrives. */
  onProgress(reading: Reading): void;
  /** A failure on the wire in the words that a client may see. */
  describe(error: Error): PivotError;
}

/** Bytes held back before the commit at most. */
const MAX_HELD = 1024 * 1024;
/** Bytes of one answer at most. */
const MAX_BYTES = 256 * 1024 * 1024;
/** How often live rows hear of a running stream. */
const PROGRESS_MS = 500;
/** Some wires say a little more behind their end marker (`[DONE]` behind the last event): it comes at once or not at all. */
const TRAILING_MS = 50;
/** Behind its end marker an upstream may end its answer by itself, so that the connection can be used again. */
const LINGER_MS = 1_000;

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
const TOO_MUCH: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_malformed',
  message: 'unorouter: the upstream sent a stream without end',
};

/**
 * Carries a stream to the client, as it is or translated (see `Road`). Nothing of it reaches the client before the commit
 * point (the first content-bearing event), so that a stream which begins with an error can still be retried; afterwards
 * nothing is held. It ends at the wire's end marker, whatever the connection does then.
 */
export function passStream(pass: StreamPass): Promise<StreamEnd> {
  return new Promise((resolve) => {
    const { client, road } = pass;
    const { body } = pass.response;
    const watch = createWatch({ onExpired: (error) => breakOff(run, pass.describe(error)), ...pass.times });
    const output = createOutput(pass, watch);
    const progress = setInterval(() => run.contentSeen && pass.onProgress(road.reading), PROGRESS_MS);
    const onLeft = (): void => {
      run.toldAtLeave = road.told();
      output.leave();
    };
    client.signal.addEventListener('abort', onLeft, { once: true });
    const run: Run = {
      pass,
      output,
      watch,
      settled: false,
      contentSeen: false,
      size: 0,
      told: 0,
      toldAtLeave: null,
      settle(end) {
        run.settled = true;
        watch.stop();
        clearInterval(progress);
        clearTimeout(run.ending);
        client.signal.removeEventListener('abort', onLeft);
        resolve(end);
      },
    };
    body.pipe({
      data: (chunk) => take(run, chunk),
      end() {
        clearTimeout(run.lingering);
        if (!run.settled) finish(run, null);
      },
      error(error) {
        clearTimeout(run.lingering);
        if (!run.settled) finish(run, pass.describe(error));
      },
    });
  });
}

/** A stream that is being carried. */
interface Run {
  pass: StreamPass;
  output: Output;
  watch: Watch;
  settled: boolean;
  contentSeen: boolean;
  /** Bytes so far. */
  size: number;
  /** Frames so far that said something; the same when the client left, null = it is there. */
  told: number;
  toldAtLeave: number | null;
  /** Waits for what may follow the end marker; then for the upstream's own end. */
  ending?: NodeJS.Timeout;
  lingering?: NodeJS.Timeout;
  settle(end: StreamEnd): void;
}

function take(run: Run, chunk: Buffer): void {
  const { pass, output, watch } = run;
  const { road } = pass;
  if (run.settled) return;
  run.size += chunk.length;
  for (const piece of road.push(chunk)) output.write(piece);
  watch.saw(pass.commitAtOnce || road.told() > run.told);
  run.told = road.told();
  if (!run.contentSeen) watchHead(run);
  if (run.settled) return;
  const broken = road.broken() ?? (run.size > MAX_BYTES ? TOO_MUCH : null);
  if (broken) breakOff(run, broken);
  else if (road.reading.ended && run.ending === undefined) endSoon(run);
}

/** Decides, while nothing was forwarded, whether the stream is worth it. */
function watchHead(run: Run): void {
  const { pass, output } = run;
  const { reading } = pass.road;
  if (reading.error && !reading.content && !output.committed()) {
    fail(run, reading.error);
    return;
  }
  if (pass.commitAtOnce || isDecided(reading) || run.size > MAX_HELD) output.commit();
  run.contentSeen = reading.content;
  if (run.contentSeen) pass.onContent();
  if (run.contentSeen || pass.commitAtOnce) run.watch.content();
}

function fail({ pass, settle }: Run, error: PivotError): void {
  pass.response.body.abort();
  settle({ type: 'failed', error, reading: pass.road.reading });
}

function finish(run: Run, wireError: PivotError | null): void {
  const { pass, output, toldAtLeave } = run;
  const { road } = pass;
  const { reading } = road;
  const left = toldAtLeave !== null && road.told() > toldAtLeave;
  for (const piece of road.finish()) output.write(piece);
  const cut = pass.commitAtOnce ? wireError : brokenBy(reading, wireError, output.committed());
  if (cut && !output.committed()) {
    fail(run, cut);
    return;
  }
  output.commit();
  if (cut) output.write(Buffer.from(road.errorFrame(cut)));
  pass.client.end();
  run.settle({ type: 'ended', reading, cut, left });
}

/** We end it, not the wire. */
function breakOff(run: Run, error: PivotError): void {
  finish(run, error);
  run.pass.response.body.abort();
}

/** The answer is whole: the client need not wait for the connection. */
function endSoon(run: Run): void {
  run.ending = setTimeout(() => {
    finish(run, null);
    run.lingering = setTimeout(() => run.pass.response.body.abort(), LINGER_MS).unref();
    run.output.leave();
  }, TRAILING_MS);
}

/** Why a stream that is over is not a whole answer; null = it is. Its own end marker counts, whatever the connection did afterwards. */
function brokenBy(reading: Reading, wireError: PivotError | null, committed: boolean): PivotError | null {
  if (reading.error) return reading.error;
  if (reading.ended || reading.finish !== null) return null;
  return wireError ?? (committed ? CUT : NO_CONTENT);
}
