import { endOf, lasts, type Span } from './span.ts';
import { createWindow } from './window.ts';

/** Failures in a row that open it. */
const IN_A_ROW = 5;
/** Or this share of the calls in the window, when there were enough of them. */
const SHARE = 0.5;
const ENOUGH_CALLS = 20;
const WINDOW_MS = 30_000;
const FIRST_OPEN_MS = 15_000;
const LONGEST_OPEN_MS = 5 * 60_000;
/** A probe that nobody heard of again (a long stream, a client that left) does not keep the others away for ever. */
const PROBE_MS = 60_000;

/** How a breaker stands. */
export interface BreakerState {
  state: 'closed' | 'open' | 'probing';
  until: number | null;
  why: string | null;
}

/** Leaves a provider alone that keeps failing (rule R6). */
export interface Breaker {
  state(): BreakerState;
  /** A call begins: behind the open time it is the probe. */
  began(): void;
  /** It answered, in whatever way: the provider is alive. */
  answered(): void;
  failed(): void;
  /** The call was given up, and nothing was learnt. */
  dropped(): void;
}

/** Creates a closed one. `now` is ms since 1970. */
export function createBreaker({ now }: { now(): number }): Breaker {
  const window = createWindow({ spanMs: WINDOW_MS, slots: 6, now });
  let row = 0;
  let openMs = FIRST_OPEN_MS;
  let open: Span | null = null;
  let probe: Span | null = null;
  let why: string | null = null;

  function trip(reason: string, ms: number): void {
    open = { since: now(), ms };
    openMs = Math.min(LONGEST_OPEN_MS, ms * 2);
    probe = null;
    why = reason;
  }

  function close(): void {
    open = null;
    probe = null;
    why = null;
    openMs = FIRST_OPEN_MS;
    // What made it open is over: the next failure begins a new count.
    window.clear();
  }

  function tripped(): string | null {
    if (row >= IN_A_ROW) return `${row} failures in a row`;
    const { ok, failed } = window.counts();
    const calls = ok + failed;
    return calls >= ENOUGH_CALLS && failed >= calls * SHARE ? `${failed} of ${calls} calls failed` : null;
  }

  return {
    state() {
      if (lasts(open, now())) return { state: 'open', until: endOf(open), why };
      if (lasts(probe, now())) return { state: 'probing', until: endOf(probe), why };
      return { state: 'closed', until: null, why: null };
    },
    began() {
      if (open !== null && !lasts(open, now()) && !lasts(probe, now()))
        probe = { since: now(), ms: PROBE_MS };
    },
    answered() {
      row = 0;
      if (open !== null) close();
      window.add(true);
    },
    failed() {
      row++;
      window.add(false);
      // While it is open, calls are last resorts: they prove nothing new.
      if (lasts(open, now())) return;
      const reason = tripped();
      if (open !== null) trip(reason ?? 'still failing', openMs);
      else if (reason !== null) trip(reason, FIRST_OPEN_MS);
    },
    dropped() {
      probe = null;
    },
  };
}
