import { EXIT, UserError } from '../errors.ts';

/** The OS keychain, one entry a provider. Every call ends: a prompt that hangs counts as locked. */
export interface Keychain {
  /** null = not there, or locked: the keychain does not tell which. */
  get(account: string): Promise<string | null>;
  set(account: string, secret: string): Promise<void>;
  remove(account: string): Promise<boolean>;
  /** `macOS keychain`, for sentences. */
  name: string;
}

const SERVICE = 'unorouter';
const LIMIT_MS = 5_000;

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'macOS keychain',
  win32: 'Windows Credential Manager',
};

/** Error 6: says the two explicit choices; plain text is never a silent fallback. */
export function noKeychain(provider: string, variable: string): UserError {
  return new UserError({
    code: 'no_keychain',
    exit: EXIT.key,
    message: 'this machine has no keychain service',
    why: 'no Secret Service on D-Bus (usual on servers, containers, WSL); nothing was written',
    fix: [
      `export ${variable}=…            this shell only`,
      `{cmd} keys add ${provider} --store file       plain text in keys.yaml, mode 0600`,
    ],
  });
}

/** Error 5. */
export function keychainLocked(): UserError {
  const unlock: Partial<Record<NodeJS.Platform, string>> = { darwin: 'security unlock-keychain' };
  return new UserError({
    code: 'keychain_locked',
    exit: EXIT.key,
    message: 'the keychain is locked',
    why: 'it did not answer in time, or the dialog was closed',
    fix: [
      `${unlock[process.platform] ?? 'log in to the desktop session'}     then try again; running requests are not affected`,
    ],
  });
}

function limited<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(keychainLocked()), LIMIT_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * Opens the keychain; null when this machine has none. The native module is loaded here and not before: without
 * libsecret its import throws. Listing its entries is never asked for: on a locked keyring that ends the process.
 */
export async function openKeychain(): Promise<Keychain | null> {
  let keytar: typeof import('keytar');
  try {
    const loaded = (await import('keytar')) as {
      default?: typeof import('keytar');
    } & typeof import('keytar');
    keytar = loaded.default ?? loaded;
  } catch {
    return null;
  }
  return {
    name: NAMES[process.platform] ?? 'Secret Service',
    get: (account) => limited(keytar.getPassword(SERVICE, account)),
    set: (account, secret) => limited(keytar.setPassword(SERVICE, account, secret)),
    remove: (account) => limited(keytar.deletePassword(SERVICE, account)),
  };
}
