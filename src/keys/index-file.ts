import { dirname } from 'node:path';
import { EXIT, UserError } from '../errors.ts';
import { ensurePrivateDir, type HomePaths, readOwned, writePrivate } from '../home/index.ts';
import type { StoredKey } from './types.ts';

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function broken(file: string): UserError {
  return new UserError({
    code: 'key_index_broken',
    exit: EXIT.key,
    message: `${file} cannot be read`,
    why: 'it is not what unorouter writes there; the keys themselves are still where they were stored',
    fix: [`mv '${file}' '${file}.broken'     then add the keys again: {cmd} keys add <provider>`],
  });
}

function entryOf(value: unknown): StoredKey | null {
  if (!isObject(value)) return null;
  const { store, account, origins } = value;
  if ((store !== 'keychain' && store !== 'file') || typeof account !== 'string' || !Array.isArray(origins))
    return null;
  return { store, account, origins: origins.filter((origin) => typeof origin === 'string') };
}

/**
 * The list of stored keys by slot (`openai`, `openai#work`): the keychain itself is never asked for its list.
 * @throws UserError `key_index_broken`, `unsafe_file`: writing a new list over it would lose what it named
 */
export function readKeyIndex(paths: HomePaths): Map<string, StoredKey> {
  const text = readOwned(paths.keyIndexFile);
  if (text === null) return new Map();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw broken(paths.keyIndexFile);
  }
  if (!isObject(value)) throw broken(paths.keyIndexFile);
  return new Map(
    Object.entries(value).flatMap(([provider, said]): [string, StoredKey][] => {
      const entry = entryOf(said);
      return entry ? [[provider, entry]] : [];
    }),
  );
}

/**
 * Changes one entry of the list (null = takes it away). The list is read right before it is written, so that what another process added in
 * the meantime stays.
 */
export function changeKeyIndex(paths: HomePaths, provider: string, entry: StoredKey | null): void {
  ensurePrivateDir(dirname(paths.keyIndexFile));
  const index = readKeyIndex(paths);
  if (entry) index.set(provider, entry);
  else index.delete(provider);
  writePrivate(paths.keyIndexFile, `${JSON.stringify(Object.fromEntries(index), null, 2)}\n`);
}
