export { claimHome, releaseHome } from './claim.ts';
export { ensurePrivateDir, readOwned, writePrivate } from './files.ts';
export { homePaths } from './paths.ts';
export { homeRemains, removeRemains } from './remains.ts';
export { askHealth, findServer, readServerFile } from './server-file.ts';
export {
  createTokenCheck,
  labelToken,
  loadToken,
  newToken,
  parseToken,
  rotateToken,
  type TokenVerdict,
} from './token.ts';
export type * from './types.ts';
