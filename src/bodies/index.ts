export { type Bodies, createBodies, type Recording } from './bodies.ts';
export { pruneBodies, readBodies } from './files.ts';
export type * from './types.ts';
