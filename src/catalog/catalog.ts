import type { Usage } from '../pivot/index.ts';
import { quirksOf } from './model-quirks.ts';
import { spelling } from './names.ts';
import { listPrice, type Priced, priceUsage } from './prices.ts';
import { createRegistry, type Registry } from './registry.ts';
import { createStock } from './stock.ts';
import { closest } from './suggest.ts';
import type { Catalog, ProviderOverride, UserPrice } from './types.ts';

/** What a catalog is made from besides the bundled data. */
export interface CatalogOptions {
  /** The user's `providers:`, by id or alias. */
  providers?: ReadonlyMap<string, ProviderOverride>;
  /** The user's `prices:`, by `provider/model`. */
  userPrices?: ReadonlyMap<string, UserPrice>;
  /** ms since 1970: list prices are those of this moment. */
  now?: () => number;
}

/** The user's prices under the providers' real ids. */
function byRealId(prices: ReadonlyMap<string, UserPrice>, registry: Registry): Map<string, UserPrice> {
  return new Map(
    [...prices].map(([target, price]) => {
      const slash = target.indexOf('/');
      const provider = registry.find(target.slice(0, Math.max(0, slash)));
      return [provider ? `${provider.id}${target.slice(slash)}` : target, price];
    }),
  );
}

const UNKNOWN_PROVIDER: Priced = {
  cost: { nanoUsd: null, state: 'unknown', source: null },
  items: [],
  tier: null,
};

/**
 * Look-ups over providers, models and prices. `providers`, `provider`, `quirks` and `setLive` work at once; `ready()` must
 * have resolved before anything else is asked. `x/rest` names therefore never wait for the data.
 */
export function createCatalog(options: CatalogOptions = {}): Catalog {
  const registry = createRegistry(options.providers);
  const now = options.now ?? Date.now;
  const stock = createStock(byRealId(options.userPrices ?? new Map(), registry), now);
  // The demo answers under its own name only: nobody who asks for "coder" means it.
  const sold = registry.all.filter((provider) => provider.kind !== 'demo');

  function pricedOf(id: string, model: string, usage: Usage, at: number): Priced {
    const provider = registry.find(id);
    return provider ? priceUsage(stock.factsOf(provider, model), usage, at) : UNKNOWN_PROVIDER;
  }

  return {
    ready: stock.ready,
    providers: () => registry.all,
    provider: registry.find,
    models: () => registry.all.flatMap((provider) => stock.shelfOf(provider).infos),
    modelsOf(id) {
      const provider = registry.find(id);
      return provider ? stock.shelfOf(provider).infos : [];
    },
    sellers: (name) =>
      sold.flatMap((provider) => {
        const model = stock.shelfOf(provider).find(name);
        return model ? [{ provider: provider.id, model: model.id }] : [];
      }),
    info(id, model) {
      const provider = registry.find(id);
      return provider && stock.shelfOf(provider).find(model);
    },
    quirks: (id, model) => quirksOf(registry.find(id), model),
    cost: (id, model, usage, at) => pricedOf(id, model, usage, at).cost,
    bill: pricedOf,
    price(id, model) {
      const provider = registry.find(id);
      return provider ? listPrice(stock.factsOf(provider, model), now()) : null;
    },
    suggest(name, limit) {
      const names = sold.flatMap((provider) => stock.shelfOf(provider).infos.map((info) => info.name));
      return closest(name, names, limit, spelling);
    },
    setLive(id, models, at) {
      const provider = registry.find(id);
      if (provider) stock.setLive(provider, models, at);
    },
    setPrices: stock.setPrices,
    setShown: stock.setShown,
    freshness: stock.freshness,
  };
}

/** A catalog that is ready. */
export async function loadCatalog(options: CatalogOptions = {}): Promise<Catalog> {
  const catalog = createCatalog(options);
  await catalog.ready();
  return catalog;
}
