import type { Cost } from '../exchange.ts';
import type { Usage } from '../pivot/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import type { FeedData } from './feeds/index.ts';
import type { Priced } from './prices.ts';
import type { Quirk } from './quirks.ts';

export type { CostItem } from './rates.ts';
export type { Priced, Quirk };

/** How a surface wants its key: the header, or none. */
export type Auth = 'bearer' | 'x-api-key' | 'x-goog-api-key' | 'api-key' | 'none';

/** One protocol that a provider speaks. `url` is everything before the protocol's own path. */
export interface Surface {
  protocol: ProtocolId;
  url: string;
  auth: Auth;
}

/** Who sells: its maker, somebody who resells many makers' models, or a server on this machine. */
export type ProviderKind = 'maker' | 'reseller' | 'local' | 'demo';

/** One provider: a row of data. */
export interface Provider {
  id: string;
  name: string;
  kind: ProviderKind;
  /** In order of preference; at most one per protocol. */
  surfaces: readonly Surface[];
  /** Well-known environment variables that hold its key, strongest first. */
  env: readonly string[];
  keyPage: string | null;
  /** Its id in @pydantic/genai-prices; null = not there. */
  pricesId: string | null;
  /** Sold by subscription: a token has no price there. Absent = no. */
  plan?: boolean;
  /** Full URL of its list of models, which takes the key as the first surface does; null = has none. */
  modelsUrl: string | null;
  /** Of all its models; `Catalog.quirks` adds those of one model. */
  quirks: readonly Quirk[];
  /** Extra headers on every call (a user's own). */
  headers: Readonly<Record<string, string>>;
  /** false = the user has switched it off: known, and never called. */
  enabled: boolean;
  /** false = added by the user's configuration. */
  builtin: boolean;
  /** Web origins (`https://api.openai.com`) of the surfaces as built in: the variables of `env` are bound to these. */
  builtinOrigins: readonly string[];
}

/** A model as one provider sells it. `null` = not known. */
export interface ModelInfo {
  provider: string;
  /** The provider's own id. */
  id: string;
  /** The name across sellers (without `maker/` prefix, dates and spelling differences removed by data). */
  name: string;
  maker: string | null;
  context: number | null;
  maxOutput: number | null;
  tools: boolean | null;
  vision: boolean | null;
  reasoning: boolean | null;
  /** USD per million tokens at this moment; null = unknown. */
  price: ModelPrice | null;
  /** Seen in the provider's own GET /models. */
  live: boolean;
  /** The provider lists its models, and this one, by any spelling, is no longer among them. */
  gone: boolean;
  /** The provider says that it will end: `2027-01-31`, or `soon` without a date. */
  deprecated: string | null;
  /** ms since 1970 when it first stood in the provider's list; null = before anybody looked. */
  since: number | null;
}

/** What few models have: USD per million tokens, fees in USD a call. Absent in the others. */
export interface SpecialPrice {
  cacheWrite1h?: number;
  inputAudio?: number;
  outputAudio?: number;
  inputImage?: number;
  outputImage?: number;
  perRequest?: number;
  perSearch?: number;
}

/** List price in USD per million tokens. */
export interface ModelPrice extends SpecialPrice {
  input: number | null;
  output: number | null;
  cacheRead: number | null;
  cacheWrite: number | null;
  source: string;
}

/** A provider and its own id for a model. */
export interface Seller {
  provider: string;
  model: string;
}

/** What providers' own lists say of a price. */
export interface LivePrice extends Pick<SpecialPrice, 'inputAudio' | 'perRequest' | 'perSearch'> {
  input?: number;
  output?: number;
  cacheRead?: number;
  cacheWrite?: number;
}

/** What a GET /models of a provider said, reduced to what we use. */
export interface LiveModel {
  id: string;
  context?: number;
  maxOutput?: number;
  /** USD per million tokens and USD a call, where the list has prices. */
  price?: LivePrice;
  /** The last day, `2027-01-31`, or `soon`. */
  deprecated?: string;
  /** ms since 1970 when an earlier list did not have it yet. */
  since?: number;
}

/** What a user's configuration says of a provider: fields over a built-in row, or a row of its own. */
export interface ProviderOverride {
  url?: string;
  protocol?: readonly ProtocolId[];
  auth?: Auth;
  headers?: Readonly<Record<string, string>>;
  /** Environment variables that hold a key, instead of the row's own. */
  keys?: readonly string[];
  /** Unknown ones are left out: the configuration has complained about them. */
  quirks?: readonly string[];
  enabled?: boolean;
}

/** A user's own price for `provider/model`, USD per million tokens. A fee of requests alone is the whole price: tokens then cost nothing. */
export interface UserPrice extends SpecialPrice {
  input?: number;
  output?: number;
  cached?: number;
  cacheWrite?: number;
}

/** What was found out of a model by trying; absent = not tried. */
export interface Shown {
  tools?: boolean;
  vision?: boolean;
  reasoning?: boolean;
  context?: number;
}

/** Look-ups over the bundled snapshot, what providers list live, and the user's own rows and prices. */
export interface Catalog {
  /**
   * Loads the bundled models and prices (about 1 MB of code, some 50 ms). Until it resolves everything about models
   * and prices throws (a programming error); `providers`, `provider`, `quirks` and `setLive` work at once. Idempotent.
   */
  ready(): Promise<void>;
  providers(): readonly Provider[];
  /** By id or by an alias of it (`gemini`, `together`); the row has its real id. */
  provider(id: string): Provider | undefined;
  /** Every model of every provider: bundled and live. */
  models(): readonly ModelInfo[];
  /** Models of one provider. */
  modelsOf(provider: string): readonly ModelInfo[];
  /** Who sells a bare model name, by data (dots, dashes, dates, `maker/` prefixes); unordered by preference, without demo. */
  sellers(name: string): readonly Seller[];
  /** A model by the provider's own id, else by another spelling of the same model. */
  info(provider: string, model: string): ModelInfo | undefined;
  /**
   * The quirks of a model at a provider: those of the row, and those that the model has wherever it is sold. Works
   * before `ready()`; same question, same answer. A provider or model that nobody knows has what its name suggests.
   */
  quirks(provider: string, model: string): ReadonlySet<Quirk>;
  /** Prices usage as of a moment (ms since 1970). Never throws; unknown = `{ nanoUsd: null, state: 'unknown' }`. */
  cost(provider: string, model: string, usage: Usage, at: number): Cost;
  /** The same with the items that it is made of: what `logs show` adds up. */
  bill(provider: string, model: string, usage: Usage, at: number): Priced;
  /** The list price of any model at this moment, also of one that no list has; null = not known. */
  price(provider: string, model: string): ModelPrice | null;
  /** Names close to an unknown one, best first. */
  suggest(name: string, limit: number): string[];
  /**
   * Replaces what a provider lists live (also used when a cached list is loaded).
   * @param at ms since 1970 when the provider said so; for `freshness`
   */
  setLive(provider: string, models: readonly LiveModel[], at?: number): void;
  /** Replaces what public lists of prices say. @param at ms since 1970 of the newest; for `freshness` */
  setPrices(feeds: FeedData, at: number): void;
  /** Replaces what was found out by trying, by `provider/model`; it beats every list. */
  setShown(shown: ReadonlyMap<string, Shown>): void;
  /** ms since 1970 of the newest data, and where it came from. */
  freshness(): { at: number; source: 'bundled' | 'refreshed' };
}
