export { type CacheDoctor, createCacheDoctor } from './cache-doctor.ts';
