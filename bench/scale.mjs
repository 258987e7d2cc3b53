// `npm run bench -- --scale`: a request must cost the same with a million rows in the ledger, 500 routes, 5,000 models and
// 200 live streams, and twice the bytes must take about twice the time. Prints ratios.
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { requestBody } from './bodies.mjs';
import { createConnection, requestBytes } from './client.mjs';
import { open, openField } from './field.mjs';
import { fillLedger } from './ledger-rows.mjs';
import { cpuUs, scratch } from './processes.mjs';
import { spread } from './results.mjs';
import { direct, serveCommand, unorouter, unorouterConfig, unorouterEnv } from './targets.mjs';

const KB = 1000;
const MB = 1000 * KB;
const ROUTES = 500;
const MODELS = 5000;
const STREAMS = 200;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const manyRoutes = () =>
  `routes:\n${Array.from({ length: ROUTES }, (_, i) => `  - { name: rule-${i}, when: { model: other-${i} }, to: bench/other }`).join('\n')}\n`;

const manyModels = () => {
  const price = { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25 };
  const models = Array.from({ length: MODELS }, (_, i) => ({
    id: `mock-${i + 1}x0`,
    context: 200_000,
    price,
  }));
  return JSON.stringify({ version: 1, provider: 'bench', at: Date.now(), models });
};

/** What a home is filled with before its server starts; `live` are streams that are open meanwhile. */
const VARIANTS = [
  { name: 'empty' },
  { name: 'ledger', title: (rows) => `${rows.toLocaleString('en-US')} rows in the ledger`, ledger: true },
  { name: 'routes', title: () => `${ROUTES} routes`, config: manyRoutes },
  { name: 'models', title: () => `${MODELS.toLocaleString('en-US')} models`, models: manyModels },
  { name: 'streams', title: () => `${STREAMS} live streams`, live: STREAMS },
];

const JOBS = [
  { id: '1 connection', connections: 1, ms: 1000, warm: 20 },
  { id: '8 connections', connections: 8, ms: 1000, warm: 40 },
].map((job) => ({ ...job, wire: 'chat', bytes: KB }));

/** Work that grows with its input: one job at a size, asked at half of it and at all of it. */
const GROWTH = [
  { title: 'a body in 1-byte chunks', size: 600 * KB, job: (bytes) => ({ bytes, tiny: true }) },
  { title: 'an answer in 1-byte chunks', size: 600 * KB, job: (bytes) => ({ model: `bytes-${bytes}` }) },
  {
    title: 'one SSE line',
    size: 10 * MB,
    job: (bytes) => ({ model: `line-${bytes}`, stream: true, chunks: 1 }),
  },
].flatMap((one) =>
  ['chat', 'messages'].map((wire) => ({
    ...one,
    title: `${one.title}, ${wire === 'chat' ? 'Chat' : 'Messages to Chat'}`,
    job: (bytes) => ({ bytes: KB, ...one.job(bytes), wire, connections: 1, count: 3, warm: 1 }),
  })),
);

async function prepare(field, variant, rows) {
  const home = join(scratch, `scale-${variant.name}`);
  mkdirSync(join(home, 'cache', 'models'), { recursive: true });
  const config = unorouterConfig(field.upstreamPort) + (variant.config?.() ?? '');
  writeFileSync(join(home, 'config.yaml'), config);
  if (variant.models) writeFileSync(join(home, 'cache', 'models', 'bench.json'), variant.models());
  const launch = ({ port }) => ({ command: serveCommand(port), env: unorouterEnv(home) });
  const target = { ...unorouter, name: `scale-${variant.name}`, launch };
  if (variant.ledger) {
    // The program makes the ledger itself: the schema is its own.
    await (await open(field, target)).stop();
    console.error(`Filling a ledger with ${rows} rows...`);
    fillLedger(join(home, 'state', 'ledger.sqlite'), { rows, now: Date.now() });
  }
  return open(field, target);
}

/** Streams that stay open and get a chunk every two seconds; gives what ends them. */
async function openStreams({ port }, count) {
  const { path, headers, model } = unorouter.chat;
  const body = requestBody({ wire: 'chat', model: model('mock-100000x2000'), stream: true, bytes: KB });
  const bytes = requestBytes({ port, path, headers }, body);
  const all = Array.from({ length: count }, () => createConnection(port));
  for (const one of all) one.ask(bytes).catch(() => {});
  await sleep(1500);
  return () => {
    for (const one of all) one.close();
  };
}

/** CPU time that a server uses by itself, us per second. */
async function idleCpu(pid) {
  const before = cpuUs(pid);
  await sleep(2000);
  return (cpuUs(pid) - before) / 2;
}

/** One job; what the server does beside it is taken off its CPU time. */
async function once(one, job) {
  const figures = await one.ask(job);
  const seconds = figures.ok / figures.perSecond;
  return { p50: figures.p50, cpu: figures.cpu - (one.idleUs * seconds) / figures.ok, errors: figures.errors };
}

const figure = (found, digits = 2) =>
  found
    ? `${found.median.toFixed(digits)} (${found.min.toFixed(digits)} to ${found.max.toFixed(digits)})`
    : '-';
const line = (cells) => `| ${cells.join(' | ')} |`;

/** How much a request costs in each home, in rounds that take turns: lines of a table, and their figures (us, then ratios). */
async function variants(field, { rounds, rows, quick, wants }) {
  const servers = [];
  for (const variant of VARIANTS.filter(({ name }) => name === 'empty' || wants(name)))
    servers.push({ variant, ...(await prepare(field, variant, rows)) });
  for (const one of servers) await one.ask({ ...JOBS[1], warm: 0, count: quick ? 50 : 6000, ms: 6000 });
  const streaming = servers.find(({ variant }) => variant.live);
  const close = streaming && (await openStreams(streaming, streaming.variant.live));
  for (const one of servers) one.idleUs = one.variant.live ? await idleCpu(one.pid) : 0;
  const runs = servers.map(() => JOBS.map(() => []));
  for (let round = 0; round < rounds; round++)
    for (const [j, job] of JOBS.entries())
      for (let n = 0; n < servers.length; n++) {
        const at = (n + round) % servers.length;
        runs[at][j].push(await once(servers[at], quick ? { ...job, ms: 100 } : job));
      }
  close?.();
  for (const one of servers) await one.stop();
  const [base] = runs;
  return servers.map(({ variant }, i) => {
    const figures = JOBS.flatMap((_, j) =>
      ['p50', 'cpu'].map((name) =>
        spread(runs[i][j].map((run, round) => (i === 0 ? run[name] : run[name] / base[j][round][name]))),
      ),
    );
    const cells = figures.map((one) => (i === 0 ? `${one.median.toFixed(0)} us` : figure(one)));
    return { line: line([variant.title?.(rows) ?? 'empty home', ...cells]), name: variant.name, figures };
  });
}

/** The time at half the size and at the whole size, beyond direct: lines of a table, and their figures (ms, ms, ratio). */
async function growth(field, { rounds, quick }) {
  const [own, bare] = [await open(field, unorouter), await open(field, direct)];
  const lines = [];
  for (const { title, size, job } of GROWTH) {
    const times = [];
    for (let round = 0; round < rounds; round++) {
      const added = [];
      for (const bytes of [size / 2, size].map((all) => (quick ? all / 50 : all))) {
        const [a, b] = [await own.ask(job(bytes)), await bare.ask(job(bytes))];
        if (a.errors > 0) console.error(`${title}, ${bytes} bytes: ${a.error}`);
        added.push((a.p50 - b.p50) / 1000);
      }
      times.push(added);
    }
    const [half, whole] = [0, 1].map((i) => spread(times.map((added) => added[i])));
    const ratio = spread(times.map((added) => added[1] / added[0]));
    const cells = [figure(half, 1), figure(whole, 1), figure(ratio)];
    lines.push({ line: line([title, ...cells]), name: title, figures: [half, whole, ratio] });
  }
  await own.stop();
  return lines;
}

/** Runs what is wanted (names of the variants, `growth`); gives the tables as text, and their figures. */
export async function scale({ rounds, quick, wants }) {
  const options = quick ? { rounds: 1, rows: 1000, quick, wants } : { rounds, rows: 1_000_000, quick, wants };
  const field = await openField();
  const flat = await variants(field, options);
  const grown = wants('growth') ? await growth(field, { ...options, rounds: Math.min(rounds, 3) }) : [];
  await field.close();
  const jobs = JOBS.flatMap(({ id }) => [`p50, ${id}`, `CPU, ${id}`]);
  const table = (head, rows) =>
    [line(head), line(head.map(() => '---')), ...rows.map((one) => one.line)].join('\n');
  const load = loadavg()[0];
  const text = [
    `Cost of a request as a ratio to an empty home in the same round: median (least to greatest) of ${options.rounds} rounds, load average ${load.toFixed(1)}.`,
    table(['', ...jobs], flat),
    ...(grown.length > 0
      ? [
          'Time beyond direct in ms, at half the size and at the whole size: a ratio of about 2 is linear.',
          table(['', 'half', 'whole', 'ratio'], grown),
        ]
      : []),
  ].join('\n\n');
  const told = ({ name, figures }) => ({ name, figures });
  return { text, figures: { load, jobs, flat: flat.map(told), growth: grown.map(told) } };
}
