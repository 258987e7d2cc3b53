import { EXIT, UserError } from '../errors.ts';
import type { HomePaths } from '../home/index.ts';
import { changeKeyIndex, readKeyIndex } from './index-file.ts';
import { KEYCHAIN_NAME, type Keychain, type OpenKeychain } from './keychain.ts';
import { keychainError, keychainLocked, noKeychain } from './keychain-errors.ts';
import { changeKeysFile, readKeysFile } from './keys-file.ts';
import { accountOf, partsOf } from './names.ts';
import type { Held } from './places.ts';
import type { KeyStore, StoredKey } from './types.ts';

/** Where stored keys lie: the list of them, the keychain, keys.yaml. */
export interface Store {
  /** Everything that is stored, as far as it can be read. @throws UserError when the list or keys.yaml cannot be trusted */
  read(): Promise<Held>;
  /** Stores a key in place of the one before, wherever that was. Answers where, for people. */
  put(key: NewKey): Promise<string>;
  /** Takes a key away; null = none was stored, else where it was, for people. */
  drop(slot: string): Promise<string | null>;
  /** Resolves when the keychain can be used. @throws UserError `no_keychain`, `keychain_locked` */
  check(provider: string): Promise<void>;
}

/** A key to be stored, and the origins that it may be sent to. */
export interface NewKey {
  slot: string;
  origins: readonly string[];
  secret: string;
  store: KeyStore;
}

/** What the store needs from outside. */
interface StoreOptions {
  paths: HomePaths;
  env: NodeJS.ProcessEnv;
  open: OpenKeychain;
  /** How long a keychain call may take: reading, which nobody has to wait for, and all else. */
  readMs: number;
  patienceMs: number;
}

/** Creates the store. Nothing is read or opened before it is asked. */
export function createStore({ paths, env, open, readMs, patienceMs }: StoreOptions): Store {
  const off = Boolean(env.UNOROUTER_NO_KEYCHAIN);

  async function withKeychain<T>(slot: string, work: (keychain: Keychain) => Promise<T>): Promise<T> {
    const { provider } = partsOf(slot);
    const keychain = off ? null : await open(patienceMs);
    if (!keychain) throw noKeychain(provider, off);
    try {
      return await work(keychain);
    } catch (error) {
      throw keychainError(error, provider);
    } finally {
      keychain.close();
    }
  }

  return {
    async read() {
      const index = readKeyIndex(paths);
      const inFile = [...index].filter(([, entry]) => entry.store === 'file');
      const inKeychain = [...index].filter(([, entry]) => entry.store === 'keychain');
      const file = inFile.length > 0 ? readKeysFile(paths) : new Map<string, string>();
      const fromFile = inFile.flatMap(([slot]): [string, string][] => {
        const secret = file.get(slot);
        return secret === undefined ? [] : [[slot, secret]];
      });
      const found = await readKeychain(inKeychain, off ? null : open, readMs);
      return {
        index,
        secrets: new Map([...fromFile, ...found.secrets]),
        unreadable: found.unreadable,
        keychainOff: off,
      };
    },

    async put({ slot, origins, secret, store }) {
      const before = readKeyIndex(paths).get(slot);
      const account = accountOf(slot, env);
      if (store === 'keychain')
        await withKeychain(slot, (keychain) => setVerified(keychain, account, secret));
      else changeKeysFile(paths, slot, secret);
      changeKeyIndex(paths, slot, { store, account, origins });
      // The one before must not stay behind in plain text, nor in the keychain under a name that nobody remembers.
      if (store === 'keychain') changeKeysFile(paths, slot, null);
      if (before?.store === 'keychain' && !(store === 'keychain' && before.account === account))
        await withKeychain(slot, (keychain) => keychain.remove(before.account)).catch(() => undefined);
      return placeOf({ store, account }, paths);
    },

    async drop(slot) {
      const entry = readKeyIndex(paths).get(slot);
      if (!entry) return null;
      if (entry.store === 'file') changeKeysFile(paths, slot, null);
      else {
        try {
          await withKeychain(slot, (keychain) => erase(keychain, entry.account));
        } catch (error) {
          throw error instanceof UserError && error.code === 'no_keychain'
            ? notRemoved(partsOf(slot).provider)
            : error;
        }
      }
      changeKeyIndex(paths, slot, null);
      return placeOf(entry, paths);
    },

    check: (provider) =>
      withKeychain(provider, async (keychain) => void (await keychain.get(accountOf(provider, env)))),
  };
}

function placeOf({ store, account }: Pick<StoredKey, 'store' | 'account'>, paths: HomePaths): string {
  return store === 'file' ? paths.keysFile : `the ${KEYCHAIN_NAME} as "unorouter: ${account}"`;
}

/**
 * The keys in the keychain, one after another: several at once would raise several dialogs. After one that did not answer
 * the others are not asked: all of it ends within the patience for one.
 */
async function readKeychain(
  entries: readonly (readonly [string, StoredKey])[],
  open: OpenKeychain | null,
  patienceMs: number,
): Promise<Pick<Held, 'secrets' | 'unreadable'>> {
  const secrets = new Map<string, string>();
  const unreadable = new Map<string, 'locked' | 'no-keychain'>();
  if (entries.length === 0) return { secrets, unreadable };
  const keychain = await open?.(patienceMs);
  let reason: 'locked' | 'no-keychain' | null = keychain ? null : 'no-keychain';
  for (const [slot, { account }] of entries) {
    try {
      const secret = keychain && reason === null ? await keychain.get(account) : null;
      if (secret !== null) secrets.set(slot, secret);
      else unreadable.set(slot, reason ?? 'locked');
    } catch (error) {
      reason = keychainError(error, partsOf(slot).provider).code === 'no_keychain' ? 'no-keychain' : 'locked';
      unreadable.set(slot, reason);
    }
  }
  keychain?.close();
  return { secrets, unreadable };
}

/** Writes and reads back: what cannot be read again is not stored. */
async function setVerified(keychain: Keychain, account: string, secret: string): Promise<void> {
  await keychain.set(account, secret);
  if ((await keychain.get(account)) !== secret) throw keychainLocked();
}

/** Overwrites, then removes: a locked keychain says of removing that there was nothing, but refuses to write. */
async function erase(keychain: Keychain, account: string): Promise<void> {
  await keychain.set(account, 'removed');
  await keychain.remove(account);
}

function notRemoved(provider: string): UserError {
  return new UserError({
    code: 'no_keychain',
    exit: EXIT.key,
    message: `the key for ${provider} is in a keychain that cannot be reached here`,
    why: 'no Secret Service on D-Bus, or $UNOROUTER_NO_KEYCHAIN is set; nothing was removed',
    fix: [`{cmd} keys rm ${provider}     in the session in which it was stored`],
  });
}
