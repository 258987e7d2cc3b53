// What the bench compares with, from public registries into one cache folder; nothing of it is part of this project. What
// cannot be had here is left out, with a sentence that says why.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const cache = process.env.UNOROUTER_BENCH_CACHE ?? join(root, 'node_modules', '.cache', 'bench');
const SHELL = process.platform === 'win32';

/** Runs a command and throws its last line when it fails or takes too long. */
export function run(command, { cwd, env = {}, ms = 60_000 } = {}) {
  const [file, ...args] = command;
  const { status, error, stdout, stderr } = spawnSync(file, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: ms,
    shell: SHELL,
  });
  if (error?.code === 'ENOENT') throw new Error(`${file} is not installed`);
  if (error?.code === 'ETIMEDOUT') throw new Error(`${file} took longer than ${ms / 1000} s`);
  if (status !== 0)
    throw new Error(`${file}: ${(stderr || stdout).trim().split('\n').slice(0, 2).join(' ')}`);
  return stdout;
}

/** A folder that is there whole or not at all. */
function cached(name, version, install) {
  const dir = join(cache, `${name}-${version}`);
  if (existsSync(dir)) return dir;
  console.error(`Installing ${name} ${version} for the comparison (once)...`);
  const unfinished = `${dir}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  install(unfinished);
  renameSync(unfinished, dir);
  return dir;
}

export const NPM_INSTALL = [
  'npm',
  'install',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
];

/** A package of the npm registry, with `overrides` for what a fresh install gets wrong; gives the folder. */
export const fromNpm = (name, version, overrides = {}) =>
  cached(name.replace('/', '+'), version, (dir) => {
    const manifest = { private: true, dependencies: { [name]: version }, overrides };
    writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest));
    run(NPM_INSTALL, { cwd: dir, ms: 90_000 });
  });

/** A package of PyPI with its extras, wheels only; gives the folder that it was unpacked into. */
export const fromPyPi = (name, version, extras) =>
  cached(name, version, (dir) => {
    const pip = ['python3', '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const target = ['--only-binary', ':all:', '--target', dir, `${name}[${extras}]==${version}`];
    run([...pip, ...target], { ms: 240_000 });
  });

/** A program of the Go module proxy; gives the folder that its binary is in. */
export const fromGo = (module, version) =>
  cached(module.split('/').at(-1), version, (dir) =>
    run(['go', 'install', `${module}@${version}`], { env: { GOBIN: dir, GOFLAGS: '' }, ms: 180_000 }),
  );
