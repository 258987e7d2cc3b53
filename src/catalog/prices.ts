import type { Cost } from '../exchange.ts';
import type { ServiceTier, Usage } from '../pivot/index.ts';
import type { GenaiModelPrices, GenaiPrices } from './genai.ts';
import { pruned } from './live-prices.ts';
import {
  type Amount,
  amountOf,
  type CostItem,
  nanoUsd,
  type Parts,
  partsOf,
  type Rates,
  saneRate,
} from './rates.ts';
import type { Share } from './service-tiers.data.ts';
import { STANDARD, tierShare } from './service-tiers.ts';
import type { BundledModel } from './shelves.ts';
import type { LiveModel, ModelPrice, Provider, UserPrice } from './types.ts';

/** What is known of one model's price, from every side. */
export interface PriceFacts {
  provider: Provider;
  /** The provider's own id of the model. */
  model: string;
  user: UserPrice | undefined;
  live: LiveModel | undefined;
  bundled: BundledModel | undefined;
  /** What the vendor's own page says, where the lists are behind it. */
  correction: ((at: number) => { rates: Rates; source: string } | null) | null;
  /** The price package's data as it was last downloaded. */
  refreshed: { genai: GenaiPrices; date: string } | undefined;
  /** models.dev as it was last downloaded. */
  listed: { rates: Rates; text: string } | undefined;
  /** Shares of tiers of service that a downloaded list knows. */
  tiers: Readonly<Partial<Record<ServiceTier, Share>>>;
  genai: GenaiPrices;
  /** Source text of the price package: name and date. */
  genaiDate: string;
}

/** One place where a price may stand. `guess` = it is the price of a model whose name begins alike. */
interface PriceSource {
  text: string;
  guess: boolean;
  amount(parts: Parts, usage: Usage, at: number): Amount | null;
  rates(at: number): Rates;
}

/** Sellers whose ids that end in `:free` cost nothing. */
const FREE_SUFFIX: ReadonlySet<string> = new Set(['openrouter', 'unorouter']);

const USER_SOURCE = 'config';

function fromRates(rates: Rates, text: string): PriceSource {
  return { text, guess: false, amount: (parts) => amountOf(parts, rates), rates: () => rates };
}

/** Tokens that cost nothing: what is paid by the request is the whole price. */
const FREE_TOKENS: Rates = {
  ...{ input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 },
  ...{ inputAudio: 0, outputAudio: 0, inputImage: 0, outputImage: 0 },
};

/** Whether a user's price is one of the request alone. */
const byRequest = ({ perRequest, perSearch: _fee, ...tokens }: UserPrice): boolean =>
  perRequest !== undefined && Object.values(tokens).every((rate) => rate === undefined);

function userRates(price: UserPrice): Rates {
  const { cached, ...rates } = price;
  const said = Object.entries({ ...rates, cacheRead: cached }).map(([name, rate]) => [name, saneRate(rate)]);
  return { ...(byRequest(price) ? FREE_TOKENS : {}), ...pruned(Object.fromEntries(said)) };
}

function fromGenai(found: GenaiModelPrices, date: string): PriceSource {
  return {
    text: `genai-prices ${found.id} ${date}`,
    guess: !found.exact,
    amount: found.amount,
    rates: found.rates,
  };
}

/**
 * Where the price of a model may stand as of a moment, strongest first: the user's word, the provider's own list, the
 * vendor's page where it is ahead of the lists, the price package (as downloaded, as bundled), models.dev, the bundled
 * snapshot. A pattern of the package that merely fits the beginning of the id comes after a row that names the model:
 * `claude-sonnet-5-5` is not `claude-sonnet-5`.
 */
function sourcesOf(facts: PriceFacts, at: number): PriceSource[] {
  const { provider, model, user, live, listed, bundled, refreshed } = facts;
  const found = provider.pricesId === null ? null : facts.genai.find(provider.pricesId, model);
  const newer = provider.pricesId === null ? null : refreshed?.genai.find(provider.pricesId, model);
  const genai = found && fromGenai(found, facts.genaiDate);
  const correction = facts.correction?.(at);
  return [
    user ? fromRates(userRates(user), USER_SOURCE) : null,
    live?.price ? fromRates(live.price, `${provider.id} /models`) : null,
    correction ? fromRates(correction.rates, correction.source) : null,
    newer && refreshed ? fromGenai(newer, refreshed.date) : null,
    found?.exact ? genai : null,
    listed ? fromRates(listed.rates, listed.text) : null,
    bundled?.rates ? fromRates(bundled.rates, bundled.source) : null,
    found?.exact ? null : genai,
  ].filter((source) => source !== null);
}

/** What a provider says it charged, if that is an amount. */
function reportedCost(usage: Usage): Cost | null {
  const nano = usage.costUsd === undefined ? null : nanoUsd(usage.costUsd);
  return nano === null ? null : { nanoUsd: nano, state: 'exact', source: 'provider' };
}

/** A known zero, told by who sells or by the id. */
function freeCost({ provider, model, user, live }: PriceFacts): Cost | null {
  if (user) return null;
  if (provider.kind === 'local') return { nanoUsd: 0, state: 'local', source: null };
  const free = FREE_SUFFIX.has(provider.id) && model.endsWith(':free');
  const listedFree = live?.price?.input === 0 && live.price.output === 0;
  return free || listedFree ? { nanoUsd: 0, state: 'free', source: provider.id } : null;
}

const UNKNOWN: Cost = { nanoUsd: null, state: 'unknown', source: null };

/** A cost with the items that it is made of. */
export interface Priced {
  cost: Cost;
  /** Before a tier's share is taken; empty where the source does not tell them. */
  items: readonly CostItem[];
  /** What items of tokens are multiplied by, and the name of that tier of service; null = standard. */
  tier: { name: ServiceTier; share: Share } | null;
}

const without = (cost: Cost): Priced => ({ cost, items: [], tier: null });

/** A list price, in the tier of service that the answer was made in. A price that somebody set is for every tier. */
function pricedBy(
  source: PriceSource,
  { provider, model, tiers }: PriceFacts,
  { parts, usage, at }: { parts: Parts; usage: Usage; at: number },
): Priced | null {
  const amount = source.amount(parts, usage, at);
  const name = source.text === USER_SOURCE ? undefined : usage.tier;
  const share = tierShare(provider.id, model, name) ?? (name && tiers[name]) ?? null;
  const [part, of] = share ?? STANDARD;
  // Tokens cost a tier's share; what is paid by the call costs the same in every tier.
  const nano = amount && nanoUsd((amount.tokensUsd * part) / of + (amount.usd - amount.tokensUsd));
  if (!amount || nano === null) return null;
  const fees = (usage.serverTools ?? 0) > 0;
  const exact = parts.inputKnown && !amount.rough && !source.guess && share !== null && !fees;
  const text = name && share ? `${source.text} ${name}` : source.text;
  return {
    cost: { nanoUsd: nano, state: exact ? 'exact' : 'estimate', source: text },
    items: amount.items,
    tier: name && share ? { name, share } : null,
  };
}

/** By the strongest source that has a rate for all that was counted. */
function byList(facts: PriceFacts, usage: Usage, at: number): Priced {
  const parts = partsOf(usage);
  if (!parts) return without(UNKNOWN);
  for (const source of sourcesOf(facts, at)) {
    const priced = pricedBy(source, facts, { parts, usage, at });
    if (priced) return priced;
  }
  return without(UNKNOWN);
}

/** By the price that the user set: it comes before what the provider reports, because somebody chose it. */
function byUser(facts: PriceFacts, usage: Usage, at: number): Priced | null {
  const { user } = facts;
  if (!user) return null;
  const parts = partsOf(usage) ?? (byRequest(user) ? partsOf({ ...usage, input: 0, output: 0 }) : null);
  return parts && pricedBy(fromRates(userRates(user), USER_SOURCE), facts, { parts, usage, at });
}

/**
 * What usage cost as of a moment (ms since 1970). Never throws; what cannot be priced is unknown, never 0.
 * `estimate` = some tokens had no rate of their own or were not counted, or the rate is that of a model whose name
 * begins alike.
 */
export function priceUsage(facts: PriceFacts, usage: Usage, at: number): Priced {
  if (facts.provider.kind === 'demo') {
    const priced = byList(facts, usage, at);
    const { cost } = priced;
    return cost.nanoUsd === null ? priced : { ...priced, cost: { ...cost, state: 'demo', source: 'demo' } };
  }
  const told = reportedCost(usage) ?? freeCost(facts);
  return byUser(facts, usage, at) ?? (told ? without(told) : byList(facts, usage, at));
}

/** The list price as of a moment: of the strongest source that has one. */
export function listPrice(facts: PriceFacts, at: number): ModelPrice | null {
  const zero = freeCost(facts);
  if (zero) return { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, source: zero.source ?? zero.state };
  for (const source of sourcesOf(facts, at)) {
    const { input, output, cacheRead, cacheWrite, tiers: _tiers, ...rare } = source.rates(at);
    if (input === undefined && output === undefined) continue;
    return {
      input: input ?? null,
      output: output ?? null,
      cacheRead: cacheRead ?? null,
      cacheWrite: cacheWrite ?? null,
      ...pruned(rare),
      source: source.text,
    };
  }
  return null;
}
