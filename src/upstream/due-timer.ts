/** A timer that fires this much too late shows that the process stood still: stopped, or the machine slept. */
const LATE_MS = 1_000;
/** What was sent to us meanwhile waits in the sockets: it is read before anybody is called silent. */
const GRACE_MS = 2_000;

/** One timer for a moment that may move. */
export interface DueTimer {
  /** Calls back once in so many ms; replaces what was armed before. */
  arm(ms: number): void;
  stop(): void;
}

/** Creates one. `now` is monotonic, in ms. */
export function createDueTimer(now: () => number, onDue: () => void): DueTimer {
  let timer: NodeJS.Timeout | undefined;

  function arm(ms: number, patient: boolean): void {
    clearTimeout(timer);
    const due = now() + ms;
    timer = setTimeout(() => {
      if (patient && now() - due > LATE_MS) arm(GRACE_MS, false);
      else onDue();
    }, ms);
  }

  return { arm: (ms) => arm(ms, true), stop: () => clearTimeout(timer) };
}
