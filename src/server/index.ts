export { createFetchList } from './lists.ts';
export { startServer } from './server.ts';
export type * from './types.ts';
