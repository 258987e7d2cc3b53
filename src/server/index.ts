export { createFetchList, createFetchPrices } from './lists.ts';
export { startServer } from './server.ts';
export { addExchange, emptyTally } from './tally.ts';
export type * from './types.ts';
