import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { homePaths } from '../../src/home/index.ts';
import { createKeys, type KeyOwner, type Keys } from '../../src/keys/index.ts';
import { type TestHome, temporaryHome } from '../support/cli.ts';

const STORED = 'sk-stored-0123456789abcdef';
const OWN = 'sk-own-0123456789abcdefgh';
const WELL_KNOWN = 'sk-wellknown-0123456789ab';
const HOME_ORIGIN = 'https://api.acme.com';
const OWNER: KeyOwner = { id: 'acme', env: ['ACME_API_KEY'], builtinOrigins: [HOME_ORIGIN] };
const URL_AT_HOME = `${HOME_ORIGIN}/v1/models`;
const URL_ELSEWHERE = 'https://evil.example/v1/models';

let home: TestHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.remove());

/** The store of a new process with these variables; keys go into the file. */
async function open(env: NodeJS.ProcessEnv = {}): Promise<Keys> {
  const whole = { ...home.env, ...env };
  const keys = createKeys({ paths: homePaths(whole), env: whole });
  await keys.load();
  return keys;
}

async function storeKey(urls = [URL_AT_HOME], provider = 'acme'): Promise<void> {
  await (await open()).add({ provider, urls, secret: STORED, store: 'file' });
}

const keyAt = (keys: Keys, url: string): string | null => {
  const result = keys.get(OWNER, url);
  return result.ok ? result.value : result.reason;
};

describe('which key is used', () => {
  it('prefers the variable of its own, then the stored key, then the well-known variable', async () => {
    const known = { ACME_API_KEY: WELL_KNOWN };
    expect(keyAt(await open(known), URL_AT_HOME)).toBe(WELL_KNOWN);
    await storeKey();
    expect(keyAt(await open(known), URL_AT_HOME)).toBe(STORED);
    expect(keyAt(await open({ ...known, UNOROUTER_ACME_API_KEY: OWN }), URL_AT_HOME)).toBe(OWN);
  });

  it('says where it looked when there is none', async () => {
    expect((await open()).get(OWNER, URL_AT_HOME)).toEqual({
      ok: false,
      reason: 'missing',
      lookedIn: 'the keychain, $UNOROUTER_ACME_API_KEY and $ACME_API_KEY',
    });
  });

  it('gives a stored key to the origins it was stored for and to no other', async () => {
    await storeKey([URL_AT_HOME, 'https://messages.acme.com/anthropic/v1']);
    const keys = await open();
    expect(keyAt(keys, 'https://api.acme.com/v2/chat')).toBe(STORED);
    expect(keyAt(keys, 'https://messages.acme.com/anthropic/v1/messages')).toBe(STORED);
    for (const url of [URL_ELSEWHERE, 'http://api.acme.com/v1', 'https://api.acme.com:444/', 'demo:', 'x'])
      expect(keyAt(keys, url)).toBe('foreign-origin');
  });

  it('gives a well-known variable to the built-in origins only', async () => {
    expect(keyAt(await open({ ACME_API_KEY: WELL_KNOWN }), URL_ELSEWHERE)).toBe('foreign-origin');
  });

  it('gives the variable of its own to any address: setting it is an explicit act', async () => {
    expect(keyAt(await open({ UNOROUTER_ACME_API_KEY: OWN }), URL_ELSEWHERE)).toBe(OWN);
  });

  it('does not take our own local token, which "env" puts into the well-known variables, for a vendor’s key', async () => {
    const token = `uno-${'a2'.repeat(13)}`;
    for (const value of [token, `${token}.claude.api`])
      expect(keyAt(await open({ ACME_API_KEY: value }), URL_AT_HOME)).toBe('missing');
    const chosen = { UNOROUTER_TOKEN: 'my own words', ACME_API_KEY: 'my own words' };
    expect(keyAt(await open(chosen), URL_AT_HOME)).toBe('missing');
  });

  it('does not replace a stored key that cannot be read by a weaker one', async () => {
    const env = { ...home.env, UNOROUTER_NO_KEYCHAIN: '', ACME_API_KEY: WELL_KNOWN };
    const secrets = new Map<string, string>();
    const chain = {
      get: async (account: string) => secrets.get(account) ?? null,
      set: async (account: string, secret: string) => void secrets.set(account, secret),
      remove: async (account: string) => void secrets.delete(account),
      close: () => undefined,
    };
    const keys = createKeys({ paths: homePaths(env), env, open: async () => chain });
    await keys.add({ provider: 'acme', urls: [URL_AT_HOME], secret: STORED, store: 'keychain' });
    expect(keyAt(keys, URL_AT_HOME)).toBe(STORED);
    secrets.clear();
    await keys.load();
    expect(keyAt(keys, URL_AT_HOME)).toBe('locked');
    expect(keys.list([OWNER])[0]).toMatchObject({ problem: 'locked', masked: null });
  });

  it('uses the well-known variable when the user has switched the keychain off', async () => {
    await storeKey();
    const paths = homePaths(home.env);
    const index = readFileSync(paths.keyIndexFile, 'utf8').replace('"file"', '"keychain"');
    writeFileSync(paths.keyIndexFile, index);
    expect(keyAt(await open({ ACME_API_KEY: WELL_KNOWN }), URL_AT_HOME)).toBe(WELL_KNOWN);
    expect(keyAt(await open(), URL_AT_HOME)).toBe('no-keychain');
  });
});

describe('the list', () => {
  it('shows the key that is used, masked, and the ones that are not', async () => {
    await storeKey();
    const keys = await open({ ACME_API_KEY: WELL_KNOWN });
    expect(keys.list([OWNER])).toEqual([
      {
        provider: 'acme',
        label: 'default',
        masked: 'sk-…cdef',
        source: 'file',
        where: 'keys.yaml',
        shadowed: [{ where: '$ACME_API_KEY', masked: 'sk-…89ab', foreign: false }],
        problem: null,
      },
    ]);
  });

  it('answers for the address where calls go now', async () => {
    await storeKey();
    const moved = { ...OWNER, surfaces: [{ url: URL_ELSEWHERE }] };
    expect((await open()).list([moved])[0]).toMatchObject({
      masked: null,
      shadowed: [{ where: 'keys.yaml', foreign: true }],
      problem: 'foreign-origin',
    });
  });
});

describe('what is stored', () => {
  it('is in a file of mode 0600 when that was asked for, and gone from there when it is removed', async () => {
    await storeKey();
    const { keysFile, keyIndexFile } = homePaths(home.env);
    expect(statSync(keysFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(keysFile, 'utf8')).toContain(STORED);
    expect(readFileSync(keyIndexFile, 'utf8')).not.toContain(STORED);
    expect(await (await open()).remove('acme')).toBe(keysFile);
    expect(() => statSync(keysFile)).toThrow('ENOENT');
    expect((await open()).stored()).toEqual([]);
  });

  it('keeps what another process stored in the meantime', async () => {
    const [one, other] = [await open(), await open()];
    await one.add({ provider: 'a', urls: [URL_AT_HOME], secret: STORED, store: 'file' });
    await other.add({ provider: 'b', urls: [URL_AT_HOME], secret: STORED, store: 'file' });
    await one.remove('a');
    await one.add({ provider: 'c', urls: [URL_AT_HOME], secret: STORED, store: 'file' });
    expect((await open()).stored().map(({ provider }) => provider)).toEqual(['b', 'c']);
  });

  it('does not stay behind in plain text when the key moves into the keychain', async () => {
    await storeKey();
    const env = { ...home.env, UNOROUTER_NO_KEYCHAIN: '' };
    let secret: string | null = null;
    const chain = {
      get: async () => secret,
      set: async (_account: string, value: string) => {
        secret = value;
      },
      remove: async () => undefined,
      close: () => undefined,
    };
    const keys = createKeys({ paths: homePaths(env), env, open: async () => chain });
    await keys.add({ provider: 'acme', urls: [URL_AT_HOME], secret: OWN, store: 'keychain' });
    expect(() => statSync(homePaths(env).keysFile)).toThrow('ENOENT');
  });

  it('is not written anywhere on a machine without a keychain', async () => {
    const env = { ...home.env, UNOROUTER_NO_KEYCHAIN: '' };
    const keys = createKeys({ paths: homePaths(env), env, open: async () => null });
    const add = keys.add({ provider: 'acme', urls: [URL_AT_HOME], secret: STORED, store: 'keychain' });
    await expect(add).rejects.toMatchObject({ code: 'no_keychain', exit: 4 });
    expect(() => statSync(homePaths(env).stateDir)).toThrow('ENOENT');
  });

  it('is not overwritten when the list of keys is broken, and loading tells why', async () => {
    await storeKey();
    const { keyIndexFile } = homePaths(home.env);
    writeFileSync(keyIndexFile, '{ "acme": ');
    const keys = await open();
    expect(keys.trouble()).toMatchObject({ code: 'key_index_broken' });
    const add = keys.add({ provider: 'b', urls: [URL_AT_HOME], secret: STORED, store: 'file' });
    await expect(add).rejects.toMatchObject({ code: 'key_index_broken' });
    expect(readFileSync(keyIndexFile, 'utf8')).toBe('{ "acme": ');
  });

  it('is not read through a link that somebody put there', async () => {
    const { stateDir, keyIndexFile } = homePaths(home.env);
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(`${home.dir}/theirs.json`, '{}');
    symlinkSync(`${home.dir}/theirs.json`, keyIndexFile);
    expect((await open()).trouble()).toMatchObject({ code: 'unsafe_file' });
  });
});

describe('several keys of one provider', () => {
  const SECOND = 'sk-second-0123456789abcd';
  const add = async (label: string | undefined, secret: string, urls = [URL_AT_HOME]): Promise<void> => {
    await (await open()).add({ provider: 'acme', label, urls, secret, store: 'file' });
  };
  const labelled = (keys: Keys, label: string): string | null => {
    const result = keys.get(OWNER, URL_AT_HOME, label);
    return result.ok ? result.value : result.reason;
  };

  it('are a pool, the one without a label first', async () => {
    await add('work', SECOND);
    await add(undefined, STORED);
    const keys = await open();
    expect(keys.labels(OWNER, URL_AT_HOME)).toEqual(['default', 'work']);
    expect(keyAt(keys, URL_AT_HOME)).toBe(STORED);
    expect(labelled(keys, 'work')).toBe(SECOND);
    expect(labelled(keys, 'home')).toBe('missing');
  });

  it('serve alone, too, and do not beat a well-known variable where there is one', async () => {
    await add('work', SECOND);
    expect(keyAt(await open(), URL_AT_HOME)).toBe(SECOND);
    const keys = await open({ ACME_API_KEY: WELL_KNOWN });
    expect(keyAt(keys, URL_AT_HOME)).toBe(WELL_KNOWN);
    expect(keys.labels(OWNER, URL_AT_HOME)).toEqual(['default', 'work']);
  });

  it('are left alone when a variable for this program says which key to use', async () => {
    await add('work', SECOND);
    await add(undefined, STORED);
    const keys = await open({ UNOROUTER_ACME_API_KEY: OWN });
    expect(keys.labels(OWNER, URL_AT_HOME)).toEqual([]);
    expect(keyAt(keys, URL_AT_HOME)).toBe(OWN);
  });

  it('are each bound to the addresses they were stored for', async () => {
    await add(undefined, STORED);
    await add('work', SECOND, ['https://eu.acme.com/v1']);
    const keys = await open();
    expect(keys.labels(OWNER, URL_AT_HOME)).toEqual(['default']);
    expect(keys.labels(OWNER, 'https://eu.acme.com/v1')).toEqual(['work']);
    expect(labelled(keys, 'work')).toBe('foreign-origin');
  });

  it('are listed and removed one by one', async () => {
    await add(undefined, STORED);
    await add('work', SECOND);
    const keys = await open();
    expect(keys.list([OWNER]).map(({ label, masked }) => [label, masked])).toEqual([
      ['default', 'sk-…cdef'],
      ['work', 'sk-…abcd'],
    ]);
    await keys.remove('acme');
    expect(keys.list([OWNER]).map(({ label }) => label)).toEqual(['work']);
    expect(keyAt(keys, URL_AT_HOME)).toBe(SECOND);
  });
});

describe('masking with the keys at hand', () => {
  it('hides stored keys, keys in variables, and keys that were replaced meanwhile', async () => {
    await storeKey();
    const env = {
      ACME_API_KEY: WELL_KNOWN,
      GITHUB_TOKEN: 'ghp-0123456789abcdef',
      CUSTOM: 'custom-0123456789',
    };
    const keys = await open(env);
    keys.get({ id: 'other', env: ['CUSTOM'], builtinOrigins: [HOME_ORIGIN] }, URL_AT_HOME);
    await keys.remove('acme');
    const text = [STORED, ...Object.values(env)].join(' ');
    expect(keys.mask(text)).toBe('sk-…cdef sk-…89ab gh…cdef cu…6789');
  });
});
