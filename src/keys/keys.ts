import type { HomePaths } from '../home/index.ts';
import { readKeyIndex, readKeysFile, type StoredKey, writeKeyIndex, writeKeysFile } from './index-file.ts';
import { type Keychain, keychainLocked, noKeychain, openKeychain } from './keychain.ts';
import { maskKey, maskText } from './mask.ts';
import type { KeyEntry, KeyOwner, KeyResult, KeySource, MissingKey } from './types.ts';

/** Keys in memory, read once. Values leave only through `get`, right before a call. */
export interface Keys {
  /** Reads the index and every stored key. Never rejects: what cannot be read is a reason that `get` gives. */
  load(): Promise<void>;
  /** The key for a provider at an address, or why there is none. Synchronous, from memory. */
  get(owner: KeyOwner, url: string): KeyResult;
  list(owners: readonly KeyOwner[]): KeyEntry[];
  /** Stores a key, bound to an origin. @throws UserError no_keychain, keychain_locked */
  add(key: {
    provider: string;
    origin: string;
    secret: string;
    store: 'keychain' | 'file';
  }): Promise<{ where: string }>;
  /** Removes a stored key; false when none was stored. */
  remove(provider: string): Promise<boolean>;
  /** Hides every key value in a text. */
  mask(text: string): string;
}

/** What the store is made of; the keychain opener is an argument for tests of machines without one. */
export interface KeysOptions {
  paths: HomePaths;
  env: NodeJS.ProcessEnv;
  open?: () => Promise<Keychain | null>;
}

/** `UNOROUTER_<P>_API_KEY`: the id in upper case, every other character `_`. */
export function ownVariable(provider: string): string {
  return `UNOROUTER_${provider.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_API_KEY`;
}

/** One place where a key was found, with the right to use it for an origin. */
interface Found {
  value: string;
  source: KeySource;
  where: string;
  allowed: boolean;
}

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return '';
  }
}

/** Creates the store. Nothing is read before `load`. */
export function createKeys({ paths, env, open = openKeychain }: KeysOptions): Keys {
  let index: ReadonlyMap<string, StoredKey> = new Map();
  let stored: ReadonlyMap<string, string> = new Map();
  let trouble: MissingKey['reason'] | null = null;
  let keychain: Keychain | null | undefined;
  const off = Boolean(env.UNOROUTER_NO_KEYCHAIN);

  async function theKeychain(): Promise<Keychain | null> {
    if (off) return null;
    keychain ??= await open();
    return keychain;
  }

  async function fromKeychain(account: string): Promise<string | null> {
    const chain = await theKeychain();
    if (!chain) {
      trouble = 'no-keychain';
      return null;
    }
    try {
      const secret = await chain.get(account);
      if (secret === null) trouble = 'locked';
      return secret;
    } catch {
      trouble = 'locked';
      return null;
    }
  }

  async function load(): Promise<void> {
    trouble = null;
    index = readKeyIndex(paths);
    const file = [...index.values()].some((key) => key.store === 'file')
      ? readKeysFile(paths)
      : new Map<string, string>();
    const values = new Map<string, string>();
    for (const [account, { store }] of index) {
      const secret = store === 'file' ? file.get(account) : await fromKeychain(account);
      if (secret) values.set(account, secret);
    }
    stored = values;
  }

  /** Every place that has a key for this provider, strongest first. */
  function places(owner: KeyOwner, url: string): Found[] {
    const origin = originOf(url);
    const own = ownVariable(owner.id);
    const entry = index.get(owner.id);
    const secret = stored.get(owner.id);
    const wellKnown = owner.env.filter((name) => name !== own && env[name]);
    return [
      ...(env[own]
        ? [{ value: env[own], source: 'environment' as const, where: `$${own}`, allowed: true }]
        : []),
      ...(entry && secret
        ? [
            {
              value: secret,
              source: entry.store === 'file' ? ('file' as const) : ('keychain' as const),
              where: entry.store === 'file' ? 'keys.yaml' : 'keychain',
              allowed: entry.origin === origin,
            },
          ]
        : []),
      ...wellKnown.map((name) => ({
        value: env[name] ?? '',
        source: 'well-known' as const,
        where: `$${name}`,
        allowed: owner.builtinOrigins.includes(origin),
      })),
    ];
  }

  function get(owner: KeyOwner, url: string): KeyResult {
    const found = places(owner, url);
    const usable = found.find((place) => place.allowed);
    if (usable) return { ok: true, value: usable.value, source: usable.source, where: usable.where };
    const listed = index.has(owner.id) && !stored.has(owner.id);
    const reason = found.length > 0 ? 'foreign-origin' : listed ? (trouble ?? 'locked') : 'missing';
    return { ok: false, reason, lookedIn: lookedIn(owner) };
  }

  function entryOf(owner: KeyOwner): KeyEntry {
    const url = owner.builtinOrigins[0] ?? index.get(owner.id)?.origin ?? '';
    const found = places(owner, index.get(owner.id)?.origin ?? url);
    const used = found.find((place) => place.allowed) ?? found[0];
    const missing = used ? null : get(owner, url);
    return {
      provider: owner.id,
      masked: used ? maskKey(used.value) : null,
      source: used?.source ?? null,
      where: used?.where ?? null,
      shadowed: found
        .filter((place) => place !== used)
        .map(({ where, value }) => ({ where, masked: maskKey(value) })),
      problem: missing && !missing.ok ? missing.reason : null,
    };
  }

  async function store(account: string, secret: string, where: 'keychain' | 'file'): Promise<string> {
    if (where === 'file') {
      writeKeysFile(paths, new Map([...readKeysFile(paths), [account, secret]]));
      return 'keys.yaml';
    }
    const chain = await theKeychain();
    if (!chain) throw noKeychain(account, ownVariable(account));
    await setVerified(chain, account, secret);
    return chain.name;
  }

  return {
    load,
    get,
    list: (owners) => owners.map(entryOf),
    async add({ provider, origin, secret, store: kind }) {
      const where = await store(provider, secret, kind);
      writeKeyIndex(paths, new Map([...readKeyIndex(paths), [provider, { store: kind, origin }]]));
      await load();
      return { where };
    },
    async remove(provider) {
      const entries = new Map(readKeyIndex(paths));
      const entry = entries.get(provider);
      if (!entry) return false;
      if (entry.store === 'keychain') await (await theKeychain())?.remove(provider);
      else
        writeKeysFile(paths, new Map([...readKeysFile(paths)].filter(([account]) => account !== provider)));
      entries.delete(provider);
      writeKeyIndex(paths, entries);
      await load();
      return true;
    },
    mask: (text) => maskText(text, secrets()),
  };

  function secrets(): string[] {
    const fromEnv = Object.entries(env).flatMap(([name, value]) =>
      /(_API_KEY|_KEY|_TOKEN)$/.test(name) && value && value.length >= 8 ? [value] : [],
    );
    return [...stored.values(), ...fromEnv].sort((a, b) => b.length - a.length);
  }
}

/** Writes and reads back: a Secret Service without a running daemon fails only when used. */
async function setVerified(chain: Keychain, account: string, secret: string): Promise<void> {
  try {
    await chain.set(account, secret);
  } catch (error) {
    const words = error instanceof Error ? error.message : '';
    if (/ServiceUnknown|not provided by any|autolaunch|D-?Bus|connect/i.test(words))
      throw noKeychain(account, ownVariable(account));
    throw keychainLocked();
  }
  if ((await chain.get(account)) !== secret) throw keychainLocked();
}

/** For people: where a key was looked for. */
function lookedIn(owner: KeyOwner): string {
  const own = ownVariable(owner.id);
  const names = [own, ...owner.env.filter((name) => name !== own)].map((name) => `$${name}`);
  const last = names.pop();
  return names.length === 0 ? `the keychain and ${last}` : `the keychain, ${names.join(', ')} and ${last}`;
}
