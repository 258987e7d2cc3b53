import { anySignal, type Signal } from '../signal.ts';

/** Where requests wait for others to end. */
export interface Waiting {
  /** Resolves true when something ended or changed, in the order in which they came; false when it is time to stop. */
  changed(ms: number, signal: Signal): Promise<boolean>;
  wakeAll(): void;
}

/** Creates one. @param wait rejects when its signal is aborted */
export function createWaiting(wait: (ms: number, signal: Signal) => Promise<void>): Waiting {
  const waiting = new Set<() => void>();
  return {
    async changed(ms, signal) {
      const over = anySignal([signal]);
      let wake = (): void => undefined;
      const woken = new Promise<boolean>((resolve) => {
        wake = () => resolve(true);
      });
      waiting.add(wake);
      const enough = (): boolean => false;
      const timedOut = wait(ms, over.signal).then(enough, enough);
      try {
        return await Promise.race([woken, timedOut]);
      } finally {
        waiting.delete(wake);
        over.release();
        over.abort();
      }
    },
    wakeAll() {
      for (const wake of [...waiting]) wake();
    },
  };
}
