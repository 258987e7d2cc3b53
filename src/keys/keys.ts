import { EXIT, UserError } from '../errors.ts';
import type { HomePaths } from '../home/index.ts';
import { type OpenKeychain, openKeychain } from './keychain.ts';
import { MASKED_VARIABLE, maskText } from './mask.ts';
import { partsOf, slotOf, UNLABELLED } from './names.ts';
import { entriesFor, type Held, keyFor, labelsFor, originsOf } from './places.ts';
import { createStore } from './store.ts';
import type { KeyEntry, KeyOwner, KeyResult, KeyStore } from './types.ts';

/** Keys in memory, read once. Values leave only through `get`, right before a call. */
export interface Keys {
  /** Reads the index and every stored key. Never rejects: what cannot be read is a reason that `get` gives. */
  load(): Promise<void>;
  /** Why the last `load` could not even read what is stored (somebody else's file, a broken one); null = it could. */
  trouble(): UserError | null;
  /**
   * The key for a provider at an address, or why there is none. Synchronous, from memory. `label` asks for one of a
   * pool, as `labels` names them.
   */
  get(owner: KeyOwner, url: string, label?: string): KeyResult;
  /** Labels of the keys that may be sent to an address, the unlabelled (`default`) first. A variable of its own beats them all: then there is none to choose. */
  labels(owner: KeyOwner, url: string): string[];
  /** One entry for each provider, and one more for each further key of it. */
  list(owners: readonly KeyOwner[]): KeyEntry[];
  /** For which providers, and under which labels, keys are stored; those included that no longer exist. */
  stored(): { provider: string; label: string }[];
  /** Resolves when the keychain can be used for this provider. @throws UserError no_keychain, keychain_locked */
  checkKeychain(provider: string): Promise<void>;
  /**
   * Stores a key, bound to the origins of all the given addresses (those of the provider's row at this moment).
   * Answers where, for people. @throws UserError no_keychain, keychain_locked
   */
  add(key: {
    provider: string;
    label?: string | undefined;
    urls: readonly string[];
    secret: string;
    store: KeyStore;
  }): Promise<string>;
  /** Removes a stored key. Answers where it was, for people; null when none was stored. @throws as `add` does */
  remove(provider: string, label?: string): Promise<string | null>;
  /** Hides every key value in a text: those in memory, also past ones, and those in variables that hold secrets. */
  mask(text: string): string;
}

/** What the store is made of; the keychain opener is an argument for tests of machines without one. */
export interface KeysOptions {
  paths: HomePaths;
  env: NodeJS.ProcessEnv;
  open?: OpenKeychain;
  /** How long storing and removing may take: longer where a person may have to type a password. */
  patienceMs?: number;
}

const PATIENCE_MS = 5_000;
const NOTHING: Held = { index: new Map(), secrets: new Map(), unreadable: new Map(), keychainOff: false };

/** Creates the store. Nothing is read before `load`. */
export function createKeys(options: KeysOptions): Keys {
  const { paths, env, open = openKeychain, patienceMs = PATIENCE_MS } = options;
  const store = createStore({ paths, env, open, readMs: PATIENCE_MS, patienceMs });
  const variables = Object.entries(env).flatMap(([name, value]) =>
    MASKED_VARIABLE.test(name) && value ? [value.trim()] : [],
  );
  // Keys that were ever used here: an answer to a call with a replaced key may still quote it.
  const known = new Set(variables);
  let held = NOTHING;
  let trouble: UserError | null = null;
  /** What was found since the last `load`: one request asks several times. */
  let found = new WeakMap<KeyOwner, Map<string, KeyResult | string[]>>();

  /** What `find` gave for this owner under this name before, or gives now. */
  function remembered<T extends KeyResult | string[]>(owner: KeyOwner, name: string, find: () => T): T {
    const results = found.get(owner) ?? new Map<string, KeyResult | string[]>();
    found.set(owner, results);
    const result = (results.get(name) as T | undefined) ?? find();
    results.set(name, result);
    return result;
  }

  function keyAt(owner: KeyOwner, url: string, label: string): KeyResult {
    const result = keyFor(owner, { url, label }, env, held);
    if (result.ok) known.add(result.value);
    return result;
  }

  async function load(): Promise<void> {
    try {
      held = await store.read();
      trouble = null;
    } catch (error) {
      held = NOTHING;
      trouble = error instanceof UserError ? error : unreadable(error);
    }
    for (const secret of held.secrets.values()) known.add(secret);
    found = new WeakMap();
  }

  return {
    load,
    trouble: () => trouble,
    get: (owner, url, label = UNLABELLED) =>
      remembered(owner, `key ${label} ${url}`, () => keyAt(owner, url, label)),
    labels: (owner, url) => remembered(owner, `labels ${url}`, () => labelsFor(owner, url, env, held)),
    list: (owners) => owners.flatMap((owner) => entriesFor(owner, env, held)),
    stored: () => [...held.index.keys()].map(partsOf),
    checkKeychain: store.check,
    async add({ provider, label, urls, secret, store: kind }) {
      const where = await store.put({
        slot: slotOf(provider, label),
        origins: originsOf(urls),
        secret,
        store: kind,
      });
      await load();
      return where;
    },
    async remove(provider, label) {
      const where = await store.drop(slotOf(provider, label));
      if (where !== null) await load();
      return where;
    },
    mask: (text) => maskText(text, known),
  };
}

function unreadable(error: unknown): UserError {
  return new UserError({
    code: 'keys_unreadable',
    exit: EXIT.key,
    message: 'the list of stored keys cannot be read',
    why: error instanceof Error ? error.message : String(error),
  });
}
