import {
  type AnswerBody,
  createPatientTimer,
  type PatientTimer,
  type Sink,
  UpstreamFailure,
} from '../upstream/index.ts';
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
export function createWatch(options: WatchOptions): Watch {
  return new Watching(options);
}

class Watching implements Watch {
  private readonly options: WatchOptions;
  private readonly timer: PatientTimer;
  private begun = false;
  private held = false;
  private stopped = false;
  private alive: number;
  private told: number;

  constructor(options: WatchOptions) {
    this.options = options;
    this.alive = this.told = options.now();
    this.timer = createPatientTimer(this.leftMs(), () => this.due(), options.now);
  }

  saw(said: boolean): void {
    this.alive = this.options.now();
    if (said) this.told = this.alive;
  }

  content(): void {
    if (this.begun) return;
    this.begun = true;
    this.alive = this.told = this.options.now();
    this.arm();
  }

  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
    this.alive = this.told = this.options.now();
    this.arm();
  }

  stop(): void {
    this.stopped = true;
    this.timer.stop();
  }

  private due(): void {
    const leftMs = this.nextAt() - this.options.now();
    if (leftMs > 0) this.timer.restart(leftMs);
    else this.options.onExpired(expired(this.missed()));
  }

  private arm(): void {
    if (!this.stopped) this.timer.restart(this.leftMs());
  }

  private leftMs(): number {
    return Math.max(0, this.nextAt() - this.options.now());
  }

  /** When it is too long. */
  private nextAt(): number {
    return Math.min(this.options.timeouts.totalMs, this.contentAt());
  }

  private contentAt(): number {
    const { startedMs, timeouts } = this.options;
    if (!this.begun) return startedMs + timeouts.firstContentMs;
    return this.held ? Number.POSITIVE_INFINITY : Math.min(this.alive + timeouts.idleMs, this.pingedAt());
  }

  /** Until when signs of life alone will do. */
  private pingedAt(): number {
    return this.told + Math.max(this.options.timeouts.idleMs, PINGS_MS);
  }

  /** What was missed, when it is too long. */
  private missed(): string {
    const { firstContentMs, idleMs, totalMs } = this.options.timeouts;
    if (totalMs <= this.contentAt()) return `took longer than ${seconds(totalMs)}`;
    if (!this.begun) return `gave no content for ${seconds(firstContentMs)}`;
    return this.alive + idleMs < this.pingedAt()
      ? `fell silent for ${seconds(idleMs)}`
      : `gave no content for ${seconds(Math.max(idleMs, PINGS_MS))}`;
  }
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
    onExpired(error) {
      body.abort();
      sink.error(error);
    },
    ...times,
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
