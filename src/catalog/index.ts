export { type CatalogOptions, createCatalog, loadCatalog } from './catalog.ts';
export { parseModelList } from './live.ts';
export { spelling } from './names.ts';
export { createPriceFeeds, FEED_IDS, loadKeptPrices, type PriceFeeds } from './price-feeds.ts';
export { QUIRKS } from './quirks.ts';
export type { Refreshed } from './refreshed.ts';
export {
  createRefresher,
  loadCachedModels,
  type Refresher,
  type RefresherDeps,
} from './refresher.ts';
export { savingsOf, sellerOfName } from './savings.ts';
export { closest } from './suggest.ts';
export type * from './types.ts';
