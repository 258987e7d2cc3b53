import type { Usage } from '../pivot/index.ts';

/** USD per million tokens, and USD for what is paid by the call. `undefined` = the source does not say. */
export interface Rates {
  input?: number | undefined;
  output?: number | undefined;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
  /** Of cache writes that live an hour. */
  cacheWrite1h?: number | undefined;
  inputAudio?: number | undefined;
  outputAudio?: number | undefined;
  inputImage?: number | undefined;
  outputImage?: number | undefined;
  /** USD for each request. */
  perRequest?: number | undefined;
  /** USD for each search of the web. */
  perSearch?: number | undefined;
  /** Rates of a request with more input tokens than `above`; ascending. */
  tiers?: readonly { above: number; rates: Rates }[];
}

/** Counts without overlap, as they are billed. */
export interface Parts {
  /** Input that neither came from a cache nor went into one, and is neither sound nor picture. */
  fresh: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  inputAudio: number;
  inputImage: number;
  /** Text. */
  output: number;
  outputAudio: number;
  outputImage: number;
  /** Calls. */
  searches: number;
  /** All of the input: what tiers look at. */
  allInput: number;
  allOutput: number;
  /** false = nobody counted the input, so that it is missing in the amount. */
  inputKnown: boolean;
}

/** What an item of a bill is about. */
export type BilledPart = Exclude<keyof Parts, 'allInput' | 'allOutput' | 'inputKnown'> | 'request';

/** One line of a bill: so many of something at a rate. */
export interface CostItem {
  part: BilledPart;
  count: number;
  /** USD, for as many as `per` says. */
  usd: number;
  per: 1 | 1_000_000;
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
  const uncached = Math.max(0, (input ?? 0) - cacheRead - cacheWrite);
  // Nobody says which kind of tokens came from a cache: text first, as long as there is some.
  const inputAudio = Math.min(count(usage.inputAudio) ?? 0, uncached);
  const inputImage = Math.min(count(usage.inputImage) ?? 0, uncached - inputAudio);
  const outputAudio = Math.min(count(usage.outputAudio) ?? 0, output ?? 0);
  const outputImage = Math.min(count(usage.outputImage) ?? 0, (output ?? 0) - outputAudio);
  return {
    fresh: uncached - inputAudio - inputImage,
    cacheRead,
    cacheWrite5m: cacheWrite - cacheWrite1h,
    cacheWrite1h,
    inputAudio,
    inputImage,
    output: (output ?? 0) - outputAudio - outputImage,
    outputAudio,
    outputImage,
    searches: count(usage.searches) ?? 0,
    allInput: uncached + cacheRead + cacheWrite,
    allOutput: output ?? 0,
    inputKnown: input !== undefined,
  };
}

/** A rate that can be meant: not negative, not above a dollar a token. Anything else is as if not said. */
export function saneRate(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 1e6 ? value : undefined;
}

/** An amount in USD. */
export interface Amount {
  usd: number;
  /** Of it: what is paid by the token. Tiers of service are a share of that. */
  tokensUsd: number;
  /** A part of it had no rate of its own. */
  rough: boolean;
  /** What it is made of; empty where that is not known. */
  items: readonly CostItem[];
}

/** A rate of a part: its own, or the one that stands in for it; `missing` = that one may be too low. */
type RateOf = (rates: Rates) => { rate: number | undefined; missing: boolean };

/** The first of some rates that is there; only the first is the part's own. */
const firstOf =
  (own: keyof Omit<Rates, 'tiers'>, ...others: (keyof Omit<Rates, 'tiers'>)[]): RateOf =>
  (rates) => ({
    rate: [own, ...others].map((name) => rates[name]).find((rate) => rate !== undefined),
    missing: rates[own] === undefined,
  });

/** Pictures that are read cost what text costs, unless somebody says otherwise. */
const image: RateOf = ({ inputImage, input }) => ({ rate: inputImage ?? input, missing: false });

/** Parts that are paid by the token, in the order of a bill. */
const TOKEN_RATES: readonly (readonly [part: Exclude<BilledPart, 'request' | 'searches'>, rate: RateOf])[] = [
  ['fresh', firstOf('input')],
  ['cacheRead', firstOf('cacheRead', 'input')],
  ['cacheWrite5m', firstOf('cacheWrite', 'input')],
  ['cacheWrite1h', firstOf('cacheWrite1h', 'cacheWrite', 'input')],
  ['inputAudio', firstOf('inputAudio', 'input')],
  ['inputImage', image],
  ['output', firstOf('output')],
  ['outputAudio', firstOf('outputAudio', 'output')],
  ['outputImage', firstOf('outputImage', 'output')],
];

const MILLION = 1_000_000;

/** What calls cost. A search without a fee of its own is missing in the amount. */
export function callItems({ searches }: Parts, { perRequest, perSearch }: Rates): CostItem[] {
  return [
    ...(perRequest === undefined ? [] : [{ part: 'request', count: 1, usd: perRequest, per: 1 } as const]),
    ...(searches === 0 || perSearch === undefined
      ? []
      : [{ part: 'searches', count: searches, usd: perSearch, per: 1 } as const]),
  ];
}

/** What the items of a bill come to, in USD. */
export function sumOf(items: readonly CostItem[]): number {
  let perMillion = 0;
  let calls = 0;
  for (const { count: n, usd, per } of items) {
    if (per === 1) calls += n * usd;
    else perMillion += n * usd;
  }
  return perMillion / MILLION + calls;
}

/**
 * What parts cost, or null when a rate that they need is missing. Cache tokens and sound without a rate cost what the
 * rest of their side costs.
 */
export function amountOf(parts: Parts, listed: Rates): Amount | null {
  const tier = listed.tiers?.findLast(({ above }) => parts.allInput > above)?.rates ?? listed;
  const rates = { ...tier, perRequest: listed.perRequest, perSearch: listed.perSearch };
  const tokens: CostItem[] = [];
  let rough = parts.searches > 0 && rates.perSearch === undefined;
  for (const [part, rateOf] of TOKEN_RATES) {
    if (parts[part] === 0) continue;
    const { rate, missing } = rateOf(rates);
    if (rate === undefined) return null;
    rough ||= missing;
    tokens.push({ part, count: parts[part], usd: rate, per: MILLION });
  }
  const items = [...tokens, ...callItems(parts, rates)];
  return { usd: sumOf(items), tokensUsd: sumOf(tokens), rough, items };
}

/** Whole nano-dollars, rounded half up; null for what no bill can be (negative, not finite, beyond exact integers). */
export function nanoUsd(usd: number): number | null {
  // Fifteen digits are what a double holds: without this a half that became 0.49999999999999994 rounds down.
  const nano = Math.floor(Number((usd * 1e9).toPrecision(15)) + 0.5);
  return Number.isSafeInteger(nano) && nano >= 0 ? nano : null;
}
