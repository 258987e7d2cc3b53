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
        const cost = ratesOf(fieldsOf(fieldsOf(model).cost));
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

/** Two zeros mean "not said" there, and a cache that costs nothing has no rate of its own. null = nonsense. */
function ratesOf(cost: Fields): Rates | null {
  const read = Object.entries(RATES).map(([name, key]) => [name, rateIn(cost[key])] as const);
  if (read.some(([, rate]) => rate === null)) return null;
  const rates: Rates = pruned(Object.fromEntries(read.map(([name, rate]) => [name, rate || undefined])));
  const { input, output } = rates;
  return input === undefined && output === undefined
    ? {}
    : { ...rates, input: input ?? 0, output: output ?? 0 };
}

function keptRates(row: unknown): Rates | undefined {
  const said = Object.keys(RATES).map((name) => [name, saneRate(fieldsOf(row)[name])]);
  const rates: Rates = pruned(Object.fromEntries(said));
  return rates.input === undefined || rates.output === undefined ? undefined : rates;
}
