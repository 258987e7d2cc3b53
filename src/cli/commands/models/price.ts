import { deleteIn, editConfig, setIn } from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { bestPlace, readName, unknownModel } from '../../model-name.ts';
import { jsonFields, jsonText, lookOf, safeText, wrap } from '../../render/index.ts';
import { loadShelves, type Shelves } from '../../shelves.ts';
import { usageError } from '../../usage-error.ts';
import { homeShort } from '../use/show.ts';
import { type FilePrice, listedParts, ownParts, type PartFlags, pricesIn, priceText } from './price-parts.ts';

/** Flags of `models price`, as commander reads them. */
export interface PriceFlags extends PartFlags {
  unset?: true;
}

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

function givenPrice(flags: PriceFlags): FilePrice {
  const given = pricesIn(flags);
  if (flags.unset && Object.keys(given).length > 0)
    throw usageError(
      '--unset takes the price away, so no other flag goes with it',
      '{cmd} models price --help',
    );
  return given;
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

async function change(context: Context, shelves: Shelves, target: Target, given: FilePrice): Promise<void> {
  const key = keyOf(target, shelves);
  const price = { ...ownParts(shelves.config.prices.get(key)), ...given };
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

function report(context: Context, target: Target, price: FilePrice | null): void {
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
  write(context, `${nameOf(target)}: ${priceText(listedParts(price))}   ${price.source}`);
}

function write(context: Context, line: string): void {
  const { width } = lookOf(context, context.stdout);
  context.stdout.write(`${wrap(safeText(line), width).join('\n')}\n`);
}
