import type { Provider } from '../../../catalog/index.ts';
import type { Context } from '../../context.ts';
import { exact, type Look, lookOf, plural, wrap } from '../../render/index.ts';
import type { Shelves } from '../../shelves.ts';
import { isRetired } from './cells.ts';
import { isFiltered, type ListFlags } from './filters.ts';
import { nameKey, type Offer } from './offers.ts';
import { saysUnit } from './table.ts';

/** What a list showed, and out of what. */
interface Listing {
  shown: readonly Offer[];
  of: readonly Offer[];
  flags: ListFlags;
  provider: Provider | null;
}

const HOUR = 3_600_000;
const NARROW = 80;

/** Figures and signs below a list of models. */
export function footer(listing: Listing, shelves: Shelves, context: Context): string {
  const look = lookOf(context, context.stderr);
  const legend = [
    ...(saysUnit(lookOf(context, context.stdout)) ? [] : ['$ per 1M tokens']),
    ...(look.width < NARROW ? [] : ['T tools V vision R reasoning']),
    ...signs(listing, look),
  ].join(` ${look.glyphs.sep} `);
  const lines = [
    `${counts(listing, shelves)} ${legend}`,
    ...noKeyYet(listing, context),
    `${more(listing, shelves)}${age(shelves, context.now(), context.prefix)}`,
  ];
  return text(lines, look);
}

function text(lines: readonly string[], look: Look): string {
  return lines
    .flatMap((line) => wrap(line, look.width))
    .map((line) => `${look.style.dim(line)}\n`)
    .join('');
}

function counts({ shown, of, flags, provider }: Listing, shelves: Shelves): string {
  const part = isFiltered(flags) && shown.length < of.length ? `${exact(shown.length)} of ` : '';
  const from = provider ? ` from ${provider.id}` : '';
  const callable = of.filter((offer) => offer.callable).length;
  return flags.all
    ? `${part}${plural(of.length, 'model')}${from}, ${exact(callable)} can be called now.`
    : `${part}${exact(of.length)}${from} you can call now${provider ? '' : access(shelves)}.`;
}

/** ` (keys: 4, local: 1)`; nothing while there is only the demo. */
function access({ catalog, callable, keyState }: Shelves): string {
  const open = catalog.providers().filter((one) => one.kind !== 'demo' && callable(one));
  const local = open.filter(({ kind }) => kind === 'local').length;
  const keyed = open.filter((one) => one.surfaces.some((s) => keyState(one, s) === 'have')).length;
  const free = open.filter(
    (one) => one.kind !== 'local' && one.surfaces.every((s) => keyState(one, s) === 'none'),
  ).length;
  const said = [
    ...(keyed > 0 ? [`keys: ${keyed}`] : []),
    ...(local > 0 ? [`local: ${local}`] : []),
    ...(free > 0 ? [`without key: ${free}`] : []),
  ];
  return said.length > 0 ? ` (${said.join(', ')})` : '';
}

function signs({ shown, flags }: Listing, { glyphs }: Look): string[] {
  return [
    ...(shown.some(({ isDefault }) => isDefault) ? ['* default'] : []),
    ...(shown.some((offer) => isUnpriced(offer)) ? ['! unpriced'] : []),
    ...(shown.some(({ info, isDefault }) => isRetired(info) && !isDefault)
      ? ['- ending or no longer listed']
      : []),
    ...(flags.all ? [`${glyphs.circle} needs a key`] : []),
  ];
}

const isUnpriced = ({ price, isDefault, info }: Offer): boolean =>
  price === null && !isDefault && !isRetired(info);

function noKeyYet({ of }: Listing, { prefix }: Context): string[] {
  const onlyDemo = !of.some(({ callable, provider }) => callable && provider.kind !== 'demo');
  return onlyDemo
    ? [`These answer without a key, for trying out. Real models: ${prefix} keys add <provider>`]
    : [];
}

/** How many names would come with more keys. */
function more({ of, flags, provider }: Listing, { catalog, callable }: Shelves): string {
  if (flags.all || provider) return '';
  const here = new Set(of.map(({ info }) => nameKey(info)));
  const elsewhere = catalog
    .providers()
    .filter((one) => !callable(one))
    .flatMap(({ id }) => catalog.modelsOf(id).map(nameKey));
  const count = new Set(elsewhere.filter((name) => !here.has(name))).size;
  return count > 0 ? `${exact(count)} more need a key: --all. ` : '';
}

function age({ catalog }: Shelves, now: number, prefix: string): string {
  const { at, source } = catalog.freshness();
  const hours = Math.max(0, Math.floor((now - at) / HOUR));
  const old = hours < 48 ? plural(hours, 'hour') : plural(Math.floor(hours / 24), 'day');
  const from = source === 'bundled' ? 'bundled' : 'from the providers';
  return `Catalog ${old} old, ${from}: ${prefix} models refresh`;
}

/** What to say where no model fits. */
export function nothingToList(
  flags: ListFlags,
  provider: Provider | null,
  shelves: Shelves,
  context: Context,
): string {
  const line = provider ? nothingFrom(provider, shelves, context) : null;
  const more = flags.all || provider ? '' : ' With those that need a key: --all';
  return text([line ?? `No model fits.${more}`], lookOf(context, context.stderr));
}

/** Why one provider has nothing to list; null = it has models, but none fits. */
function nothingFrom(provider: Provider, shelves: Shelves, { prefix }: Context): string | null {
  const { id, name, kind } = provider;
  const count = shelves.catalog.modelsOf(id).length;
  if (shelves.callable(provider))
    return count > 0 ? null : `${id} has not listed its models yet; ask for one as ${id}/<its id>`;
  if (kind === 'local') return `${name} has not been seen on this machine yet.`;
  const what = count > 0 ? `${plural(count, 'model')} of ${id} need` : `${id} needs`;
  return `${what} a key: ${prefix} keys add ${id}`;
}
