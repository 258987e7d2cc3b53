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
  elapsed: () => number = monotonic,
): PatientTimer {
  return new Waiting(initialMs, onTimeout, elapsed);
}

const monotonic = (): number => performance.now();

class Waiting implements PatientTimer {
  private readonly onTimeout: () => void;
  private readonly elapsed: () => number;
  private ms: number;
  private due: number;
  /** When the timer rings; null = it does not. */
  private ringsAt: number | null;
  private timer: NodeJS.Timeout;

  constructor(ms: number, onTimeout: () => void, elapsed: () => number) {
    this.onTimeout = onTimeout;
    this.elapsed = elapsed;
    this.ms = ms;
    this.due = this.ringsAt = elapsed() + ms;
    this.timer = setTimeout(ring, ms, this);
  }

  refresh(): void {
    this.due = this.elapsed() + this.ms;
  }

  restart(nextMs: number): void {
    this.ms = nextMs;
    this.refresh();
    // A timer that rings too early waits for the rest then: cheaper than a new one for each part of a call.
    if (this.ringsAt !== null && this.ringsAt <= this.due) return;
    clearTimeout(this.timer);
    this.again(nextMs);
  }

  stop(): void {
    this.ringsAt = null;
    clearTimeout(this.timer);
  }

  ring(): void {
    this.ringsAt = null;
    const lateMs = this.elapsed() - this.due;
    // refresh() only moves the due time: most timers are refreshed a thousand times and never ring.
    if (lateMs < 0) this.again(Math.ceil(-lateMs));
    else if (lateMs > LATE_MS) this.again(Math.min(this.ms, GRACE_MS));
    else this.onTimeout();
  }

  private again(inMs: number): void {
    this.due = this.ringsAt = this.elapsed() + inMs;
    this.timer = setTimeout(ring, inMs, this);
  }
}

function ring(timer: Waiting): void {
  timer.ring();
}
