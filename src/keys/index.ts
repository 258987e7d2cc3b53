export { keychainLocked, noKeychain } from './keychain-errors.ts';
export { createKeys, type Keys } from './keys.ts';
export { maskKey, maskText } from './mask.ts';
export { keyName, LABEL, ownVariable, UNLABELLED } from './names.ts';
export type * from './types.ts';
