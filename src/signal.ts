/**
 * An AbortSignal as far as requests need one. Node's own is an EventTarget: making it and listening to it costs some
 * 10 µs in each request and again in each call; this is a list of callbacks. Any AbortSignal is one, too.
 */
export interface Signal {
  readonly aborted: boolean;
  /** What it was aborted with. */
  readonly reason: unknown;
  /** Calls back once, when it is aborted. */
  addEventListener(type: 'abort', listener: () => void, options?: { once: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Who holds it decides when the signal is given. */
export interface SignalSource {
  signal: Signal;
  /** Calls back whoever listens, in the order in which they came. Idempotent. */
  abort(reason?: unknown): void;
}

/** Creates one that was not given yet. Joining and leaving cost the more the more listen: it is for the few of one request. */
export function createSignal(): SignalSource {
  return new OwnSignal();
}

const NONE: readonly (() => void)[] = [];

/** Both sides in one object: every request makes several. */
class OwnSignal implements Signal, SignalSource {
  aborted = false;
  reason: unknown = undefined;
  private listeners: readonly (() => void)[] = NONE;

  get signal(): Signal {
    return this;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.aborted || this.listeners.includes(listener)) return;
    // A list that is pushed to has room for seventeen.
    this.listeners = [...this.listeners, listener];
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners = this.listeners.filter((one) => one !== listener);
  }

  abort(reason?: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const told = this.listeners;
    this.listeners = NONE;
    for (const listener of told) listener();
  }
}

/** One that is given as soon as any of the sources is. `release` stops listening to them. */
export function anySignal(sources: readonly Signal[]): SignalSource & { release(): void } {
  const own = createSignal();
  const heard = sources.map((source) => ({ source, listener: () => own.abort(source.reason) }));
  for (const { source, listener } of heard) {
    if (source.aborted) listener();
    else source.addEventListener('abort', listener, { once: true });
  }
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    release() {
      for (const { source, listener } of heard) source.removeEventListener('abort', listener);
    },
  };
}
