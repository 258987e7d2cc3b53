import type { Feed } from '../feed/index.ts';
import type { Drain } from './drain.ts';
import type { Listening } from './listen.ts';
import type { Stopped } from './types.ts';

/** What is stopped, in this order. */
export interface StoppingDeps {
  listening: Listening;
  drain: Drain;
  feed: Feed;
  drainMs(): number;
  /** Tells every client that still waits that there is no more. */
  cut(): void;
  /** Everything behind the sockets. */
  close(): Promise<void>;
}

/** Clients that are told so read it within this time. */
const TOLD_MS = 1_000;

/** Records of dropped requests are written within this time: it is memory and one worker. */
const SETTLE_MS = 2_000;

/** A stop that can be hurried. */
export interface Stopping {
  begun(): boolean;
  /** The first call decides; `now` hurries a drain that has begun. Resolves with `closed`. */
  stop(how: 'drain' | 'now'): Promise<Stopped>;
  /** Resolves when all is closed. */
  closed: Promise<Stopped>;
}

/** Resolves when no exchange is open, or after the time. */
function settled(feed: Feed, withinMs: number): Promise<void> {
  if (feed.live().length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, withinMs);
    const unsubscribe = feed.subscribe(() => feed.live().length === 0 && done());
    function done(): void {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    }
  });
}

/**
 * Lets requests finish (or breaks them off with an error of their protocol), then closes everything, once. New requests are refused by then; the management
 * API answers until the end, so that a drain can be watched and hurried.
 */
export function createStopping(deps: StoppingDeps): Stopping {
  let running: Promise<Stopped> | undefined;
  let hurry: () => void = () => undefined;
  let done: (stopped: Stopped) => void = () => undefined;
  const closed = new Promise<Stopped>((resolve) => {
    done = resolve;
  });

  async function run(how: 'drain' | 'now'): Promise<Stopped> {
    const hurried = new Promise<void>((resolve) => {
      hurry = resolve;
    });
    if (how === 'drain') await Promise.race([deps.drain.empty(deps.drainMs()), hurried]);
    const stopped = { dropped: deps.drain.active() };
    deps.cut();
    await deps.drain.empty(TOLD_MS);
    await deps.listening.close();
    await settled(deps.feed, SETTLE_MS);
    await deps.close();
    done(stopped);
    return stopped;
  }

  return {
    begun: () => running !== undefined,
    closed,
    stop(how) {
      running ??= run(how);
      if (how === 'now') hurry();
      return running;
    },
  };
}
