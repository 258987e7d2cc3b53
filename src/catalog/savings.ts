import type { Savings } from '../exchange.ts';
import type { Usage } from '../pivot/index.ts';
import type { Catalog, Seller } from './types.ts';

/**
 * What an answer would have cost otherwise minus what it cost, both at list price: a charge that the provider reports
 * says nothing about what another model or no cache would have cost.
 * @param asked whom the client's own words lead to; null = they name no model
 */
export function savingsOf(
  catalog: Pick<Catalog, 'cost'>,
  served: Seller,
  asked: Seller | null,
  { costUsd: _charged, ...usage }: Usage,
  at: number,
): Savings {
  const list = (seller: Seller, used: Usage): number | null =>
    catalog.cost(seller.provider, seller.model, used, at).nanoUsd;
  const paid = list(served, usage);
  if (paid === null) return { cacheNanoUsd: null, routeNanoUsd: null };
  const { cacheRead = 0, cacheWrite = 0 } = usage;
  const uncached = cacheRead + cacheWrite > 0 ? list(served, withoutCache(usage)) : paid;
  const same = asked?.provider === served.provider && asked.model === served.model;
  const direct = same ? paid : asked && list(asked, usage);
  return {
    cacheNanoUsd: uncached === null ? null : uncached - paid,
    routeNanoUsd: direct === null ? null : direct - paid,
  };
}

function withoutCache({ cacheRead: _read, cacheWrite: _write, cacheWrite1h: _long, ...usage }: Usage): Usage {
  return usage;
}

/** Whom a model name leads to by itself: the provider that it names, else the maker, else who sells it. */
export function sellerOfName(
  catalog: Pick<Catalog, 'provider' | 'info' | 'sellers'>,
  name: string,
): Seller | null {
  const slash = name.indexOf('/');
  const named = slash > 0 ? catalog.provider(name.slice(0, slash)) : undefined;
  if (named) {
    const model = name.slice(slash + 1);
    return { provider: named.id, model: catalog.info(named.id, model)?.id ?? model };
  }
  const sellers = catalog.sellers(name);
  const maker = sellers.find(({ provider, model }) => catalog.info(provider, model)?.maker === provider);
  return maker ?? sellers[0] ?? null;
}
