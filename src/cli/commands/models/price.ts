import type { ModelPrice, UserPrice } from '../../../catalog/index.ts';
import { deleteIn, editConfig, setIn } from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { bestPlace, readName, unknownModel } from '../../model-name.ts';
import { jsonFields, jsonText, lookOf, safeText, wrap } from '../../render/index.ts';
import { loadShelves, type Shelves } from '../../shelves.ts';
import { usageError } from '../../usage-error.ts';
import { homeShort } from '../use/show.ts';
import { rate } from './cells.ts';

/** Flags of `models price`, as commander reads them: USD per million tokens. */
export interface PriceFlags {
  in?: string;
  out?: string;
  cached?: string;
  cacheWrite?: string;
  unset?: true;
}

/** Flag -> name in the configuration file and in the code. */
const PARTS = [
  ['in', 'input', 'input'],
  ['out', 'output', 'output'],
  ['cached', 'cached', 'cached'],
  ['cacheWrite', 'cache_write', 'cacheWrite'],
] as const satisfies readonly (readonly [keyof PriceFlags, string, keyof UserPrice])[];

const MOST_USD = 1_000_000;

/**
 * `models price M`: shows what a model costs, or sets it in the configuration file.
 * @throws UserError `unknown_model` (exit 9), exit 2 for what is no price
 */
export async function priceModel(context: Context, name: string, flags: PriceFlags): Promise<void> {
  const given = givenPrice(flags);
  const shelves = await loadShelves(context);
  const target = targetOf(name, shelves);
  if (flags.unset) await unset(context, shelves, target);
  else if (Object.keys(given).length > 0) await change(context, shelves, target, given);
  else show(context, shelves, target);
}

/** The flags as the file has them. */
function givenPrice(flags: PriceFlags): Record<string, number> {
  const given = PARTS.flatMap(([flag, key]) => {
    const text = flags[flag];
    return text === undefined ? [] : [[key, usd(flag, text)] as const];
  });
  if (flags.unset && given.length > 0)
    throw usageError(
      '--unset takes the price away, so no other flag goes with it',
      '{cmd} models price --help',
    );
  return Object.fromEntries(given);
}

function usd(flag: string, text: string): number {
  const amount = /^\$?\d+(\.\d+)?$/.test(text) ? Number(text.replace('$', '')) : Number.NaN;
  if (amount <= MOST_USD) return amount;
  const name = flag === 'cacheWrite' ? 'cache-write' : flag;
  throw usageError(
    `--${name} is a price in USD per million tokens, not "${text}"`,
    '{cmd} models price acme/llama-4 --in 0.2 --out 0.6',
  );
}

interface Target {
  provider: string;
  model: string;
}

function targetOf(name: string, shelves: Shelves): Target {
  const reading = readName(name, shelves);
  if (!reading || reading.by === 'alias' || reading.by === 'default') {
    if (!reading) throw unknownModel(name, shelves);
    const { provider, model } = bestPlace(reading);
    throw usageError(
      `"${name}" is another name; prices are set for models`,
      `{cmd} models price ${provider.id}/${model}`,
    );
  }
  const { provider, model } = bestPlace(reading);
  return { provider: provider.id, model };
}

const nameOf = ({ provider, model }: Target): string => `${provider}/${model}`;

/** The key under `prices:` that means this model: the one that is there, whatever its spelling, or a new one. */
function keyOf(target: Target, { config, catalog }: Shelves): string {
  const { provider, model } = target;
  const meant = [...config.prices.keys()].find((key) => {
    const slash = key.indexOf('/');
    const there = key.slice(slash + 1);
    return (
      catalog.provider(key.slice(0, slash))?.id === provider &&
      (there === model || catalog.info(provider, there)?.id === model)
    );
  });
  return meant ?? nameOf(target);
}

async function change(
  context: Context,
  shelves: Shelves,
  target: Target,
  given: Record<string, number>,
): Promise<void> {
  const key = keyOf(target, shelves);
  const before = shelves.config.prices.get(key);
  const kept = PARTS.flatMap(([, name, field]) => {
    const value = before?.[field];
    return value === undefined ? [] : [[name, value] as const];
  });
  const price = { ...Object.fromEntries(kept), ...given };
  await editConfig(context.paths.configFile, (source) => setIn(source, ['prices', key], price));
  report(context, target, price);
}

async function unset(context: Context, shelves: Shelves, target: Target): Promise<void> {
  const key = keyOf(target, shelves);
  if (!shelves.config.prices.has(key))
    throw new UserError({
      code: 'no_price',
      exit: EXIT.nothingFound,
      message: `no price is set for ${nameOf(target)}`,
      fix: [`{cmd} models price ${nameOf(target)}     shows what is known`],
    });
  await editConfig(context.paths.configFile, (source) => deleteIn(source, ['prices', key]));
  report(context, target, null);
}

function report(context: Context, target: Target, price: Record<string, number> | null): void {
  const file = context.paths.configFile;
  if (context.json) {
    const answer = { model: nameOf(target), price, file };
    context.stdout.write(jsonText(jsonFields([answer], context.json)[0]));
    return;
  }
  const words = price === null ? 'is no longer set' : `is set: ${priceText(price)}`;
  write(context, `The price of ${nameOf(target)} ${words}   saved in ${homeShort(file, context.env)}`);
  hint(context, 'Requests from now on are priced with it; past ones keep the price that they had.');
}

/** `in $3.00, out $15.00, cached $0.30 per million tokens` */
function priceText(price: Record<string, number>): string {
  const parts = PARTS.flatMap(([, name]) => {
    const amount = price[name];
    return amount === undefined ? [] : [`${WORDS[name]} $${rate(amount)}`];
  });
  return `${parts.join(', ')} per million tokens`;
}

const WORDS = { input: 'in', output: 'out', cached: 'cached', cache_write: 'cache write' } as const;

function show(context: Context, { catalog }: Shelves, target: Target): void {
  const price = catalog.price(target.provider, target.model);
  if (context.json) {
    context.stdout.write(jsonText(jsonFields([{ model: nameOf(target), price }], context.json)[0]));
    return;
  }
  if (price === null) {
    write(context, `No price is known for ${nameOf(target)}.`);
    hint(context, `Set it: ${context.prefix} models price ${nameOf(target)} --in <usd> --out <usd>`);
    return;
  }
  write(context, `${nameOf(target)}: ${priceText(listed(price))}   ${price.source}`);
}

function listed({ input, output, cacheRead, cacheWrite }: ModelPrice): Record<string, number> {
  const rates = { input, output, cached: cacheRead, cache_write: cacheWrite };
  const known = Object.entries(rates).filter((entry): entry is [string, number] => entry[1] !== null);
  return Object.fromEntries(known);
}

function write(context: Context, line: string): void {
  const { width } = lookOf(context, context.stdout);
  context.stdout.write(`${wrap(safeText(line), width).join('\n')}\n`);
}
