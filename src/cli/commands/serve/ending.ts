import { EXIT } from '../../../errors.ts';
import type { RunningServer, Stopped } from '../../../server/index.ts';

/** Signals that end a server: Ctrl-C, `kill`, a closed terminal, and Ctrl-Break of Windows. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** 128 and the number of the signal, as shells count; for ends in which requests were dropped. */
export const DROPPED: Readonly<Record<EndingSignal, number>> = {
  SIGINT: 130,
  SIGBREAK: 130,
  SIGHUP: 143,
  SIGTERM: 143,
};

/** The same Ctrl-C comes twice under npm and npx: from the terminal, and passed on by them. */
const ECHO_MS = 300;

/** So long may requests go on in a process that has met a bug (reliability rule R13). */
const CRASH_DRAIN_MS = 10_000;
/** And so long may closing take then. */
const CRASH_CLOSE_MS = 5_000;

/** What ending needs. */
export interface EndingDeps {
  server: Pick<RunningServer, 'feed' | 'stop' | 'closed'>;
  now(): number;
  /** Requests are being waited for. */
  onWaiting(live: number): void;
  /** Somebody asks for the third time: end, whatever hangs. */
  giveUp(code: number): void;
}

/** The way from the first signal to the end. */
export interface Ending {
  signal(name: EndingSignal): void;
  /** An exception that nobody caught: no new requests, the running ones have a moment, and the exit code is 70. */
  crashed(): void;
  /** The exit code, once the server is closed: by a signal, or by `stop`. Rejects when it cannot be closed. */
  ended: Promise<number>;
}

/** First signal: live requests finish. Second: they are dropped. Third: the process ends at once. */
export function createEnding(deps: EndingDeps): Ending {
  const { server, now } = deps;
  let first: { name: EndingSignal; at: number } | undefined;
  let last: typeof first;
  let hurriedBy: EndingSignal | undefined;
  let crashed = false;
  let fail: (error: unknown) => void = () => undefined;

  const codeOf = ({ dropped }: Stopped): number => {
    if (crashed) return EXIT.bug;
    const name = hurriedBy ?? (dropped > 0 ? first?.name : undefined);
    return name ? DROPPED[name] : 0;
  };

  function begin(): void {
    const live = server.feed.live().length;
    if (live > 0) deps.onWaiting(live);
    server.stop('drain').catch(fail);
  }

  return {
    ended: new Promise((resolve, reject) => {
      fail = reject;
      void server.closed.then((stopped) => resolve(codeOf(stopped)));
    }),
    signal(name) {
      const echo = last?.name === name && now() - last.at < ECHO_MS;
      if (echo) return;
      last = { name, at: now() };
      if (!first) {
        first = last;
        begin();
      } else if (!hurriedBy) {
        hurriedBy = name;
        server.stop('now').catch(fail);
      } else {
        deps.giveUp(DROPPED[name]);
      }
    },
    crashed() {
      if (crashed) return;
      crashed = true;
      server.stop('drain').catch(fail);
      setTimeout(() => void server.stop('now').catch(fail), CRASH_DRAIN_MS).unref();
      setTimeout(() => deps.giveUp(EXIT.bug), CRASH_DRAIN_MS + CRASH_CLOSE_MS).unref();
    },
  };
}
