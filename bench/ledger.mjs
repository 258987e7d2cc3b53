// `node bench/ledger.mjs`: a ledger of a million requests. How long `spend` takes on it (the query alone, and the whole
// command), and whether a request through the proxy is any slower than with an empty ledger.
//   --rows N (1000000)   --json FILE   --keep (leaves the home where it is, and says where)
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { build } from 'esbuild';
import { load } from './http-load.mjs';

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

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

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

/**
 * A year of a heavy user, working eight hours of a day: five agents, six models of four providers, eleven projects, and
 * sessions of about a hundred requests, each of one agent in one project. Random, and the same every time.
 */
function fill(file, now) {
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000');
  const columns = (table) =>
    db
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => name);
  const perDay = Math.ceil(ROWS / 365);
  const first = Math.floor(now / DAY_MS) * DAY_MS - 365 * DAY_MS;
  const pick = (list, by) =>
    `CASE ${by} % ${list.length} ${list.map((one, i) => `WHEN ${i} THEN '${one}'`).join(' ')} END`;
  const models = [
    'claude-opus-5-5',
    'claude-haiku-4-5',
    'gpt-6-sol',
    'gpt-5-mini',
    'gemini-2.5-pro',
    'glm-4.6',
  ];
  const providers = ['anthropic', 'anthropic', 'openai', 'openai', 'google', 'openrouter'];
  const agents = ['claude', 'codex', 'opencode', 'aider', 'cline'];
  db.exec('BEGIN');
  db.exec(`
    INSERT INTO exchange (id, time, agent, agent_source, project, project_source, session, protocol, endpoint, stream,
      asked, provider, model, rule, status, outcome, input, cache_read, cache_write, output, reasoning, usage_source,
      cost_nano, cost_state, price_source, ttft_ms, total_ms, fallback, losses, demo, retry_nano, saved_cache_nano,
      saved_route_nano, elsewhere)
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${ROWS}),
    picked AS (
      SELECT i, i / ${perDay} AS day, i % ${perDay} AS ofday, i / 300 * 3 + i % 3 AS session,
        (i * 2654435761) % 4294967296 AS dice FROM n
    )
    SELECT printf('01BENCH%019d', i),
      ${first} + day * ${DAY_MS} + 32400000 + ofday * 28800000 / ${perDay},
      ${pick(agents, 'session')}, 'label', 'project-' || (session % 11), 'label', 'session-' || session,
      'anthropic-messages', 'generate', 1,
      ${pick(models, '(session * 3 + dice / 65536 % 2)')}, ${pick(providers, '(session * 3 + dice / 65536 % 2)')},
      ${pick(models, '(session * 3 + dice / 65536 % 2)')},
      CASE WHEN dice % 5 = 0 THEN 'background' ELSE 'default' END,
      200, CASE WHEN dice % 97 = 0 THEN 'error' ELSE 'ok' END,
      20000 + dice % 80000, 15000 + dice % 5000, dice % 3000, dice % 2000, dice % 700, 'reported',
      dice % 90000000, CASE WHEN dice % 131 = 0 THEN 'unknown' ELSE 'exact' END, 'genai-prices', 400, 9000,
      dice % 50 = 0, '[]', 0, 0, dice % 40000000, dice % 1000000, 0
    FROM picked`);
  db.exec(`
    INSERT INTO attempt (exchange_id, n, provider, model, status, started_ms, ms, waited_ms, billable, usage_source,
      input, cache_read, cache_write, output, reasoning, cost_nano, cost_state, price_source)
    SELECT id, 1, provider, model, status, 0, total_ms, 0, 'yes', usage_source,
      input, cache_read, cache_write, output, reasoning, cost_nano, cost_state, price_source FROM exchange`);
  // The same sums that the program adds up row by row, from its own view of what counts.
  for (const table of ['rollup', 'hour_rollup']) {
    const all = columns(table);
    const keys = ['bucket', 'demo', 'session', 'provider', 'model', 'agent', 'project', 'rule'].filter(
      (one) => all.includes(one),
    );
    const summed = all.filter((one) => !keys.includes(one));
    const [, ...groups] = keys;
    const bucket = table === 'rollup' ? 'bucket' : 'time - time % 3600000';
    db.exec(`INSERT INTO ${table} (${[...keys, ...summed].join()})
      SELECT ${[bucket, ...groups, ...summed.map((one) => `sum(${one})`)].join()} FROM counted
      GROUP BY 1, ${groups.join()}`);
  }
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  const count = (table) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get().n;
  const counts = Object.fromEntries(
    ['exchange', 'rollup', 'hour_rollup'].map((table) => [table, count(table)]),
  );
  db.close();
  return counts;
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

/** Latency of requests to the built-in provider, in rounds that take turns between the homes. */
async function ingestion(homes, reading) {
  const servers = await Promise.all(homes.map(serve));
  const results = homes.map(() => []);
  for (let round = 0; round < RUNS; round++)
    for (const [i, { port }] of servers.entries())
      results[i].push(await load({ port, token: TOKEN, model: 'demo/echo', count: 400, concurrency: 8 }));
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
  for (let round = 0; round < RUNS; round++)
    busy.push(await load({ port: large.port, token: TOKEN, model: 'demo/echo', count: 400, concurrency: 8 }));
  asking = false;
  await asked;
  await Promise.all(servers.map(({ stop }) => stop()));
  return { rounds: results.map((runs) => median(runs)), busy: median(busy) };
}

const started = performance.now();
const now = Date.now();
const [empty, large] = [await newHome('empty'), await newHome('large')];
const counts = fill(ledgerOf(large), now);
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
