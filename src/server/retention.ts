import type { Config } from '../config/index.ts';
import type { Ledger } from '../ledger/index.ts';

/** Keeps the ledger as long and as large as the configuration says. */
export interface Retention {
  /** Cleans up now, in the background, and every hour from then on. */
  start(): void;
  stop(): void;
}

const EVERY_MS = 3_600_000;

/** Creates it. `log.keep: 0` keeps requests of any age. */
export function createRetention(
  ledger: Pick<Ledger, 'prune'>,
  log: () => Config['log'],
  now: () => number,
): Retention {
  let timer: NodeJS.Timeout | undefined;

  function clean(): void {
    const { keepMs, maxBytes } = log();
    // What cannot be deleted now is tried again in an hour; the ledger tells its troubles itself.
    void ledger.prune({ before: keepMs === 0 ? null : now() - keepMs, maxBytes });
  }

  return {
    start() {
      clean();
      timer = setInterval(clean, EVERY_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}
