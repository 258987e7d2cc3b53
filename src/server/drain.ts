import type { IncomingMessage, ServerResponse } from 'node:http';

/** Counts requests on their way, so that a stop can wait for them. */
export interface Drain {
  enter(request: IncomingMessage, response: ServerResponse): void;
  active(): number;
  /** Resolves when none is left, or after the time. */
  empty(withinMs: number): Promise<void>;
}

/** Who hears of the ends of requests. */
export interface DrainListener {
  /** One has ended that announced a body of so many bytes. */
  onEnd(bytes: number): void;
  /** Behind an end no request is left. */
  onIdle(): void;
}

/** Creates the counter. */
export function createDrain({ onEnd, onIdle }: DrainListener): Drain {
  let active = 0;
  let onEmpty: (() => void) | undefined;
  return {
    enter(request, response) {
      active++;
      response.once('close', () => {
        active--;
        onEnd(Number(request.headers['content-length'] ?? 0));
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
