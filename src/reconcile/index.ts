export { compare, type Drift, type OurUse } from './compare.ts';
export { usesInCsv } from './csv.ts';
export { SOURCES } from './sources.ts';
export type * from './types.ts';
