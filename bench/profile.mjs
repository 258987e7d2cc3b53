// `npm run bench -- --profile`: where the time of a scenario goes, in unorouter and in the limit that its target names, by
// CPU profiles of both main threads. The profiler costs some percent itself: shares count, not sums.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open, speaks } from './field.mjs';
import { GOALS } from './goals.mjs';
import { root } from './installs.mjs';
import { scratch, threadUs } from './processes.mjs';
import { EARLY_JOB, SCENARIOS, SLOW_JOB, SLOW_START, WARM_UPS } from './scenarios.mjs';
import { TARGETS, unorouter, unorouterBin } from './targets.mjs';

const probe = fileURLToPath(new URL('probe.cjs', import.meta.url));
const TOP = 12;
const PATIENCE_MS = 20_000;

/** So much is asked under the profiler, of a warm process or, behind what `first` asks, of a fresh one. */
const JOBS = [
  ...SCENARIOS.map(({ id, title, job }) => ({
    id,
    title,
    job: job.count ? { ...job, count: job.count * 6 } : { ...job, ms: 3000 },
  })),
  { id: 'slow', title: 'many slow streams', job: SLOW_JOB, first: [SLOW_START] },
  {
    id: 'cold',
    title: 'the start of a process, and its first twenty',
    job: { ...EARLY_JOB, wire: 'chat' },
    first: [],
  },
];

/** unorouter built with maps of its sources, in a folder of its own. */
function builtWithMaps() {
  const app = join(scratch, 'profiled');
  mkdirSync(app);
  cpSync(join(root, 'bin'), join(app, 'bin'), { recursive: true });
  for (const name of ['package.json', 'node_modules']) symlinkSync(join(root, name), join(app, name));
  const env = { ...process.env, UNOROUTER_BUILD_TO: join(app, 'dist') };
  const { status } = spawnSync(process.execPath, [join(root, 'tools', 'build.mjs')], {
    env,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The build with maps of the sources failed.');
  return join(app, 'bin', basename(unorouterBin));
}

/** A target whose process can be profiled into `file`. */
const profiled = (target, file, bin, env = {}) => ({
  ...target,
  launch(options) {
    const { command, env: own } = target.launch(options);
    if (target === unorouter) command[1] = bin;
    return {
      command,
      env: { ...own, ...env, NODE_OPTIONS: `--require ${JSON.stringify(probe)}`, PROFILE_FILE: file },
    };
  },
});

async function appears(file) {
  for (const until = performance.now() + PATIENCE_MS; !existsSync(file); ) {
    if (performance.now() > until) throw new Error(`The profiler does not answer (${basename(file)}).`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The source of a place in a bundle, by its map; of anything else the file itself. */
function createSources() {
  const maps = new Map();
  const mapOf = (path) => {
    if (!maps.has(path)) {
      const map = existsSync(`${path}.map`) && new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')));
      maps.set(path, map || undefined);
    }
    return maps.get(path);
  };
  return (url, line, column) => {
    if (!url.startsWith('file:')) return url;
    const path = fileURLToPath(url);
    const found = mapOf(path)?.findEntry(line, column)?.originalSource;
    return found ? join(path, '..', found) : path;
  };
}

/** The room of the project, the package or the part of Node that a function belongs to. */
function groupOf(source, name) {
  if (name === '(garbage collector)') return 'garbage collector';
  if (name === '(program)') return 'native code outside of JavaScript';
  if (source === '') return 'native functions';
  if (source.startsWith('wasm:')) return 'WebAssembly (undici reads heads by it)';
  if (source.startsWith('node:')) return `node: ${source.replace(/^node:(internal\/)?/, '').split('/')[0]}`;
  const [, pkg] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(source) ?? [];
  if (pkg) return pkg;
  const [, room] = /(?:^|\/)(src\/[^/]+|bench\/limits)(?:\/|$)/.exec(source) ?? [];
  return room ?? basename(source);
}

/** A source without what this machine calls its folders. */
const placeOf = (source) =>
  source.startsWith(root) ? relative(root, source) : source.replace(/^.*\/(src\/|node_modules\/)/, '$1');

/** What runs under the probe is the profiler's own. */
function underProbe(nodes) {
  const found = new Set();
  // Parents come before their children.
  for (const { id, callFrame, children = [] } of nodes)
    if (found.has(id) || callFrame.url.endsWith(basename(probe)))
      for (const one of [id, ...children]) found.add(one);
  return found;
}

/** Self time in us by group and by function. */
function selfTimes({ nodes, samples, timeDeltas }, sourceOf) {
  const notIts = underProbe(nodes);
  const us = new Map();
  for (const [i, id] of samples.entries()) us.set(id, (us.get(id) ?? 0) + timeDeltas[i]);
  const groups = new Map();
  const functions = new Map();
  const add = (map, key, value) => map.set(key, (map.get(key) ?? 0) + value);
  for (const { id, callFrame } of nodes) {
    const { functionName, url, lineNumber, columnNumber } = callFrame;
    const own = us.get(id);
    if (!own || notIts.has(id) || functionName === '(idle)' || functionName === '(root)') continue;
    const source = sourceOf(url, lineNumber, columnNumber);
    add(groups, groupOf(source, functionName), own);
    const place = placeOf(source).replace(/^node_modules\//, '');
    add(functions, `${functionName || '(anonymous)'} ${place}`.trim(), own);
  }
  return { groups, functions };
}

/** Asks one target a scenario under the profiler; self times in us per request. */
async function profile(field, target, { id, job, first }, { bin, sourceOf, warmUps }) {
  const file = join(scratch, `${target.name}-${id}.cpuprofile`);
  const env = id === 'cold' ? { PROFILE_AT_ONCE: '1' } : {};
  const running = await open(field, profiled(target, file, bin, env));
  try {
    for (const one of first ?? warmUps) await running.ask({ ...one, wire: job.wire });
    if (id !== 'cold') process.kill(running.pid, 'SIGUSR2');
    await appears(`${file}.begun`);
    const before = threadUs(running.pid);
    const figures = await running.ask(job);
    const after = threadUs(running.pid);
    process.kill(running.pid, 'SIGUSR2');
    await appears(file);
    const { error, ...found } = JSON.parse(readFileSync(file, 'utf8'));
    if (error) throw new Error(error);
    const requests = figures.ok + figures.errors + (job.warm ?? 0);
    return { requests, threads: between(before, after), ...selfTimes(found, sourceOf) };
  } finally {
    await running.stop();
    rmSync(file, { force: true });
  }
}

const between = (before, after) =>
  Object.fromEntries(Object.entries(after ?? {}).map(([name, value]) => [name, value - before[name]]));

const us = (value, requests) => (value === undefined ? '-' : (value / requests).toFixed(1));
const row = (cells) => `| ${cells.join(' | ')} |`;
const descending = (map) => [...map].sort(([, a], [, b]) => b - a);

/** What the system says of the threads, beside what the profiler says of the main one. */
const BY_THE_SYSTEM = {
  main: 'main thread, by the system',
  others: 'other threads (ledger, compiler, garbage)',
  waited: 'main thread waited for its core',
};

function tables({ title }, own, limit) {
  const sum = ({ groups }) => [...groups.values()].reduce((total, value) => total + value, 0);
  const line = (name, mine, its) => row([name, us(mine, own.requests), us(its, limit?.requests)]);
  const names = [...descending(own.groups), ...descending(limit?.groups ?? new Map())].map(([name]) => name);
  const functions = descending(own.functions).slice(0, TOP);
  return [
    `### ${title}`,
    [
      row(['us per request', 'unorouter', limit?.name ?? '(none)']),
      row(['---', '---', '---']),
      ...Object.entries(BY_THE_SYSTEM).map(([key, words]) =>
        line(words, own.threads[key], limit?.threads[key]),
      ),
      line('main thread, by the profiler', sum(own), limit && sum(limit)),
      ...[...new Set(names)].map((name) => line(name, own.groups.get(name), limit?.groups.get(name))),
    ].join('\n'),
    [
      row([`functions of unorouter: the first ${TOP} of ${own.functions.size}`, 'us per request']),
      row(['---', '---']),
      ...functions.map(([name, value]) => row([name, us(value, own.requests)])),
    ].join('\n'),
  ];
}

/** As JSON has it. */
const plainly = ({ requests, threads, groups, functions }) => ({
  requests,
  threads,
  groups: Object.fromEntries(groups),
  functions: Object.fromEntries(functions),
});

/** The limit of the platform that the goal of a scenario names. */
const limitOf = (id) => {
  const names = GOALS.filter(({ scenario }) => scenario === id).map(({ other }) => other);
  return (
    TARGETS.find(({ name, peer }) => !peer && names.includes(name)) ??
    TARGETS.find(({ name }) => name === 'undici-co')
  );
};

/**
 * Profiles the scenarios that are wanted, one after the other: of each its id, its report as Markdown and its figures in
 * us. `quick` = of little, which says nothing but that it works.
 */
export async function* profiles(field, { wants, quick }) {
  if (process.platform === 'win32')
    throw new Error('Profiles are asked for by SIGUSR2, which Windows has not.');
  const shared = { bin: builtWithMaps(), sourceOf: createSources(), warmUps: quick ? [] : WARM_UPS };
  for (const one of JOBS.filter(({ id }) => wants(id))) {
    const limit = speaks(limitOf(one.id), one.job.wire) ? limitOf(one.id) : undefined;
    const own = await profile(field, unorouter, one, shared);
    const its = limit && { name: limit.name, ...(await profile(field, limit, one, shared)) };
    const figures = { unorouter: plainly(own), ...(its ? { [its.name]: plainly(its) } : {}) };
    yield { id: one.id, text: tables(one, own, its).join('\n\n'), figures };
  }
}
