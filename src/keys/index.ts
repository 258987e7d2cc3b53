export { createKeys, type Keys, ownVariable } from './keys.ts';
export { maskKey } from './mask.ts';
export type * from './types.ts';
