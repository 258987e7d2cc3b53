import { createSignal, type Signal } from '../signal.ts';

/** An upstream call's own signal, apart from its client's. */
export interface CallSignal {
  signal: Signal;
  /** The call is over. */
  done(): void;
}

/** Decides what becomes of upstream calls whose client goes away (reliability rule R9). */
export interface Leaving {
  /** `drain()` is asked when the client leaves: whether the answer is read on for its usage. */
  call(client: Signal, drain: () => boolean): CallSignal;
}

/**
 * Creates it. At most `calls` at once are read on without a client, each for `ms` at most; the others end at once. When
 * `ending` is aborted, every call ends with its reason.
 */
export function createLeaving({ calls, ms } = { calls: 8, ms: 30_000 }, ending?: Signal): Leaving {
  let draining = 0;
  return {
    call(client, drain) {
      const own = createSignal();
      let timer: NodeJS.Timeout | undefined;

      function onLeft(): void {
        if (!drain() || draining >= calls) {
          own.abort();
          return;
        }
        draining++;
        timer = setTimeout(() => own.abort(), ms);
      }

      const onEnding = (): void => own.abort(ending?.reason);

      if (client.aborted) own.abort();
      else client.addEventListener('abort', onLeft, { once: true });
      if (ending?.aborted) onEnding();
      else ending?.addEventListener('abort', onEnding, { once: true });
      return {
        signal: own.signal,
        done() {
          client.removeEventListener('abort', onLeft);
          ending?.removeEventListener('abort', onEnding);
          if (timer === undefined) return;
          clearTimeout(timer);
          timer = undefined;
          draining--;
        },
      };
    },
  };
}
