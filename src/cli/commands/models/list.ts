import type { Context } from '../../context.ts';
import { jsonFields, jsonText, lookOf } from '../../render/index.ts';
import { loadShelves } from '../../shelves.ts';
import { filterOf, type ListFlags, providerOf } from './filters.ts';
import { footer, nothingToList } from './footer.ts';
import { OFFER_FIELDS, type Offer, offerJson, offersOf, sortOffers } from './offers.ts';
import { offerTable, type Shown } from './table.ts';

/**
 * `models`: what can be called now, one line a name; every seller with `--all` or `--provider`.
 * @throws UserError usage, `unknown_provider`, `config_invalid`
 */
export async function listModels(context: Context, flags: ListFlags): Promise<void> {
  const fits = filterOf(flags, context.now());
  const shelves = await loadShelves(context);
  const provider = providerOf(flags, shelves);
  const all = flags.all === true;
  const everySeller = all || provider !== null;
  const offers = offersOf({ all, everySeller, provider }, shelves);
  const shown = sortOffers(offers.filter(fits), flags.sort);
  if (context.json) {
    printJson(shown, context);
    return;
  }
  printTable(shown, { via: !everySeller, key: all }, context);
  if (context.quiet) return;
  context.stderr.write(
    shown.length > 0
      ? footer({ shown, of: offers, flags, provider }, shelves, context)
      : nothingToList(flags, provider, shelves, context),
  );
}

/** Offers as one JSON array. */
export function printJson(offers: readonly Offer[], context: Context): void {
  context.stdout.write(jsonText(jsonFields(offers.map(offerJson), context.json ?? [], OFFER_FIELDS)));
}

/** Offers as a table; nothing when there are none. */
export function printTable(offers: readonly Offer[], shown: Shown, context: Context): void {
  if (offers.length === 0) return;
  context.stdout.write(offerTable(offers, shown, lookOf(context, context.stdout)));
}
