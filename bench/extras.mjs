// What is not asked again and again of a warm process: cold start, the command's own start, memory, many slow streams, install.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open, speaks } from './field.mjs';
import { NPM_INSTALL, root, run } from './installs.mjs';
import { rssKb, scratch } from './processes.mjs';
import { EARLY_JOB, SLOW_START } from './scenarios.mjs';
import { unorouterBin } from './targets.mjs';

const wireOf = (target) => (speaks(target, 'chat') ? 'chat' : 'messages');

/** From the start of the process to the first answer, and the first twenty requests of it. */
export async function coldStart(field, target, installed) {
  const fresh = await open(field, target, { installed, pinned: false });
  try {
    const early = await fresh.ask({ ...EARLY_JOB, wire: wireOf(target) });
    return { coldMs: fresh.coldMs, firstTwentyUs: early.p50, firstTwentyErrors: early.errors };
  } finally {
    await fresh.stop();
  }
}

function timed(args) {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, args, {
    stdio: 'ignore',
    env: { ...process.env, UNOROUTER_HOME: join(scratch, 'command-home') },
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return performance.now() - started;
}

/** How long the command takes to say its version and its help, beside a node that does nothing. */
export const commandStart = () => ({
  nodeMs: timed(['-e', '0']),
  versionMs: timed([unorouterBin, '--version']),
  helpMs: timed([unorouterBin, '--help']),
});

/** Many streams at once on a fresh process that has seen some requests: do all end, and what does each hold? */
export async function slowStreams(field, target, installed, job) {
  const fresh = await open(field, target, { installed });
  try {
    const wire = wireOf(target);
    await fresh.ask({ ...SLOW_START, wire });
    const before = rssKb(fresh.pid);
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, rssKb(fresh.pid));
    }, 100);
    const figures = await fresh.ask({ ...job, wire }).finally(() => clearInterval(watch));
    return {
      complete: figures.ok,
      completeShare: figures.ok / job.count,
      errors: figures.errors,
      error: figures.error,
      kbPerStream: before === undefined ? undefined : (peak - before) / job.count,
      ttfbMs: figures.ttfbP50 / 1000,
    };
  } finally {
    await fresh.stop();
  }
}

const sizeOf = (path) =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
    : statSync(path).size;

/** Installs into an empty folder with an empty npm cache: seconds, packages, and MB on disk. */
function coldInstall(name, dependencies, overrides = {}) {
  const dir = mkdtempSync(join(scratch, `install-${name}-`));
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ private: true, dependencies, overrides }));
  const started = performance.now();
  run([...NPM_INSTALL, '--cache', join(dir, 'npm-cache'), '--prefer-online'], { cwd: dir, ms: 90_000 });
  const seconds = (performance.now() - started) / 1000;
  const { packages } = JSON.parse(readFileSync(join(dir, 'node_modules', '.package-lock.json'), 'utf8'));
  return { seconds, packages: Object.keys(packages).length, mb: sizeOf(join(dir, 'node_modules')) / 1e6 };
}

/** The project's own package, packed once: the name of the tarball. */
function packed() {
  const copy = join(scratch, 'package');
  for (const one of ['bin', 'dist', 'package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'])
    cpSync(join(root, one), join(copy, one), { recursive: true });
  // What `dist/` has is what is packed; without its own script, packing does not build again.
  run(['npm', 'pack', '--ignore-scripts', '--pack-destination', scratch], { cwd: copy });
  return join(
    scratch,
    readdirSync(scratch).find((file) => file.endsWith('.tgz')),
  );
}

/** Installs of unorouter and Portkey in turns, `rounds` times or until the time is `over`: one list of results each. */
export function installs(rounds, over) {
  const tarball = packed();
  const all = { unorouter: [], portkey: [] };
  for (let round = 0; round < rounds && !over(); round++) {
    all.unorouter.push(coldInstall('unorouter', { unorouter: `file:${tarball}` }));
    const pins = { hono: '4.9.7', '@hono/node-server': '1.14.0' };
    all.portkey.push(coldInstall('portkey', { '@portkey-ai/gateway': '1.15.2' }, pins));
  }
  return all;
}
