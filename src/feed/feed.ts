import type { Exchange } from '../exchange.ts';
import type { Feed, FeedEvent } from './types.ts';

const RECENT = 200;

/** Creates the feed. Everything in it is a snapshot; keys never reach it (messages are masked before they are recorded). */
export function createFeed(): Feed {
  const open = new Map<string, Exchange>();
  let finished: Exchange[] = [];
  const listeners = new Set<(event: FeedEvent) => void>();

  function tell(type: FeedEvent['type'], exchange: Exchange): void {
    for (const listener of listeners) {
      try {
        listener({ type, exchange });
      } catch {
        // A broken terminal or a gone reader must not touch the request; it hears no more.
        listeners.delete(listener);
      }
    }
  }

  return {
    open(exchange) {
      const copy = snapshot(exchange);
      open.set(copy.id, copy);
      tell('open', copy);
    },
    update(exchange) {
      if (!open.has(exchange.id)) return;
      const copy = snapshot(exchange);
      open.set(copy.id, copy);
      tell('update', copy);
    },
    finish(exchange) {
      if (!open.delete(exchange.id)) return;
      const copy = snapshot(exchange);
      finished.push(copy);
      if (finished.length > 2 * RECENT) finished = finished.slice(-RECENT);
      tell('finish', copy);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    live: () => [...open.values()],
    recent: () => finished.slice(-RECENT),
  };
}

/** A copy that later changes of the exchange do not reach. */
function snapshot(exchange: Exchange): Exchange {
  return {
    ...exchange,
    usage: { ...exchange.usage },
    cost: { ...exchange.cost },
    attempts: exchange.attempts.map((attempt) => ({ ...attempt })),
    losses: [...exchange.losses],
  };
}
