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

/** Creates one that was not given yet. */
export function createSignal(): SignalSource {
  let aborted = false;
  let reason: unknown;
  // A set: the server's end has a listener for each call that runs, and coming and going must not cost more with more of them.
  const listeners = new Set<() => void>();
  return {
    signal: {
      get aborted() {
        return aborted;
      },
      get reason() {
        return reason;
      },
      addEventListener(_type, listener) {
        if (!aborted) listeners.add(listener);
      },
      removeEventListener(_type, listener) {
        listeners.delete(listener);
      },
    },
    abort(why) {
      if (aborted) return;
      aborted = true;
      reason = why;
      const told = [...listeners];
      listeners.clear();
      for (const listener of told) listener();
    },
  };
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
    ...own,
    release() {
      for (const { source, listener } of heard) source.removeEventListener('abort', listener);
    },
  };
}
