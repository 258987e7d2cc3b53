// Installs what is missing, so that a clean clone needs no set-up command. Install scripts stay off: every native part
// comes prebuilt inside its package.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** True when node_modules was installed from the present lockfile. */
function installed() {
  const done = `${root}node_modules/.package-lock.json`;
  if (!existsSync(done)) return false;
  const wanted = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages;
  const found = JSON.parse(readFileSync(done, 'utf8')).packages;
  // Packages for other systems are in the lockfile and never installed.
  return Object.entries(wanted).every(
    ([path, item]) => path === '' || item.optional || found[path]?.version === item.version,
  );
}

export function ensureInstalled() {
  if (installed()) return;
  process.stderr.write('Installing what is missing (once)...\n');
  const npm = process.env.npm_execpath ? [process.execPath, [process.env.npm_execpath]] : ['npm', []];
  const { status } = spawnSync(
    npm[0],
    [...npm[1], 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32' && npm[0] === 'npm',
    },
  );
  if (status !== 0) {
    process.stderr.write(
      'error: npm ci failed\n     fix  check the network or registry, then run the same command again\n',
    );
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstalled();
