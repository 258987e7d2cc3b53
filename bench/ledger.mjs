// `node bench/ledger.mjs`: a ledger of a million requests. How long `spend` takes on it (the query alone, and the whole
// command), and whether a request through the proxy is any slower than with an empty ledger.
//   --rows N (1000000)   --json FILE   --keep (leaves the home where it is, and says where)
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { openField } from './field.mjs';
import { fillLedger } from './ledger-rows.mjs';
import { freePort } from './processes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const option = (name, otherwise) =>
  args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : otherwise;
const ROWS = Number(option('rows', 1_000_000));
const RUNS = 5;
const LIMITS = { queryMs: 300, commandMs: 700 };
const DIMENSIONS = ['day', 'week', 'month', 'model', 'provider', 'agent', 'project', 'session', 'rule'];
const QUESTIONS = [
  [],
  ...DIMENSIONS.map((one) => [one]),
  ...DIMENSIONS.filter((one) => !['day', 'week', 'month'].includes(one)).map((one) => ['day', one]),
];
const DAY_MS = 86_400_000;
const TOKEN = 'uno-benchbenchbenchbenchbenchb';

const base = mkdtempSync(join(tmpdir(), 'unorouter-ledger-bench-'));
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  if (!args.includes('--keep')) rmSync(base, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

const envOf = (home) => ({
  ...process.env,
  UNOROUTER_HOME: home,
  UNOROUTER_NO_KEYCHAIN: '1',
  UNOROUTER_TOKEN: TOKEN,
});
const ledgerOf = (home) => join(home, 'state', 'ledger.sqlite');
const secondsSince = (started) => ((performance.now() - started) / 1000).toFixed(1);

async function serve(home) {
  const port = await freePort();
  writeFileSync(join(home, 'config.yaml'), 'catalog: { refresh: false }\n');
  const command = [`${root}bin/unorouter.js`, 'serve', '--demo', '--port', String(port), '--log', 'none'];
  const child = spawn(process.execPath, command, { env: envOf(home), stdio: 'ignore' });
  children.add(child);
  for (let i = 0; i < 400; i++) {
    const there = await fetch(`http://127.0.0.1:${port}/health`).then(
      () => true,
      () => false,
    );
    if (there) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => {
          children.delete(child);
          resolve();
        });
        child.kill('SIGTERM');
      }),
  };
}

/** A home whose ledger the program itself made: the schema is its own. */
async function newHome(name) {
  const home = mkdtempSync(join(base, `${name}-`));
  await (await serve(home)).stop();
  if (!existsSync(ledgerOf(home))) throw new Error('the server made no ledger');
  return home;
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** The program's own reader, as a module. */
async function readerModule() {
  const outdir = join(root, 'node_modules', '.cache', 'ledger-bench');
  await build({
    entryPoints: [`${root}src/ledger/index.ts`],
    outdir,
    bundle: true,
    splitting: true,
    preserveSymlinks: true,
    format: 'esm',
    platform: 'node',
    external: ['@photostructure/sqlite'],
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
  });
  return import(join(outdir, 'index.mjs'));
}

async function queries(file, period) {
  const { openLedgerReader } = await readerModule();
  const dayOf = (time) => new Date(time).toISOString().slice(0, 10);
  const reader = await openLedgerReader(file);
  const times = QUESTIONS.map((by) => {
    const runs = Array.from({ length: RUNS }, () => {
      const started = performance.now();
      const rows = reader.spend({ by, ...period, demo: false, dayOf });
      return { ms: performance.now() - started, rows };
    });
    const total = runs[0].rows.reduce((sum, { requests }) => sum + requests, 0);
    if (total !== ROWS) throw new Error(`by ${by.join()} there are ${total} requests, not ${ROWS}`);
    return {
      by: by.join() || '(one sum)',
      groups: runs[0].rows.length,
      queryMs: median(runs.map((r) => r.ms)),
    };
  });
  reader.close();
  return times;
}

function command(home, argv) {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [`${root}bin/unorouter.js`, ...argv], {
    env: envOf(home),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
  return performance.now() - started;
}

/** The median time of a request to the built-in provider, 8 at once, ms. */
async function medianMs(field, { port }) {
  const api = {
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${TOKEN}` },
    model: 'demo/echo',
  };
  const figures = await field.load({ wire: 'chat', bytes: 300, port, api, connections: 8, count: 400 });
  if (figures.errors > 0) throw new Error(figures.error);
  return figures.p50 / 1000;
}

/** Latency of requests to the built-in provider, in rounds that take turns between the homes. */
async function ingestion(homes, reading) {
  const field = await openField();
  const servers = await Promise.all(homes.map(serve));
  const results = homes.map(() => []);
  for (let round = 0; round < RUNS; round++)
    for (const [i, server] of servers.entries()) results[i].push(await medianMs(field, server));
  // While somebody asks the large ledger again and again.
  let asking = true;
  const asked = (async () => {
    while (asking) {
      const child = spawn(
        process.execPath,
        [`${root}bin/unorouter.js`, 'spend', '--by', 'day,model', '--since', '365d', '--json'],
        { env: envOf(reading), stdio: 'ignore' },
      );
      await new Promise((resolve) => child.once('exit', resolve));
    }
  })();
  const busy = [];
  const large = servers[homes.indexOf(reading)];
  for (let round = 0; round < RUNS; round++) busy.push(await medianMs(field, large));
  asking = false;
  await asked;
  await Promise.all(servers.map(({ stop }) => stop()));
  await field.close();
  return { rounds: results.map((runs) => median(runs)), busy: median(busy) };
}

const started = performance.now();
const now = Date.now();
const [empty, large] = [await newHome('empty'), await newHome('large')];
const counts = fillLedger(ledgerOf(large), { rows: ROWS, now });
console.error(`Filled in ${secondsSince(started)} s: ${JSON.stringify(counts)}`);
const period = { since: Math.floor(now / DAY_MS) * DAY_MS - 366 * DAY_MS, until: now + DAY_MS };
const since = new Date(period.since).toISOString().slice(0, 10);
const times = await queries(ledgerOf(large), period);
for (const row of times) {
  const by = row.by === '(one sum)' ? 'month' : row.by;
  const argv = ['spend', '--utc', '--by', by, '--since', since, '--json'];
  row.commandMs = median(Array.from({ length: 3 }, () => command(large, argv)));
}
const { rounds, busy } = await ingestion([empty, large], large);
const proxy = {
  emptyMs: rounds[0],
  largeMs: rounds[1],
  largeWhileAskedMs: busy,
  ratio: rounds[1] / rounds[0],
};

console.log(
  `${ROWS.toLocaleString('en-US')} requests, ${counts.rollup} rollups, ${counts.hour_rollup} by the hour`,
);
console.log('BY                GROUPS  QUERY ms  COMMAND ms');
for (const { by, groups, queryMs, commandMs } of times) {
  const over = queryMs > LIMITS.queryMs || commandMs > LIMITS.commandMs ? '  over the limit' : '';
  console.log(
    `${by.padEnd(17)} ${String(groups).padStart(6)}  ${queryMs.toFixed(0).padStart(8)}  ${commandMs.toFixed(0).padStart(10)}${over}`,
  );
}
console.log(
  `A request, 8 at once, median ms: ${proxy.emptyMs.toFixed(2)} with an empty ledger, ${proxy.largeMs.toFixed(2)} with this one (${proxy.ratio.toFixed(2)}x), ${busy.toFixed(2)} while spend is asked again and again`,
);
console.error(`Took ${secondsSince(started)} s`);
const file = option('json', null);
if (file) writeFileSync(file, JSON.stringify({ rows: ROWS, counts, times, proxy, limits: LIMITS }, null, 2));
if (args.includes('--keep')) console.error(`Left in ${large}`);
