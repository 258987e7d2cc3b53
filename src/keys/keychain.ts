import { keychainLocked } from './keychain-errors.ts';
import { startKeychainProcess } from './keychain-process.ts';

/** The OS keychain, open for a few calls. Every call ends: one that does not answer in time rejects as locked. */
export interface Keychain {
  /** null = not there, or locked: the keychain does not tell which. */
  get(account: string): Promise<string | null>;
  set(account: string, secret: string): Promise<void>;
  remove(account: string): Promise<void>;
  close(): void;
}

/** Opens it; null when this machine has none. `patienceMs` limits each call. */
export type OpenKeychain = (patienceMs: number) => Promise<Keychain | null>;

const SERVICE = 'unorouter';

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'macOS keychain',
  win32: 'Windows Credential Manager',
};

/** `macOS keychain`, for sentences. */
export const KEYCHAIN_NAME = NAMES[process.platform] ?? 'Secret Service';

function limited<T>(work: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(keychainLocked()), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The real one. Nothing native is loaded before this is called. */
export const openKeychain: OpenKeychain = async (patienceMs) => {
  const helper = await startKeychainProcess();
  if (!helper) return null;
  const call = (...[name, args]: Parameters<typeof helper.call>): Promise<unknown> =>
    limited(helper.call(name, args), patienceMs);
  return {
    async get(account) {
      const secret = await call('getPassword', [SERVICE, account]);
      return typeof secret === 'string' ? secret : null;
    },
    set: async (account, secret) => void (await call('setPassword', [SERVICE, account, secret])),
    remove: async (account) => void (await call('deletePassword', [SERVICE, account])),
    close: helper.close,
  };
};
