// `npm test`: install what is missing, then run the tests, inside a private keychain where this machine can make one.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './ensure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
ensureInstalled();
const { status } = spawnSync(
  process.execPath,
  [
    `${root}tools/keyring.mjs`,
    process.execPath,
    `${root}node_modules/vitest/vitest.mjs`,
    'run',
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
