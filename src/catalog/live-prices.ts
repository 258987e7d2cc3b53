import { saneRate } from './rates.ts';
import type { LivePrice } from './types.ts';

type Fields = Readonly<Record<string, unknown>>;
type TokenRate = 'input' | 'output' | 'cacheRead' | 'cacheWrite';

/** Where a list keeps a price and in which unit: `scale` turns it into USD per million tokens. */
interface PriceShape {
  /** The object that holds the rates, as a path; empty = the model itself. */
  at: readonly string[];
  scale: number;
  fields: Readonly<Record<TokenRate, readonly string[]>>;
  /** Where it says what is paid beside text, with the scale of each. */
  extras?: Readonly<Partial<Record<keyof LivePrice, readonly [key: string, scale: number]>>>;
}

const PER_TOKEN = 1e6;
const PER_MILLION = 1;
const PER_CALL = 1;

const fields = (input: string, output: string, cacheRead = '', cacheWrite = ''): PriceShape['fields'] => ({
  input: input.split('.'),
  output: output.split('.'),
  cacheRead: cacheRead.split('.'),
  cacheWrite: cacheWrite.split('.'),
});

const PROMPT = fields('prompt', 'completion', 'input_cache_read', 'input_cache_write');

/**
 * Lists with prices, by provider. The same field name means USD per token for one and per million for another, so a
 * provider that is not here gives no prices, rather than wrong ones.
 */
const SHAPES: ReadonlyMap<string, PriceShape> = new Map<string, PriceShape>([
  [
    'openrouter',
    {
      at: ['pricing'],
      scale: PER_TOKEN,
      fields: PROMPT,
      extras: {
        inputAudio: ['audio', PER_TOKEN],
        perRequest: ['request', PER_CALL],
        perSearch: ['web_search', PER_CALL],
      },
    },
  ],
  ['baseten', { at: ['pricing'], scale: PER_TOKEN, fields: PROMPT }],
  ['nebius', { at: ['pricing'], scale: PER_TOKEN, fields: PROMPT }],
  ['sambanova', { at: ['pricing'], scale: PER_TOKEN, fields: PROMPT }],
  [
    'vercel',
    {
      at: ['pricing'],
      scale: PER_TOKEN,
      fields: fields('input', 'output', 'input_cache_read', 'input_cache_write'),
    },
  ],
  ['togetherai', { at: ['pricing'], scale: PER_MILLION, fields: fields('input', 'output', 'cached_input') }],
  ['chutes', { at: ['pricing'], scale: PER_MILLION, fields: PROMPT }],
  [
    'venice',
    {
      at: ['model_spec', 'pricing'],
      scale: PER_MILLION,
      fields: fields('input.usd', 'output.usd', 'cache_input.usd', 'cache_write.usd'),
    },
  ],
  // Credit units: ten thousand to the dollar.
  [
    'novita-ai',
    { at: [], scale: 1e-4, fields: fields('input_token_price_per_m', 'output_token_price_per_m') },
  ],
]);

/** The value at a path, when everything on the way is an object. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Fields)[key]
        : undefined,
    value,
  );
}

/** A rate in USD per million tokens. OpenRouter writes -1 where the price depends on the model that it chooses. */
function rateOf(value: unknown, scale: number): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  return saneRate(Number((number * scale).toPrecision(12)));
}

/** The list price of a model in its provider's own list, or undefined. */
export function livePrice(provider: string, model: Fields): LivePrice | undefined {
  const shape = SHAPES.get(provider);
  if (!shape) return undefined;
  const holder = valueAt(model, shape.at);
  const rate = (key: TokenRate): number | undefined =>
    rateOf(valueAt(holder, shape.fields[key]), shape.scale);
  const price = pruned({
    input: rate('input'),
    output: rate('output'),
    cacheRead: rate('cacheRead'),
    cacheWrite: rate('cacheWrite'),
    ...extrasIn(holder, shape),
  });
  if (price.input === undefined && price.output === undefined) return undefined;
  const tokensAreFree = price.input === 0 && price.output === 0;
  return tokensAreFree && shape.at.length > 0 && costsOtherwise(holder) ? undefined : price;
}

/** A 0 says that there is no such thing, not that it is free. */
function extrasIn(holder: unknown, { extras = {} }: PriceShape): LivePrice {
  const said = Object.entries(extras).map(([name, [key, scale]]) => [
    name,
    rateOf(valueAt(holder, [key]), scale) || undefined,
  ]);
  return pruned(Object.fromEntries(said) as LivePrice);
}

/** Whether anything in the object of prices is not nothing: pictures or requests of a model whose tokens cost 0. */
function costsOtherwise(holder: unknown): boolean {
  if (typeof holder !== 'object' || holder === null) return false;
  return Object.values(holder).some((value) => (rateOf(value, PER_MILLION) ?? 0) > 0);
}

/** The same without what is not said. */
export function pruned<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const said = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(said) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
