import { type Exchange, fellBack } from '../exchange.ts';
import type { Today } from './types.ts';

/** Nothing yet. */
export function emptyTally(): Today {
  return {
    requests: 0,
    errors: 0,
    fallbacks: 0,
    costNanoUsd: 0,
    unpriced: 0,
    estimated: 0,
    input: 0,
    cacheRead: 0,
  };
}

/** Adds a finished exchange to sums. Demo rows do not count. */
export function addExchange(sums: Today, exchange: Exchange): void {
  if (exchange.demo) return;
  sums.requests++;
  if (exchange.outcome !== 'ok') sums.errors++;
  if (fellBack(exchange)) sums.fallbacks++;
  sums.costNanoUsd += exchange.cost.nanoUsd ?? 0;
  if (exchange.cost.state === 'unknown') sums.unpriced++;
  if (exchange.cost.state === 'estimate') sums.estimated++;
  sums.input += exchange.usage.input ?? 0;
  sums.cacheRead += exchange.usage.cacheRead ?? 0;
}
