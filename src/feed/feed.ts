import type { Exchange } from '../exchange.ts';
import type { Feed, FeedEvent } from './types.ts';

const RECENT = 200;

/**
 * Creates the feed. What it gives away are snapshots, made when somebody wants one; keys never reach it (messages are
 * masked before they are recorded).
 */
export function createFeed(): Feed {
  const open = new Map<string, Exchange>();
  let finished: Exchange[] = [];
  const listeners = new Set<(event: FeedEvent) => void>();

  function tell(type: FeedEvent['type'], now: Exchange): void {
    if (listeners.size === 0) return;
    const exchange = snapshot(now);
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
      open.set(exchange.id, exchange);
      tell('open', exchange);
    },
    update(exchange) {
      if (open.has(exchange.id)) tell('update', exchange);
    },
    finish(exchange) {
      if (!open.delete(exchange.id)) return;
      finished.push(exchange);
      if (finished.length > 2 * RECENT) finished = finished.slice(-RECENT);
      tell('finish', exchange);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    live: () => [...open.values()].map(snapshot),
    recent: () => finished.slice(-RECENT).map(snapshot),
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
