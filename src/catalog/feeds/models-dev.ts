import { pruned } from '../live-prices.ts';
import { type Rates, saneRate } from '../rates.ts';
import { type Feed, type Fields, fieldsOf, isName, nonsense, rateIn, rowsOf } from './feed.ts';

/** Our provider id -> model -> rates. */
export type ListedRates = Readonly<Record<string, Readonly<Record<string, Rates>>>>;

/** Fewer than this and it is another file, or half of one. */
const LEAST_MODELS = 500;

/** Their provider id -> ours, where they differ. */
const OUR_IDS: Readonly<Record<string, string>> = { 'perplexity-agent': 'perplexity' };

const RATES = {
  input: 'input',
  output: 'output',
  cacheRead: 'cache_read',
  cacheWrite: 'cache_write',
  inputAudio: 'input_audio',
  outputAudio: 'output_audio',
} as const satisfies Partial<Record<keyof Rates, string>>;

/** https://models.dev: a table of providers and their models that is kept by hand. */
export const MODELS_DEV: Feed<ListedRates> = {
  id: 'models.dev',
  url: 'https://models.dev/api.json',
  read(json) {
    const list: Record<string, Record<string, Rates>> = Object.create(null);
    for (const [provider, row] of Object.entries(fieldsOf(json))) {
      const rates: Record<string, Rates> = Object.create(null);
      for (const [id, model] of Object.entries(fieldsOf(fieldsOf(row).models))) {
        if (!isName(id)) return 'it has a model without a name';
        const cost = priceOf(fieldsOf(fieldsOf(model).cost));
        if (cost === null) return nonsense(`${provider}/${id}`);
        if (cost.input !== undefined && cost.output !== undefined) rates[id] = cost;
      }
      list[OUR_IDS[provider] ?? provider] = rates;
    }
    return MODELS_DEV.size(list) < LEAST_MODELS ? 'it has too few models' : list;
  },
  kept: (json) => rowsOf(json, (models) => rowsOf(models, keptRates)),
  size: (list) => Object.values(list).reduce((sum, models) => sum + Object.keys(models).length, 0),
};

/** Of a model, with those of long requests. null = nonsense. */
function priceOf(cost: Fields): Rates | null {
  const rates = flatRates(cost);
  const tiers = tiersOf(cost).map(({ above, cost }) => ({ above, rates: flatRates(cost) }));
  if (rates === null || !tiers.every(isTier)) return null;
  return tiers.length === 0 ? rates : { ...rates, tiers: tiers.sort((a, b) => a.above - b.above) };
}

const isTier = (tier: { above: number; rates: Rates | null }): tier is { above: number; rates: Rates } =>
  Number.isSafeInteger(tier.above) && tier.above > 0 && tier.rates !== null;

/** `tiers` by the size of the context; older rows have one above 200,000 tokens instead. */
function tiersOf({ tiers, context_over_200k: long }: Fields): { above: number; cost: Fields }[] {
  if (Array.isArray(tiers))
    return tiers
      .map((one) => ({ cost: fieldsOf(one), tier: fieldsOf(fieldsOf(one).tier) }))
      .filter(({ tier }) => tier.type === 'context')
      .map(({ cost, tier }) => ({ above: Number(tier.size), cost }));
  return long === undefined || long === null ? [] : [{ above: 200_000, cost: fieldsOf(long) }];
}

/** Two zeros mean "not said" there, and a cache that costs nothing has no rate of its own. null = nonsense. */
function flatRates(cost: Fields): Rates | null {
  const read = Object.entries(RATES).map(([name, key]) => [name, rateIn(cost[key])] as const);
  if (read.some(([, rate]) => rate === null)) return null;
  const rates: Rates = pruned(Object.fromEntries(read.map(([name, rate]) => [name, rate || undefined])));
  const { input, output } = rates;
  return input === undefined && output === undefined
    ? {}
    : { ...rates, input: input ?? 0, output: output ?? 0 };
}

function keptRates(row: unknown): Rates | undefined {
  const fields = fieldsOf(row);
  const said = Object.keys(RATES).map((name) => [name, saneRate(fields[name])]);
  const rates: Rates = pruned(Object.fromEntries(said));
  if (rates.input === undefined || rates.output === undefined) return undefined;
  if (!Array.isArray(fields.tiers)) return rates;
  const tiers = fields.tiers
    .map((one) => ({ above: Number(fieldsOf(one).above), rates: keptRates(fieldsOf(one).rates) ?? null }))
    .filter(isTier);
  return { ...rates, tiers };
}
