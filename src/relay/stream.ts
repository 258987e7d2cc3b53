import { createNewest } from '../newest.ts';
import type { PivotError } from '../pivot/index.ts';
import type { Sink, UpstreamResponse } from '../upstream/index.ts';
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
  /** Bytes of the request's body. */
  requestBytes: number;
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

const newest = createNewest<Run>();

/**
 * Carries a stream to the client, as it is or translated (see `Road`). Nothing of it reaches the client before the commit
 * point (the first content-bearing event), so that a stream which begins with an error can still be retried; afterwards
 * nothing is held. It ends at the wire's end marker, whatever the connection does then.
 */
export function passStream(pass: StreamPass): Promise<StreamEnd> {
  return new Promise((resolve) => {
    pass.response.body.pipe(newest(new Run(pass, resolve), pass.requestBytes));
  });
}

/** A stream that is being carried. */
class Run implements Sink {
  private readonly pass: StreamPass;
  private readonly output: Output;
  private readonly watch: Watch;
  private readonly progress: NodeJS.Timeout;
  private readonly onLeft: () => void;
  private readonly resolve: (end: StreamEnd) => void;
  private settled = false;
  private contentSeen = false;
  /** Bytes so far. */
  private size = 0;
  /** Frames so far that said something; the same when the client left, null = it is there. */
  private told = 0;
  private toldAtLeave: number | null = null;
  /** Waits for what may follow the end marker; then for the upstream's own end. */
  private ending: NodeJS.Timeout | undefined = undefined;
  private lingering: NodeJS.Timeout | undefined = undefined;

  constructor(pass: StreamPass, resolve: (end: StreamEnd) => void) {
    this.pass = pass;
    this.resolve = resolve;
    const { signal } = pass.client;
    const onExpired = (error: Error): void => this.breakOff(pass.describe(error));
    this.watch = createWatch({ onExpired, ...pass.times });
    this.output = createOutput(pass, this.watch);
    this.progress = setInterval(tellProgress, PROGRESS_MS, this);
    const onLeft = (): void => this.left();
    this.onLeft = onLeft;
    signal.addEventListener('abort', onLeft, { once: true });
  }

  data(chunk: Buffer): void {
    const { pass, output } = this;
    const { road } = pass;
    if (this.settled) return;
    this.size += chunk.length;
    for (const piece of road.push(chunk)) output.write(piece);
    this.watch.saw(pass.commitAtOnce || road.told() > this.told);
    this.told = road.told();
    if (!this.contentSeen) this.watchHead();
    if (this.settled) return;
    const broken = road.broken() ?? (this.size > MAX_BYTES ? TOO_MUCH : null);
    if (broken) this.breakOff(broken);
    else if (road.reading.ended && this.ending === undefined) this.endSoon();
  }

  end(): void {
    clearTimeout(this.lingering);
    if (!this.settled) this.finish(null);
  }

  error(error: Error): void {
    clearTimeout(this.lingering);
    if (!this.settled) this.finish(this.pass.describe(error));
  }

  tellProgress(): void {
    if (this.contentSeen) this.pass.onProgress(this.pass.road.reading);
  }

  private left(): void {
    this.toldAtLeave = this.pass.road.told();
    this.output.leave();
  }

  /** Decides, while nothing was forwarded, whether the stream is worth it. */
  private watchHead(): void {
    const { pass, output } = this;
    const { reading } = pass.road;
    if (reading.error && !reading.content && !output.committed()) {
      this.fail(reading.error);
      return;
    }
    if (pass.commitAtOnce || isDecided(reading) || this.size > MAX_HELD) output.commit();
    this.contentSeen = reading.content;
    if (this.contentSeen) pass.onContent();
    if (this.contentSeen || pass.commitAtOnce) this.watch.content();
  }

  private fail(error: PivotError): void {
    this.pass.response.body.abort();
    this.settle({ type: 'failed', error, reading: this.pass.road.reading });
  }

  private finish(wireError: PivotError | null): void {
    const { pass, output, toldAtLeave } = this;
    const { road } = pass;
    const { reading } = road;
    const left = toldAtLeave !== null && road.told() > toldAtLeave;
    for (const piece of road.finish()) output.write(piece);
    const cut = pass.commitAtOnce ? wireError : brokenBy(reading, wireError, output.committed());
    if (cut && !output.committed()) {
      this.fail(cut);
      return;
    }
    output.commit();
    if (cut) output.write(Buffer.from(road.errorFrame(cut)));
    pass.client.end();
    this.settle({ type: 'ended', reading, cut, left });
  }

  /** We end it, not the wire. */
  private breakOff(error: PivotError): void {
    this.finish(error);
    this.pass.response.body.abort();
  }

  /** The answer is whole: the client need not wait for the connection. */
  private endSoon(): void {
    this.ending = setTimeout(() => {
      this.finish(null);
      this.lingering = setTimeout(() => this.pass.response.body.abort(), LINGER_MS).unref();
      this.output.leave();
    }, TRAILING_MS);
  }

  private settle(end: StreamEnd): void {
    this.settled = true;
    this.watch.stop();
    clearInterval(this.progress);
    clearTimeout(this.ending);
    this.pass.client.signal.removeEventListener('abort', this.onLeft);
    this.resolve(end);
  }
}

function tellProgress(run: Run): void {
  run.tellProgress();
}

/** Why a stream that is over is not a whole answer; null = it is. Its own end marker counts, whatever the connection did afterwards. */
function brokenBy(reading: Reading, wireError: PivotError | null, committed: boolean): PivotError | null {
  if (reading.error) return reading.error;
  if (reading.ended || reading.finish !== null) return null;
  return wireError ?? (committed ? CUT : NO_CONTENT);
}
