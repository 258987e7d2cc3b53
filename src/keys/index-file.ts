import { dirname } from 'node:path';
import { ensurePrivateDir, type HomePaths, readOwned, writePrivate } from '../home/index.ts';

/** What is remembered of a stored key: where it is and which address it may be sent to. Never the key. */
export interface StoredKey {
  store: 'keychain' | 'file';
  /** `https://api.openai.com` */
  origin: string;
}

const LABEL = /^[a-zA-Z0-9._-]+$/;

function objectOf(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // A broken index lists nothing; adding a key writes a good one.
    return {};
  }
}

/** The list of stored keys by account (provider id). The keychain itself is never asked for its list. */
export function readKeyIndex(paths: HomePaths): Map<string, StoredKey> {
  const entries = Object.entries(objectOf(readOwned(paths.keyIndexFile))).flatMap(
    ([account, value]): [string, StoredKey][] => {
      const { store, origin } =
        typeof value === 'object' && value !== null ? (value as Partial<StoredKey>) : {};
      const known =
        (store === 'keychain' || store === 'file') && typeof origin === 'string' && LABEL.test(account);
      return known ? [[account, { store, origin }]] : [];
    },
  );
  return new Map(entries);
}

/** Replaces the list. */
export function writeKeyIndex(paths: HomePaths, index: ReadonlyMap<string, StoredKey>): void {
  ensurePrivateDir(dirname(paths.keyIndexFile));
  writePrivate(paths.keyIndexFile, `${JSON.stringify(Object.fromEntries(index), null, 2)}\n`);
}

/** Keys of `--store file`: `provider: "secret"` lines, a subset of YAML. */
export function readKeysFile(paths: HomePaths): Map<string, string> {
  const lines = (readOwned(paths.keysFile) ?? '').split('\n');
  const entries = lines.flatMap((line): [string, string][] => {
    const match = /^([a-zA-Z0-9._-]+): (".*")\s*$/.exec(line);
    if (!match?.[1] || !match[2]) return [];
    try {
      return [[match[1], String(JSON.parse(match[2]))]];
    } catch {
      // Not a line that we wrote.
      return [];
    }
  });
  return new Map(entries);
}

/** Replaces the plain-text keys (0600). */
export function writeKeysFile(paths: HomePaths, keys: ReadonlyMap<string, string>): void {
  ensurePrivateDir(dirname(paths.keysFile));
  const lines = [...keys].map(([account, secret]) => `${account}: ${JSON.stringify(secret)}\n`);
  writePrivate(
    paths.keysFile,
    `# Plain text, by your choice (--store file). Remove a key: unorouter keys rm <provider>\n${lines.join('')}`,
  );
}
