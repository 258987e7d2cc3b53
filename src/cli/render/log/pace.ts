/** Between two drawings: ten a second at most. */
const LEAST_MS = 100;
/** While a clock is shown and nothing else happens. */
const TICK_MS = 1_000;

/** Decides when to draw. */
export interface Pace {
  /** Something changed. */
  soon(): void;
  stop(): void;
}

/**
 * Draws soon after something changed, and once a second while `draw` says that a clock is running. Between that no timer
 * runs, and no timer keeps the process alive. Drawing happens in turns of its own, never in the turn of who calls.
 */
export function createPace(draw: () => { clock: boolean }, now: () => number): Pace {
  let timer: NodeJS.Timeout | undefined;
  let due = 0;
  let last = 0;

  function at(time: number): void {
    if (timer && due <= time) return;
    clearTimeout(timer);
    due = time;
    // Clocks are set back, by an hour sometimes.
    timer = setTimeout(run, Math.min(Math.max(0, time - now()), TICK_MS)).unref();
  }

  function run(): void {
    timer = undefined;
    last = now();
    if (draw().clock) at(last + TICK_MS);
  }

  return {
    soon: () => at(Math.max(now(), last + LEAST_MS)),
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
