import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BIN, type TestHome } from './cli.ts';

/** Whether the tests run inside a private keychain (`npm test` on a machine that can make one). */
export const realKeychain = process.env.UNOROUTER_TEST_KEYRING !== undefined;

/** The title of tests that need one: says why where they are skipped. */
export const inKeychain = realKeychain
  ? 'in a real keychain'
  : 'in a real keychain (skipped: not run by npm test, or gnome-keyring is missing)';

/** The home's environment with the keychain switched on. */
export function withKeychain(home: TestHome): NodeJS.ProcessEnv {
  const { UNOROUTER_NO_KEYCHAIN: _off, ...env } = home.env;
  return env;
}

/** Every file below a directory whose bytes contain a text. */
export function filesWith(dir: string, text: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

const KEYRING = fileURLToPath(new URL('../../tools/keyring.mjs', import.meta.url));

/**
 * Runs a shell script with a keychain of its own, which it may lock or stop: `$UNOROUTER_TEST_KEYRING` is the daemon's pid,
 * `$UNO` the program.
 */
export function inOwnKeyring(
  home: TestHome,
  script: string,
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [KEYRING, 'sh', '-c', script], {
    encoding: 'utf8',
    cwd: home.dir,
    env: { ...withKeychain(home), UNO: `${process.execPath} ${BIN}` },
  });
}
