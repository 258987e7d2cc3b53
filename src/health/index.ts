export { createHealth } from './health.ts';
export type * from './types.ts';
