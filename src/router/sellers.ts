import type { Catalog, Seller } from '../catalog/index.ts';

/** What the order of sellers depends on. */
export interface SellerOrder {
  catalog: Catalog;
  /** The user's `prefer:`: provider ids or aliases of them, best first. */
  prefer: readonly string[];
}

type Rank = readonly (number | string)[];

/** Sellers of one model, best first: its maker, the order of `prefer:`, direct before resellers, alphabetical. */
export function orderSellers(
  sellers: readonly Seller[],
  { catalog, prefer }: SellerOrder,
): readonly Seller[] {
  const preferred = prefer.map((id) => catalog.provider(id)?.id ?? id);
  const rankOf = ({ provider, model }: Seller): Rank => {
    const place = preferred.indexOf(provider);
    return [
      catalog.info(provider, model)?.maker === provider ? 0 : 1,
      place < 0 ? preferred.length : place,
      catalog.provider(provider)?.kind === 'reseller' ? 1 : 0,
      provider,
    ];
  };
  return sellers
    .map((seller) => ({ seller, rank: rankOf(seller) }))
    .sort((a, b) => compareRanks(a.rank, b.rank))
    .map(({ seller }) => seller);
}

function compareRanks(a: Rank, b: Rank): number {
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (right !== undefined && left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
