import type { Cost } from '../exchange.ts';
import type { Usage } from '../pivot/index.ts';
import type { GenaiModelPrices, GenaiPrices } from './genai.ts';
import { type Amount, amountOf, nanoUsd, type Parts, partsOf, type Rates, saneRate } from './rates.ts';
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
  return {
    text,
    guess: false,
    amount(parts, usage) {
      const amount = amountOf(parts, rates);
      // Rates of tokens say nothing of what a call of a tool costs.
      return amount && { ...amount, rough: amount.rough || (usage.searches ?? 0) > 0 };
    },
    rates: () => rates,
  };
}

function userRates(price: UserPrice): Rates {
  return {
    input: saneRate(price.input),
    output: saneRate(price.output),
    cacheRead: saneRate(price.cached),
    cacheWrite: saneRate(price.cacheWrite),
  };
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
 * Where the price of a model may stand, strongest first: the user's word, the provider's own list, the price package,
 * the bundled snapshot. A pattern of the package that merely fits the beginning of the id comes after a row that names
 * the model: `claude-sonnet-5-5` is not `claude-sonnet-5`.
 */
function sourcesOf(facts: PriceFacts): PriceSource[] {
  const { provider, model, user, live, bundled } = facts;
  const found = provider.pricesId === null ? null : facts.genai.find(provider.pricesId, model);
  const genai = found && fromGenai(found, facts.genaiDate);
  const snapshot = bundled?.rates ? fromRates(bundled.rates, bundled.source) : null;
  return [
    user ? fromRates(userRates(user), USER_SOURCE) : null,
    live?.price ? fromRates(live.price, `${provider.id} /models`) : null,
    ...(found?.exact ? [genai, snapshot] : [snapshot, genai]),
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

/** Tokens cost a tier's share; what is paid by the call costs the same in every tier. */
function inTier(
  usd: number,
  [part, of]: Share,
  source: PriceSource,
  parts: Parts,
  usage: Usage,
  at: number,
): number {
  if (part === of) return usd;
  const tokens = source.amount(parts, { ...usage, searches: 0 }, at)?.usd ?? usd;
  return (tokens * part) / of + (usd - tokens);
}

/** A list price, in the tier of service that the answer was made in. A price that somebody set is for every tier. */
function pricedCost(
  { provider, model }: PriceFacts,
  parts: Parts,
  source: PriceSource,
  usage: Usage,
  at: number,
): Cost | null {
  const amount = source.amount(parts, usage, at);
  const tier = source.text === USER_SOURCE ? undefined : usage.tier;
  const share = tierShare(provider.id, model, tier);
  const nano = amount && nanoUsd(inTier(amount.usd, share ?? STANDARD, source, parts, usage, at));
  if (!amount || nano === null) return null;
  const fees = (usage.serverTools ?? 0) > 0;
  const exact = parts.inputKnown && !amount.rough && !source.guess && share !== null && !fees;
  const text = tier && share ? `${source.text} ${tier}` : source.text;
  return { nanoUsd: nano, state: exact ? 'exact' : 'estimate', source: text };
}

/** By the strongest source that has a rate for all that was counted. */
function listedCost(facts: PriceFacts, usage: Usage, at: number): Cost {
  const parts = partsOf(usage);
  if (!parts) return UNKNOWN;
  for (const source of sourcesOf(facts)) {
    const cost = pricedCost(facts, parts, source, usage, at);
    if (cost) return cost;
  }
  return UNKNOWN;
}

/** By the price that the user set: it comes before what the provider reports, because somebody chose it. */
function userCost(facts: PriceFacts, usage: Usage, at: number): Cost | null {
  const { user } = facts;
  const parts = user && partsOf(usage);
  return parts ? pricedCost(facts, parts, fromRates(userRates(user), USER_SOURCE), usage, at) : null;
}

/**
 * What usage cost as of a moment (ms since 1970). Never throws; what cannot be priced is unknown, never 0.
 * `estimate` = some tokens had no rate of their own or were not counted, or the rate is that of a model whose name
 * begins alike.
 */
export function costOf(facts: PriceFacts, usage: Usage, at: number): Cost {
  if (facts.provider.kind === 'demo') {
    const cost = listedCost(facts, usage, at);
    return cost.nanoUsd === null ? cost : { ...cost, state: 'demo', source: 'demo' };
  }
  return userCost(facts, usage, at) ?? reportedCost(usage) ?? freeCost(facts) ?? listedCost(facts, usage, at);
}

/** The list price as of a moment: of the strongest source that has one. */
export function listPrice(facts: PriceFacts, at: number): ModelPrice | null {
  const zero = freeCost(facts);
  if (zero) return { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, source: zero.source ?? zero.state };
  for (const source of sourcesOf(facts)) {
    const { input, output, cacheRead, cacheWrite } = source.rates(at);
    if (input === undefined && output === undefined) continue;
    return {
      input: input ?? null,
      output: output ?? null,
      cacheRead: cacheRead ?? null,
      cacheWrite: cacheWrite ?? null,
      source: source.text,
    };
  }
  return null;
}
