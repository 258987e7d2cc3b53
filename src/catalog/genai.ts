import type * as Package from '@pydantic/genai-prices';
import type { Usage } from '../pivot/index.ts';
import { spelling, splitVersion } from './names.ts';
import {
  type Amount,
  amountOf,
  callItems,
  nanoUsd,
  type Parts,
  type Rates,
  saneRate,
  sumOf,
} from './rates.ts';

type GenaiModel = Package.ModelInfo;
type GenaiUsage = Package.Usage;

/** A model found in the price package. */
export interface GenaiModelPrices {
  /** Its id there, for example `openai/gpt-5`. */
  id: string;
  /** Whether the data names this model; else only the beginning of its name fits. */
  exact: boolean;
  /** What parts cost as of a moment (ms since 1970); null when the package cannot tell. */
  amount(parts: Parts, usage: Usage, at: number): Amount | null;
  /** The base rates as of a moment. */
  rates(at: number): Rates;
}

/** Look-ups in @pydantic/genai-prices. */
export interface GenaiPrices {
  /** @param provider the package's own id of the provider */
  find(provider: string, model: string): GenaiModelPrices | null;
}

/** Rates that a part of the usage needs to be priced exactly; without them the package charges the input's rate. */
const OWN_RATES: readonly (readonly [part: 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h', key: string])[] = [
  ['cacheRead', 'cache_read_mtok'],
  ['cacheWrite5m', 'cache_write_mtok'],
  ['cacheWrite1h', 'cache_write_1h_mtok'],
];

function tokensOf(parts: Parts): GenaiUsage {
  const written = parts.cacheWrite5m + parts.cacheWrite1h;
  return {
    // There, too, the input includes what came from caches and went into them.
    input_tokens: parts.allInput,
    output_tokens: parts.allOutput,
    ...(parts.cacheRead > 0 ? { cache_read_tokens: parts.cacheRead } : {}),
    ...(written > 0 ? { cache_write_tokens: written } : {}),
    ...(parts.cacheWrite1h > 0 ? { cache_write_1h_tokens: parts.cacheWrite1h } : {}),
  };
}

/** Parts that only some models price apart, and calls. */
function extrasOf(parts: Parts, usage: Usage): GenaiUsage {
  const { inputAudio = 0, inputImage = 0 } = usage;
  const extras = {
    input_audio_tokens: inputAudio,
    output_audio_tokens: usage.outputAudio,
    input_image_tokens: inputImage,
    output_image_tokens: usage.outputImage,
    output_reasoning_tokens: usage.reasoning,
    web_searches: usage.searches,
    // Nobody says which kind of tokens came from a cache: text first, as long as there is some.
    cache_audio_read_tokens: parts.cacheRead > 0 ? overlap(parts, inputAudio + inputImage, inputAudio) : 0,
    cache_image_read_tokens: parts.cacheRead > 0 ? overlap(parts, inputAudio + inputImage, inputImage) : 0,
  };
  const said = Object.entries(extras).filter(([name, n]) => typeof n === 'number' && (n > 0 || asked(name)));
  return Object.fromEntries(said);

  /** The package wants to know how much of a part was cached as soon as both are there, also when it is nothing. */
  function asked(name: string): boolean {
    if (parts.cacheRead === 0) return false;
    return (
      (name === 'cache_audio_read_tokens' && inputAudio > 0) ||
      (name === 'cache_image_read_tokens' && inputImage > 0)
    );
  }
}

/** How much of a part must have come from the cache, when text came from it first. */
function overlap({ allInput, cacheRead }: Parts, media: number, part: number): number {
  return Math.min(part, Math.max(0, cacheRead - (allInput - media)));
}

/** Whether everything that is paid by the call has its fee, and cached sound its kind. */
function feesKnown(
  { searches = 0, inputAudio = 0, cacheRead = 0 }: Usage,
  price: Package.ModelPrice,
): boolean {
  const mixed = inputAudio > 0 && cacheRead > 0 && price.cache_audio_read_mtok !== undefined;
  // The package charges the dearest of several fees for a request.
  if (price.requests_kcount !== undefined) return false;
  return !mixed && (searches === 0 || price.web_searches_kcount !== undefined);
}

/** The package's keys of what we know rates of. */
const RATE_KEYS = {
  input: 'input_mtok',
  output: 'output_mtok',
  cacheRead: 'cache_read_mtok',
  cacheWrite: 'cache_write_mtok',
  cacheWrite1h: 'cache_write_1h_mtok',
  inputAudio: 'input_audio_mtok',
  outputAudio: 'output_audio_mtok',
  inputImage: 'input_image_mtok',
  outputImage: 'output_image_mtok',
} as const satisfies Partial<Record<keyof Rates, string>>;

/** Rates of a request with so many input tokens; 0 = the base of those that are tiered. */
function ratesFor(price: Package.ModelPrice, input: number): Rates {
  const rateOf = (one: Package.ModelPrice[string]): number | undefined =>
    saneRate(
      typeof one === 'object' ? (one.tiers.findLast(({ start }) => input > start)?.price ?? one.base) : one,
    );
  const oneOf = (thousand: number | undefined): number | undefined =>
    thousand === undefined ? undefined : thousand / 1_000;
  return {
    ...Object.fromEntries(Object.entries(RATE_KEYS).map(([name, key]) => [name, rateOf(price[key])])),
    perRequest: oneOf(rateOf(price.requests_kcount)),
    perSearch: oneOf(rateOf(price.web_searches_kcount)),
  };
}

/** The items of a bill, where they come to what the package says. */
function itemsOf(parts: Parts, price: Package.ModelPrice, usd: number): Amount['items'] {
  const amount = amountOf(parts, ratesFor(price, parts.allInput));
  return amount !== null && nanoUsd(amount.usd) === nanoUsd(usd) ? amount.items : [];
}

/** The package's answer for one model, or null: it throws on counts that contradict each other. */
type Calculate = (usage: GenaiUsage, at: number) => Package.PriceCalculationResult;

const counted = (parts: Parts, usage: Usage): GenaiUsage => ({
  ...tokensOf(parts),
  ...extrasOf(parts, usage),
});

function modelPrices(id: string, exact: boolean, calculate: Calculate): GenaiModelPrices {
  const priceOf = (at: number): Package.ModelPrice =>
    calculate({ input_tokens: 0, output_tokens: 0 }, at)?.model_price ?? {};
  return {
    id,
    exact,
    amount(parts, usage, at) {
      const whole = calculate(counted(parts, usage), at);
      const result = whole ?? calculate(tokensOf(parts), at);
      // No rates at all (a model that was free for a while) is no price.
      if (result?.model_price.input_mtok === undefined) return null;
      const { model_price: price, total_price: usd } = result;
      const rateless = OWN_RATES.some(([part, key]) => parts[part] > 0 && price[key] === undefined);
      const calls = whole === null ? { ...parts, searches: 0 } : parts;
      return {
        usd,
        tokensUsd: usd - sumOf(callItems(calls, ratesFor(price, parts.allInput))),
        rough: rateless || whole === null || !feesKnown(usage, price),
        items: itemsOf(parts, price, usd),
      };
    },
    rates: (at) => ratesFor(priceOf(at), 0),
  };
}

/** Every form that the data itself gives a model. */
function namedForms(match: Package.MatchLogic): string[] {
  if ('equals' in match) return [match.equals];
  return 'or' in match ? match.or.flatMap(namedForms) : [];
}

/** The models of one provider that the data names: by id, by further ids, by the name across sellers. */
type Index = (id: string) => GenaiModel | undefined;

function indexOf(models: readonly GenaiModel[], nameOf: (id: string) => string): Index {
  const byId = new Map(models.map((model) => [model.id.toLowerCase(), model]));
  const byForm = new Map(
    models.flatMap((model) => namedForms(model.match).map((form) => [form.toLowerCase(), model])),
  );
  const byName = new Map(models.map((model) => [nameOf(model.id), model]));
  // `claude-3-5-haiku-latest` is the row of every dated snapshot that has none of its own.
  const byLatest = new Map(
    models.flatMap((model) => {
      const split = splitVersion(spelling(model.id));
      return split?.version === 'latest' ? [[split.base, model] as const] : [];
    }),
  );
  return (id) =>
    byId.get(id.toLowerCase()) ??
    byForm.get(id.toLowerCase()) ??
    byName.get(nameOf(id)) ??
    byLatest.get(splitVersion(spelling(id))?.base ?? '');
}

/** Makes look-ups: over the bundled data, or over data that was downloaded. */
export interface GenaiLoader {
  bundled: GenaiPrices;
  /** Models that the data names, and no others: a stranger's patterns are not run. */
  of(providers: readonly Package.Provider[]): GenaiPrices;
}

/** @param nameOf the name of a model across sellers */
export async function loadGenaiPrices(nameOf: (id: string) => string): Promise<GenaiLoader> {
  const { calcPrice, waitForUpdate } = await import('@pydantic/genai-prices');

  function look(list: readonly Package.Provider[], patterns: boolean): GenaiPrices {
    const providers = new Map(list.map((provider) => [provider.id, provider]));
    const indexes = new Map<string, Index>();

    /** The one model of the data that the id names; the package itself takes the first whose pattern fits. */
    function exactModel({ id, models }: Package.Provider, model: string): GenaiModel | undefined {
      const index = indexes.get(id) ?? indexOf(models, nameOf);
      indexes.set(id, index);
      return index(model);
    }

    return {
      find(providerId, model) {
        const provider = providers.get(providerId);
        const exact = provider && exactModel(provider, model);
        if (!provider || (!exact && !patterns)) return null;
        const where = exact
          ? { provider: { ...provider, models: [{ ...exact, match: { equals: model } }] } }
          : { providerId };
        const calculate: Calculate = (usage, at) => {
          try {
            return calcPrice(usage, model, { ...where, timestamp: new Date(at) });
          } catch {
            // Counts that contradict each other, for the package; the caller asks again with fewer or gives up.
            return null;
          }
        };
        const found = calculate({ input_tokens: 0, output_tokens: 0 }, 0);
        return found && modelPrices(`${found.provider.id}/${found.model.id}`, exact !== undefined, calculate);
      },
    };
  }

  return {
    bundled: look((await waitForUpdate()) ?? [], true),
    of: (providers) => look(providers, false),
  };
}
