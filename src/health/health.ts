import type { Health, PlaceHealth } from './types.ts';

const WELL: PlaceHealth = { state: 'ok', until: null, why: null, ok: null, ttftMs: null };

/** Creates it. `now` is ms since 1970. */
export function createHealth(_clock: { now(): number }): Health {
  return {
    of: () => WELL,
    began: () => undefined,
    succeeded: () => undefined,
    failed: () => undefined,
    takeRetry: () => true,
    forgiveKeys: () => undefined,
  };
}
