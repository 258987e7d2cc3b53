export type * from './types.ts';
export { abilitiesOf, readVerified, saveVerified } from './verified.ts';
