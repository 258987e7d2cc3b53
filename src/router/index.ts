export {
  type ExplainedTarget,
  explainRoute,
  planQuestion,
  protocolOfQuestion,
  type RouteExplanation,
  type RouteQuestion,
} from './explain.ts';
export { matchesGlob } from './globs.ts';
export { plan } from './plan.ts';
export { orderSellers, type SellerOrder } from './sellers.ts';
export type * from './types.ts';
export { targetId } from './words.ts';
