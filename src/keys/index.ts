export { keychainLocked, noKeychain } from './keychain-errors.ts';
export { createKeys, type Keys } from './keys.ts';
export { MASKED_VARIABLE, maskKey, maskText } from './mask.ts';
export { ADMIN_LABEL, adminVariable, keyName, LABEL, ownVariable, UNLABELLED } from './names.ts';
export type * from './types.ts';
