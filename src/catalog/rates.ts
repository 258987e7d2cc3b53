import type { Usage } from '../pivot/index.ts';

/** USD per million tokens. `undefined` = the source does not say. */
export interface Rates {
  input?: number | undefined;
  output?: number | undefined;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
  /** Of cache writes that live an hour. */
  cacheWrite1h?: number | undefined;
  /** Rates of a request with more input tokens than `above`; ascending. */
  tiers?: readonly { above: number; rates: Rates }[];
}

/** Token counts without overlap, as they are billed. */
export interface Parts {
  /** Input that neither came from a cache nor went into one. */
  fresh: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  output: number;
  /** All of the input: what tiers look at. */
  input: number;
  /** false = nobody counted the input, so that it is missing in the amount. */
  inputKnown: boolean;
}

const count = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;

/** The billed parts of usage, or null when neither input nor output is known. Impossible counts are as if absent. */
export function partsOf(usage: Usage): Parts | null {
  const input = count(usage.input);
  const output = count(usage.output);
  if (input === undefined && output === undefined) return null;
  const cacheRead = count(usage.cacheRead) ?? 0;
  const cacheWrite = count(usage.cacheWrite) ?? 0;
  const cacheWrite1h = Math.min(count(usage.cacheWrite1h) ?? 0, cacheWrite);
  // A provider that counts cache tokens beside the input must not make the rest negative.
  const fresh = Math.max(0, (input ?? 0) - cacheRead - cacheWrite);
  return {
    fresh,
    cacheRead,
    cacheWrite5m: cacheWrite - cacheWrite1h,
    cacheWrite1h,
    output: output ?? 0,
    input: fresh + cacheRead + cacheWrite,
    inputKnown: input !== undefined,
  };
}

/** A rate that can be meant: not negative, not above a dollar a token. Anything else is as if not said. */
export function saneRate(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 1e6 ? value : undefined;
}

/** An amount in USD. `rough` = a part of it had no rate of its own. */
export interface Amount {
  usd: number;
  rough: boolean;
}

/** What parts cost, or null when a rate that they need is missing. Cache tokens without a rate cost what input costs. */
export function amountOf(parts: Parts, listed: Rates): Amount | null {
  const rates = listed.tiers?.findLast((tier) => parts.input > tier.above)?.rates ?? listed;
  const needed: readonly [tokens: number, rate: number | undefined][] = [
    [parts.fresh, rates.input],
    [parts.cacheRead, rates.cacheRead ?? rates.input],
    [parts.cacheWrite5m, rates.cacheWrite ?? rates.input],
    [parts.cacheWrite1h, rates.cacheWrite1h ?? rates.cacheWrite ?? rates.input],
    [parts.output, rates.output],
  ];
  let perMillion = 0;
  for (const [tokens, rate] of needed) {
    if (tokens === 0) continue;
    if (rate === undefined) return null;
    perMillion += tokens * rate;
  }
  const rough =
    (parts.cacheRead > 0 && rates.cacheRead === undefined) ||
    (parts.cacheWrite5m > 0 && rates.cacheWrite === undefined) ||
    (parts.cacheWrite1h > 0 && rates.cacheWrite1h === undefined);
  return { usd: perMillion / 1e6, rough };
}

/** Whole nano-dollars, rounded half up; null for what no bill can be (negative, not finite, beyond exact integers). */
export function nanoUsd(usd: number): number | null {
  // Fifteen digits are what a double holds: without this a half that became 0.49999999999999994 rounds down.
  const nano = Math.floor(Number((usd * 1e9).toPrecision(15)) + 0.5);
  return Number.isSafeInteger(nano) && nano >= 0 ? nano : null;
}
