/** A running timer. */
export interface PatientTimer {
  /** The awaited thing is alive: counts from now again. Cheap enough for every chunk of a stream. */
  refresh(): void;
  /** Waits for another length from now on, in ms; also when it has called back. */
  restart(ms: number): void;
  stop(): void;
}

/** A timer of a running process is never this late. */
const LATE_MS = 1_000;
/** What has arrived while the process stood still is read within this time. */
const GRACE_MS = 5_000;

/**
 * A timer for other people's silence, in ms. When the process itself was stopped or blocked (a laptop asleep, SIGSTOP, a
 * debugger), the timer finds itself far too late: what it waits for may lie unread in the socket, so it grants a grace
 * before it calls back. A connection that died meanwhile stays silent and is cut then.
 * @param elapsed a monotonic clock in ms
 */
export function createPatientTimer(
  initialMs: number,
  onTimeout: () => void,
  elapsed: () => number = () => performance.now(),
): PatientTimer {
  let ms = initialMs;
  let due = elapsed() + ms;
  /** When the timer rings; null = it does not. */
  let ringsAt: number | null = due;
  let timer = setTimeout(ring, ms);

  function again(inMs: number): void {
    due = ringsAt = elapsed() + inMs;
    timer = setTimeout(ring, inMs);
  }

  function ring(): void {
    ringsAt = null;
    const lateMs = elapsed() - due;
    // refresh() only moves the due time: most timers are refreshed a thousand times and never ring.
    if (lateMs < 0) again(Math.ceil(-lateMs));
    else if (lateMs > LATE_MS) again(Math.min(ms, GRACE_MS));
    else onTimeout();
  }

  return {
    refresh() {
      due = elapsed() + ms;
    },
    restart(nextMs) {
      ms = nextMs;
      due = elapsed() + ms;
      // A timer that rings too early waits for the rest then: cheaper than a new one for each part of a call.
      if (ringsAt !== null && ringsAt <= due) return;
      clearTimeout(timer);
      again(ms);
    },
    stop() {
      ringsAt = null;
      clearTimeout(timer);
    },
  };
}
