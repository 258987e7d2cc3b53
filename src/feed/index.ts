export { createFeed } from './feed.ts';
export type * from './types.ts';
