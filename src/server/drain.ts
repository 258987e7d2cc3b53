import type { IncomingMessage, ServerResponse } from 'node:http';

/** Counts requests on their way, so that a stop can wait for them. */
export interface Drain {
  enter(request: IncomingMessage, response: ServerResponse): void;
  active(): number;
  /** Resolves when none is left, or after the time. */
  empty(withinMs: number): Promise<void>;
}

/** Creates the counter; `onIdle` hears of every end behind which no request is left. */
export function createDrain(onIdle: () => void): Drain {
  let active = 0;
  let onEmpty: (() => void) | undefined;
  return {
    enter(_request, response) {
      active++;
      // It closes once; `once` would make two objects more for each request.
      response.on('close', () => {
        active--;
        if (active > 0) return;
        onIdle();
        onEmpty?.();
      });
    },
    active: () => active,
    empty(withinMs) {
      if (active === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
}
