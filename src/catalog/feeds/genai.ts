import type * as Package from '@pydantic/genai-prices';
import { valueAt } from '../live-prices.ts';
import { type Feed, fieldsOf, isName, nonsense, rateIn } from './feed.ts';

/** The bundled data has three times as many. */
const LEAST_MODELS = 500;

/** The price package's own data, as its project publishes it between two versions of the package. */
export const GENAI: Feed<readonly Package.Provider[]> = {
  id: 'genai-prices',
  url: 'https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v2/data.json',
  read(json) {
    if (!Array.isArray(json)) return 'it is no list of providers';
    for (const provider of json) {
      const { id, models } = fieldsOf(provider);
      if (typeof id !== 'string' || !isName(id) || !Array.isArray(models))
        return 'it has a provider without models';
      for (const model of models) {
        const problem = problemOf(model);
        if (problem !== null) return problem;
      }
    }
    const list = GENAI.kept(json);
    return GENAI.size(list) < LEAST_MODELS ? 'it has too few models' : list;
  },
  kept: (json) => (Array.isArray(json) ? json.flatMap(providerOf) : []),
  size: (list) => list.reduce((sum, { models }) => sum + models.length, 0),
};

/** As much of a provider as prices hang on: its notes and patterns are two thirds of the list. */
function providerOf(row: unknown): Package.Provider[] {
  const { id, models } = fieldsOf(row);
  if (typeof id !== 'string' || !Array.isArray(models)) return [];
  const named = models.filter((model) => problemOf(model) === null) as Package.ModelInfo[];
  return [
    {
      id,
      name: id,
      api_pattern: '',
      models: named.map(({ id, match, prices }) => ({ id, match, prices: typed(prices) })),
    },
  ];
}

/** The package's own data says of which kind a constraint is; what its project publishes does not. */
function typed(prices: Package.ModelInfo['prices']): Package.ModelInfo['prices'] {
  if (!Array.isArray(prices)) return prices;
  return prices.map((dated) => {
    const { constraint } = dated;
    if (!constraint) return dated;
    const type = 'start_date' in constraint ? 'start_date' : 'time_of_date';
    return { ...dated, constraint: { ...constraint, type } as typeof constraint };
  });
}

function problemOf(model: unknown): string | null {
  const { id, match, prices } = fieldsOf(model);
  if (typeof id !== 'string' || !isName(id) || !isMatch(match)) return 'it has a model without a name';
  const dated = Array.isArray(prices) ? prices.map((one) => fieldsOf(one)) : [{ prices }];
  const sane = dated.every(
    (one) => isConstraint(valueAt(one, ['constraint'])) && isPrice(valueAt(one, ['prices'])),
  );
  return dated.length > 0 && sane ? null : nonsense(id);
}

/** Patterns are never tried: of this data we ask only for models that it names. */
function isMatch(match: unknown): boolean {
  const { equals, or } = fieldsOf(match);
  return (
    typeof match === 'object' &&
    match !== null &&
    (equals === undefined || typeof equals === 'string') &&
    (or === undefined || (Array.isArray(or) && or.every(isMatch)))
  );
}

const CONSTRAINT_DATE = /^\d{4}-\d{2}-\d{2}$/;
const CONSTRAINT_TIME = /^\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function isConstraint(constraint: unknown): boolean {
  if (constraint === undefined) return true;
  const { start_date: date, start_time: start, end_time: end } = fieldsOf(constraint);
  const fits = (text: unknown, pattern: RegExp): boolean => typeof text === 'string' && pattern.test(text);
  return fits(date, CONSTRAINT_DATE) || (fits(start, CONSTRAINT_TIME) && fits(end, CONSTRAINT_TIME));
}

function isPrice(price: unknown): boolean {
  return typeof price === 'object' && price !== null && Object.values(price).every((one) => isRate(one));
}

/** A number, or tiers of them. */
function isRate(value: unknown): boolean {
  const { base, tiers } = fieldsOf(value);
  if (tiers === undefined) return rateIn(value) !== null;
  return (
    Array.isArray(tiers) &&
    typeof rateIn(base) === 'number' &&
    tiers.every(
      (tier) =>
        typeof valueAt(tier, ['start']) === 'number' && typeof rateIn(valueAt(tier, ['price'])) === 'number',
    )
  );
}
