export { plan } from './plan.ts';
export { orderSellers, type SellerOrder } from './sellers.ts';
export type { KeyState, Plan, RouteRequest, RouteState, Target } from './types.ts';
