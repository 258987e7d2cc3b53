import type { Exchange } from '../exchange.ts';

const NANO = 1_000_000_000;

/** The headers that every answer carries: who served, in how many attempts, at what cost, what was dropped. */
export function exchangeHeaders(exchange: Exchange, costKnown: boolean): Record<string, string> {
  const { nanoUsd } = exchange.cost;
  const cost = !costKnown
    ? 'pending'
    : nanoUsd === null
      ? 'unknown'
      : (nanoUsd / NANO).toFixed(9).replace(/0+$/, '').replace(/\.$/, '');
  return {
    'x-unorouter-id': exchange.id,
    'x-unorouter-served': headerText(
      exchange.provider === null ? 'none' : `${exchange.provider}/${exchange.model}`,
    ),
    'x-unorouter-attempts': String(exchange.attempts.length),
    'x-unorouter-cost': cost,
    'x-unorouter-dropped': exchange.losses.length === 0 ? 'none' : headerText(exchange.losses.join('; ')),
  };
}

/** A value that is safe in a header line. */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
