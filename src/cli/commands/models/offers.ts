import type { ModelInfo, ModelPrice, Provider, Seller } from '../../../catalog/index.ts';
import { orderSellers } from '../../../router/index.ts';
import { bestPlace, isFreeName, readName } from '../../model-name.ts';
import type { MachineRow } from '../../render/index.ts';
import type { Shelves } from '../../shelves.ts';

/** A model of one provider, or of the best of several. */
export interface Offer {
  /** What to ask for: the bare name where that leads here, else `provider/id`. */
  model: string;
  provider: Provider;
  info: ModelInfo;
  readonly price: ModelPrice | null;
  callable: boolean;
  isDefault: boolean;
}

/** Which offers to make. */
export interface Wanted {
  /** Also those of providers that cannot be called. */
  all: boolean;
  /** One line a seller instead of one line a name. */
  everySeller: boolean;
  provider: Provider | null;
}

/** Upper and lower case are one name to the catalog. */
export const nameKey = (info: ModelInfo): string => info.name.toLowerCase();

/** The models of providers, as far as wanted; in no order. */
export function offersOf(wanted: Wanted, shelves: Shelves): Offer[] {
  const { catalog } = shelves;
  const isDefault = defaultTest(wanted.everySeller, shelves);
  const asked = wanted.provider ? [wanted.provider] : catalog.providers();
  const providers = asked
    .map((provider) => ({ provider, callable: shelves.callable(provider) }))
    .filter(({ callable }) => callable || wanted.all);
  const offers = providers.flatMap(({ provider, callable }) =>
    catalog.modelsOf(provider.id).map((info) => ({ provider, callable, info })),
  );
  const chosen = wanted.everySeller ? offers : bestOfEachName(offers, shelves);
  const named = ({ provider, info }: Sold): string =>
    wanted.everySeller || !hasBareName(provider) || !isFreeName(info.name, shelves)
      ? `${provider.id}/${info.id}`
      : info.name;
  return chosen.map((one) => offerOf(one, named(one), isDefault(one.info)));
}

/** Prices are worked out when they are looked at, once: of two thousand offers a search shows ten. */
export function offerOf({ provider, callable, info }: Sold, model: string, isDefault: boolean): Offer {
  let price: ModelPrice | null | undefined;
  return {
    model,
    provider,
    info,
    callable,
    isDefault,
    get price() {
      price = price === undefined ? info.price : price;
      return price;
    },
  };
}

/** Ids of a local server or a provider of the user's own mean something only there; the demo has no bare names. */
function hasBareName({ kind, builtin }: Provider): boolean {
  return builtin && kind !== 'local' && kind !== 'demo';
}

type Sold = Pick<Offer, 'provider' | 'callable' | 'info'>;

/** One seller a name, as the router would choose; the demo's models are their own. */
function bestOfEachName(sold: readonly Sold[], { catalog, config }: Shelves): Sold[] {
  const byName = new Map<string, Sold[]>();
  for (const one of sold) {
    const key = one.provider.kind === 'demo' ? `demo/${one.info.id}` : nameKey(one.info);
    byName.set(key, [...(byName.get(key) ?? []), one]);
  }
  const order = { catalog, prefer: config.prefer };
  return [...byName.values()].flatMap((several) => {
    const able = several.filter(({ callable }) => callable);
    const choice = able.length > 0 ? able : several;
    if (choice.length === 1) return choice;
    const sellers: Seller[] = choice.map(({ provider, info }) => ({ provider: provider.id, model: info.id }));
    const [best] = orderSellers(sellers, order);
    const seller = choice.find(({ provider }) => provider.id === best?.provider);
    if (!seller) return [];
    // Of a model and its dated snapshot the one that the bare name leads to.
    return { ...seller, info: catalog.info(seller.provider.id, seller.info.name) ?? seller.info };
  });
}

/** The model that the default leads to; null = none is set, or no catalog knows it. */
export function defaultInfo(shelves: Shelves): ModelInfo | null {
  const read = shelves.defaultModel === null ? null : readName(shelves.defaultModel, shelves);
  return read && bestPlace(read).info;
}

/** Tells the default model's rows: its seller's when every seller has one, else its name's. */
function defaultTest(everySeller: boolean, shelves: Shelves): (info: ModelInfo) => boolean {
  const best = defaultInfo(shelves);
  if (!best) return () => false;
  return everySeller || best.provider === 'demo'
    ? (info) => info.provider === best.provider && info.id === best.id
    : (info) => info.provider !== 'demo' && nameKey(info) === nameKey(best);
}

const natural = new Intl.Collator('en', { numeric: true });

type Figure = (offer: Offer) => number;

/** Unknown is neither cheap nor large: last either way. */
const ORDERS: Readonly<Record<'price' | 'context', readonly Figure[]>> = {
  price: [({ price }) => price?.input ?? Number.MAX_VALUE, ({ price }) => price?.output ?? Number.MAX_VALUE],
  context: [({ info }) => -(info.context ?? 0)],
};

/** In the asked order, equal ones by name; the demo always last. */
export function sortOffers(
  offers: readonly Offer[],
  by: 'name' | 'price' | 'context' = 'name',
): readonly Offer[] {
  const isDemo: Figure = ({ provider }) => (provider.kind === 'demo' ? 1 : 0);
  const figures = [isDemo, ...(by === 'name' ? [] : ORDERS[by])];
  return [...offers].sort((a, b) => {
    for (const figure of figures) {
      const difference = figure(a) - figure(b);
      if (difference !== 0) return difference;
    }
    return natural.compare(a.model, b.model);
  });
}

/** Names of the fields of `offerJson`, for answers that are empty. */
export const OFFER_FIELDS = [
  ...['model', 'provider', 'id', 'name', 'context', 'maxOutput', 'tools', 'vision', 'reasoning'],
  ...['price', 'callable', 'live', 'gone', 'deprecated', 'since', 'default'],
];

/** An offer for programs. */
export function offerJson({ model, provider, info, price, callable, isDefault }: Offer): MachineRow {
  return {
    model,
    provider: provider.id,
    id: info.id,
    name: info.name,
    context: info.context,
    maxOutput: info.maxOutput,
    tools: info.tools,
    vision: info.vision,
    reasoning: info.reasoning,
    price,
    callable,
    live: info.live,
    gone: info.gone,
    deprecated: info.deprecated,
    since: info.since === null ? null : new Date(info.since).toISOString(),
    default: isDefault,
  };
}
