import type { Config } from '../config/index.ts';

/** Something that grows with every request. */
interface Growing {
  prune(which: { before: number | null; maxBytes: number }): Promise<unknown>;
}

/** Keeps the ledger, and what is kept beside it, as long and as large as the configuration says. */
export interface Retention {
  /** Cleans up now, in the background, and every hour from then on. */
  start(): void;
  stop(): void;
}

const EVERY_MS = 3_600_000;

/** Creates it. `log.keep: 0` keeps requests of any age. */
export function createRetention(
  growing: readonly Growing[],
  log: () => Config['log'],
  now: () => number,
): Retention {
  let timer: NodeJS.Timeout | undefined;

  function clean(): void {
    const { keepMs, maxBytes } = log();
    // What cannot be deleted now is tried again in an hour; the ledger tells its troubles itself.
    const before = keepMs === 0 ? null : now() - keepMs;
    for (const one of growing) void one.prune({ before, maxBytes });
  }

  return {
    start() {
      clean();
      timer = setInterval(clean, EVERY_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}
