import type * as Package from '@pydantic/genai-prices';
import type { Usage } from '../pivot/index.ts';
import { type Amount, type Parts, type Rates, saneRate } from './rates.ts';

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
    input_tokens: parts.input,
    output_tokens: parts.output,
    ...(parts.cacheRead > 0 ? { cache_read_tokens: parts.cacheRead } : {}),
    ...(written > 0 ? { cache_write_tokens: written } : {}),
    ...(parts.cacheWrite1h > 0 ? { cache_write_1h_tokens: parts.cacheWrite1h } : {}),
  };
}

/** Parts that only some models price apart. */
function extrasOf(usage: Usage): GenaiUsage {
  const extras = {
    input_audio_tokens: usage.inputAudio,
    output_audio_tokens: usage.outputAudio,
    output_reasoning_tokens: usage.reasoning,
    web_searches: usage.searches,
  };
  return Object.fromEntries(Object.entries(extras).filter(([, n]) => typeof n === 'number' && n > 0));
}

/** A price as one number: the base of a tiered one. */
function baseRate(price: Package.ModelPrice[string]): number | undefined {
  return saneRate(typeof price === 'object' ? price.base : price);
}

/** The package's answer for one model, or null: it throws on counts that contradict each other. */
type Calculate = (usage: GenaiUsage, at: number) => Package.PriceCalculationResult;

function modelPrices(id: string, exact: boolean, calculate: Calculate): GenaiModelPrices {
  const priceOf = (at: number): Package.ModelPrice =>
    calculate({ input_tokens: 0, output_tokens: 0 }, at)?.model_price ?? {};
  return {
    id,
    exact,
    amount(parts, usage, at) {
      const result =
        calculate({ ...tokensOf(parts), ...extrasOf(usage) }, at) ?? calculate(tokensOf(parts), at);
      // No rates at all (a model that was free for a while) is no price.
      if (result?.model_price.input_mtok === undefined) return null;
      const rough = OWN_RATES.some(([part, key]) => parts[part] > 0 && result.model_price[key] === undefined);
      return { usd: result.total_price, rough };
    },
    rates(at) {
      const price = priceOf(at);
      return {
        input: baseRate(price.input_mtok),
        output: baseRate(price.output_mtok),
        cacheRead: baseRate(price.cache_read_mtok),
        cacheWrite: baseRate(price.cache_write_mtok),
      };
    },
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
  return (id) => byId.get(id.toLowerCase()) ?? byForm.get(id.toLowerCase()) ?? byName.get(nameOf(id));
}

/** @param nameOf the name of a model across sellers */
export async function loadGenaiPrices(nameOf: (id: string) => string): Promise<GenaiPrices> {
  const { calcPrice, waitForUpdate } = await import('@pydantic/genai-prices');
  const providers = new Map((await waitForUpdate())?.map((provider) => [provider.id, provider]));
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
      if (!provider) return null;
      const exact = exactModel(provider, model);
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
