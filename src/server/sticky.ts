import { type Plan, type Target, targetId } from '../router/index.ts';

/** Longer than providers keep a prompt cache that nobody uses. */
const KEPT_MS = 3_600_000;
const MOST = 10_000;

/** Which target a session was given by an alias that chooses. In memory, bounded; what is not used for an hour is forgotten. */
export interface Sticky {
  /** As `RouteState.stuck`. */
  get(key: string): string | undefined;
  /** A target has answered: remembered if the plan wants it to be. */
  served(plan: Plan, target: Target): void;
}

/** Creates it. `now` is ms since 1970. */
export function createSticky({ now }: { now(): number }): Sticky {
  // In the order of last use, so that the first one is the one to forget.
  const kept = new Map<string, { target: string; until: number }>();
  return {
    get(key) {
      const found = kept.get(key);
      return found && found.until > now() ? found.target : undefined;
    },
    served({ stick }, target) {
      if (stick?.target !== targetId(target)) return;
      kept.delete(stick.key);
      kept.set(stick.key, { target: stick.target, until: now() + KEPT_MS });
      const [oldest] = kept.keys();
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
    },
  };
}
