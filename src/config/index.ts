export { DEFAULTS } from './build.ts';
export { configSchemaJson, deleteIn, editConfig, getIn, setIn } from './editing.ts';
export { loadConfig, parseConfig } from './load.ts';
export { describeOrigin, type OriginPlaces } from './origin.ts';
export { formatProblem, invalidConfig } from './problem.ts';
export { normaliseProviderUrl } from './provider-url.ts';
export type * from './types.ts';
export { parseDuration } from './units.ts';
export { type ConfigWatch, watchConfig } from './watch.ts';
