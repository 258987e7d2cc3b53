import { type AnswerBody, createPatientTimer, type Sink, UpstreamFailure } from '../upstream/index.ts';
import type { RelayTimeouts } from './types.ts';

/** Signs of life without content hold off the idle timer for so long at most (reliability rule R8). */
const PINGS_MS = 600_000;

/** The content timers of one answer. A chunk costs a look at the clock, no timer. */
export interface Watch {
  /** Bytes came; `told` = they said something, and were no mere sign of life. */
  saw(told: boolean): void;
  /** The first content came: from here on silence counts, not the wait for it. */
  content(): void;
  /** The client does not read, so we do not either: silence is not the upstream's. */
  hold(): void;
  release(): void;
  stop(): void;
}

/** What the timers need. Moments are in ms since the request came. */
export interface WatchOptions {
  timeouts: RelayTimeouts;
  /** When the attempt began. */
  startedMs: number;
  now(): number;
  /** Too long without what was waited for. Called once. */
  onExpired(error: UpstreamFailure): void;
}

/** Starts the timers: first content, silence between content events, the whole exchange (rule R8). */
export function createWatch({ timeouts, startedMs, now, onExpired }: WatchOptions): Watch {
  const { firstContentMs, idleMs, totalMs } = timeouts;
  let begun = false;
  let held = false;
  let stopped = false;
  let alive = now();
  let told = alive;

  /** The moment at which it is too long, and what was missed. */
  function next(): { at: number; what: string } {
    const total = { at: totalMs, what: `took longer than ${seconds(totalMs)}` };
    const rest = begun ? silence() : firstContent();
    return rest.at < total.at ? rest : total;
  }

  function firstContent(): { at: number; what: string } {
    return { at: startedMs + firstContentMs, what: `gave no content for ${seconds(firstContentMs)}` };
  }

  function silence(): { at: number; what: string } {
    if (held) return { at: Number.POSITIVE_INFINITY, what: '' };
    const pingsMs = Math.max(idleMs, PINGS_MS);
    return alive + idleMs < told + pingsMs
      ? { at: alive + idleMs, what: `fell silent for ${seconds(idleMs)}` }
      : { at: told + pingsMs, what: `gave no content for ${seconds(pingsMs)}` };
  }

  function onDue(): void {
    const { at, what } = next();
    const leftMs = at - now();
    if (leftMs > 0) timer.restart(leftMs);
    else onExpired(expired(what));
  }

  const toNextMs = (): number => Math.max(0, next().at - now());

  function arm(): void {
    if (!stopped) timer.restart(toNextMs());
  }

  const timer = createPatientTimer(toNextMs(), onDue, now);
  return {
    saw(said) {
      alive = now();
      if (said) told = alive;
    },
    content() {
      if (begun) return;
      begun = true;
      alive = told = now();
      arm();
    },
    hold() {
      held = true;
    },
    release() {
      held = false;
      alive = told = now();
      arm();
    },
    stop() {
      stopped = true;
      timer.stop();
    },
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

function expired(what: string): UpstreamFailure {
  return new UpstreamFailure({
    kind: 'timeout',
    status: 504,
    reason: 'timeout-content',
    unsent: false,
    message: `the upstream ${what}`,
  });
}

/** Reads an answer under its timers, for readers to whom every byte is content. */
export function pipeWatched(
  body: AnswerBody,
  times: Omit<WatchOptions, 'onExpired'>,
  sink: Sink,
): Pick<Watch, 'hold' | 'release' | 'stop'> {
  const watch = createWatch({
    ...times,
    onExpired(error) {
      body.abort();
      sink.error(error);
    },
  });
  body.pipe({
    data(chunk) {
      watch.content();
      watch.saw(true);
      sink.data(chunk);
    },
    end() {
      watch.stop();
      sink.end();
    },
    error(error) {
      watch.stop();
      sink.error(error);
    },
  });
  return watch;
}
