import { createHash, randomBytes } from 'node:crypto';
import { type CacheDoctor, createCacheDoctor } from '../prompt-cache/index.ts';
import type { Shelves } from './shelves.ts';

const SALT_BYTES = 16;
/** 72 bits: no two parts of a conversation are alike by chance. */
const HASH_LETTERS = 12;

/** The doctor of a server. Hashes are worth nothing outside of this process: their key is gone with it. */
export function openCacheDoctor(shelves: Pick<Shelves, 'now'>): CacheDoctor {
  const salt = randomBytes(SALT_BYTES);
  return createCacheDoctor({
    hash: (bytes) => createHash('sha1').update(salt).update(bytes).digest('base64').slice(0, HASH_LETTERS),
    price: (provider, model, usage, at) => shelves.now().catalog.cost(provider, model, usage, at).nanoUsd,
  });
}
