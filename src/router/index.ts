export { matchesGlob } from './globs.ts';
export { plan } from './plan.ts';
export { orderSellers, type SellerOrder } from './sellers.ts';
export type * from './types.ts';
export { targetId } from './words.ts';
