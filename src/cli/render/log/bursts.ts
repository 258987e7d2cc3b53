import type { Exchange } from '../../../exchange.ts';
import { shortDuration } from '../units.ts';
import { brief } from './explain.ts';

/** Two of a kind within this time belong together. */
const QUIET_MS = 2_000;
/** A client that never stops trying is told of again after this time. */
const LONGEST_MS = 10_000;

/** Agents send the same request again and again when it fails; one row and a count say it all. */
export interface Bursts {
  /** Whether this one only repeats an error that was shown a moment ago. It is counted instead. */
  repeats(x: Exchange): boolean;
  /** Tells of what is still being counted. */
  end(): void;
}

interface Burst {
  sentence: string;
  count: number;
  startedAt: number;
  lastAt: number;
  timer: NodeJS.Timeout;
}

/** @param tell hears of every burst of two and more when it is over: `6 requests in 2.0s · no key for google · fix: …` */
export function createBursts(tell: (summary: string) => void, sep: () => string, now: () => number): Bursts {
  const open = new Map<string, Burst>();

  function close(key: string): void {
    const burst = open.get(key);
    if (!burst) return;
    open.delete(key);
    clearTimeout(burst.timer);
    if (burst.count > 1)
      tell(
        `${burst.count} requests in ${shortDuration(burst.lastAt - burst.startedAt)}${sep()}${burst.sentence}`,
      );
  }

  return {
    repeats(x) {
      if (x.errorCode === null || x.outcome === 'ok') return false;
      const key = `${x.errorCode} ${x.provider} ${x.errorMessage}`;
      const known = open.get(key);
      if (known && now() - known.startedAt < LONGEST_MS) {
        known.count++;
        known.lastAt = now();
        known.timer.refresh();
        return true;
      }
      close(key);
      open.set(key, {
        sentence: brief(x.errorMessage ?? x.errorCode, sep()),
        count: 1,
        startedAt: now(),
        lastAt: now(),
        timer: setTimeout(() => close(key), QUIET_MS).unref(),
      });
      return false;
    },
    end() {
      for (const key of [...open.keys()]) close(key);
    },
  };
}
