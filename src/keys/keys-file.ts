import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ensurePrivateDir, type HomePaths, readOwned, writePrivate } from '../home/index.ts';

const LINE = /^([\w.-]+(?:#[\w.-]+)?): (".*")\s*$/;

function entryOf(line: string): [string, string][] {
  const [, provider, quoted] = LINE.exec(line) ?? [];
  if (provider === undefined || quoted === undefined) return [];
  try {
    return [[provider, String(JSON.parse(quoted))]];
  } catch {
    // Not a line that we wrote.
    return [];
  }
}

/** Keys of `--store file` by slot: `provider: "secret"` lines, a subset of YAML. @throws UserError `unsafe_file` */
export function readKeysFile(paths: HomePaths): Map<string, string> {
  return new Map((readOwned(paths.keysFile) ?? '').split('\n').flatMap(entryOf));
}

/** Changes one of the plain-text keys (null = takes it away); the file is 0600, and gone with its last key. */
export function changeKeysFile(paths: HomePaths, provider: string, secret: string | null): void {
  const keys = readKeysFile(paths);
  if (secret !== null) keys.set(provider, secret);
  else if (!keys.delete(provider)) return;
  if (keys.size === 0) {
    rmSync(paths.keysFile, { force: true });
    return;
  }
  ensurePrivateDir(dirname(paths.keysFile));
  const lines = [...keys].map(([id, value]) => `${id}: ${JSON.stringify(value)}\n`);
  writePrivate(
    paths.keysFile,
    `# Plain text, by your choice (--store file). Remove a key: unorouter keys rm <provider>\n${lines.join('')}`,
  );
}
