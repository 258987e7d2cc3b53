export { plan } from './plan.ts';
export type { KeyState, Plan, RouteRequest, RouteState, Target } from './types.ts';
