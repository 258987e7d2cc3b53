// The fault matrix from outside: a faulty provider (faulty.mjs of a kit), this gateway as a process, every fault that the
// provider lists, asked by a client of each protocol, streamed and not, and what must come of it (test/faults/support).
//
//   node tools/faults.mjs --kit DIR [--only NAME] [--protocol P] [--strict] [--json FILE]
//
// One line a fault, one cell a protocol: `ok`, `-` (not asked), or the number of the note below the matrix. Exit 1 when a
// cell differs; faults that have no row in the table are named, and fail with --strict.
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { OUTSIDE_ROWS } from './fault-rows.mjs';
import { faultTable, startFaulty } from './faulty.mjs';
import { startGateway } from './gateway.mjs';

const { values: given } = parseArgs({
  options: {
    kit: { type: 'string', default: '../shared/kit' },
    only: { type: 'string' },
    protocol: { type: 'string' },
    strict: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
/** An endless answer ends: somebody else's limit, not ours. */
const LIMITS = ['--gap', '1', '--hard-bytes', String(40 * 1024 * 1024), '--hard-ms', '20000'];
/** Cases on their way at the same time. */
const WIDTH = 48;
const COLUMNS = [
  ...['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'].flatMap((client) => [
    { client, stream: true },
    { client, stream: false },
  ]),
];

/**
 * They offer to keep a connection on which they will never answer again, or which they close a moment later, whoever is
 * being answered on it by then: nobody else may get that one.
 */
const SPOILS_ITS_CONNECTION = new Set(['evil-headers', 'stale-close']);

/** Another origin for the same upstream, with connections of its own. */
async function doorTo(url) {
  const { hostname, port } = new URL(url);
  const server = createServer((socket) => {
    const there = connect(Number(port), hostname);
    for (const [from, to] of [
      [socket, there],
      [there, socket],
    ])
      from.on('error', () => to.destroy()).pipe(to);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}

async function doorsOf(cases, url) {
  const spoilt = cases.filter(({ row }) => SPOILS_ITS_CONNECTION.has(row.fault));
  return new Map(await Promise.all(spoilt.map(async (one) => [one, await doorTo(url)])));
}

/** Rows for what the provider lists: the table's, those of the outside only, and what has neither. */
function rowsFor(faults, all) {
  const nameOf = ({ fault }) => fault.split(':')[0];
  const known = [...OUTSIDE_ROWS(all), ...all];
  const wanted = faults.filter((name) => given.only === undefined || name === given.only);
  const rows = wanted.flatMap((name) => known.find((row) => nameOf(row) === name) ?? []);
  return { rows, missing: wanted.filter((name) => !known.some((row) => nameOf(row) === name)) };
}

function outcomeOf(one, seen, records, ledger, modelOf) {
  return {
    client: one.client,
    stream: one.stream,
    seen,
    calls: records.get(one.id) ?? 0,
    rows: ledger.filter((row) => row.asked === modelOf(one)),
    served: servedBy(one),
  };
}

/** The provider does not say what it counted, but it counts the same for nearly all faults. */
function servedBy({ row }) {
  if (/^(long|zero-usage)/.test(row.fault)) return null;
  return { input: 11, output: row.fault === 'drip' ? 4 : 8 };
}

function callsByPlace({ records }) {
  const counts = new Map();
  for (const { path, method } of records) {
    const place = path.split('/')[1].split('.')[0];
    if (method === 'POST') counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return counts;
}

function print(cells, rows, missing) {
  const notes = new Map();
  const cellOf = (row, { client, stream }) => {
    const cell = cells.find((one) => one.row === row && one.client === client && one.stream === stream);
    if (!cell) return '-';
    if (cell.differs.length === 0) return 'ok';
    const note = cell.differs.join('; ');
    if (!notes.has(note)) notes.set(note, notes.size + 1);
    return `[${notes.get(note)}]`;
  };
  const width = Math.max(20, ...rows.map(({ fault }) => fault.length + 5));
  const heads = ['chat', 'chat', 'resp', 'resp', 'msgs', 'msgs', 'gem', 'gem'];
  console.log(
    `${''.padEnd(width)}${heads.map((head, n) => `${head}${n % 2 === 0 ? '~' : ''}`.padEnd(7)).join('')}`,
  );
  for (const row of rows) {
    const line = COLUMNS.map((column) => cellOf(row, column).padEnd(7)).join('');
    console.log(`${`${row.row.padEnd(4)} ${row.fault}`.padEnd(width)}${line}`.trimEnd());
  }
  for (const [note, n] of notes) console.log(`[${n}] ${note}`);
  if (missing.length > 0) console.log(`no row: ${missing.join(', ')}`);
  const differing = cells.filter(({ differs }) => differs.length > 0);
  console.log(`${rows.length} faults, ${cells.length} cells (~ = streamed), ${differing.length} differ`);
  return differing.length;
}

const { ALL_ROWS, NATIVE, KEY_VARIABLE, SECRET, ...kit } = await faultTable();
const upstream = await startFaulty(given.kit, LIMITS);
const { rows, missing } = rowsFor(upstream.faults, ALL_ROWS);
const pairs = NATIVE.filter(({ client }) => given.protocol === undefined || client === given.protocol);
// Floods keep the upstream busy, as some of the slow ones do for seconds: short timers come before them, floods alone.
const PHASES = [
  { width: WIDTH, has: ({ row }) => row.quick === true && row.fault !== 'endless' },
  { width: WIDTH, has: ({ row }) => row.quick !== true },
  { width: 2, has: ({ row }) => row.fault === 'endless' },
];
const all = kit.casesOf(rows, pairs, 'k');
const cases = PHASES.flatMap(({ has }) => all.filter(has));
const doors = await doorsOf(cases, upstream.url);
const gateway = await startGateway({
  config: `catalog: { refresh: false }\n${kit.providersOf(cases, (one) => doors.get(one) ?? upstream.url)}`,
  env: { [KEY_VARIABLE]: SECRET },
});
let differing = 0;
// Packing its bomb stops the provider for seconds, and other rows have timers.
if (upstream.faults.includes('bomb-gzip'))
  await fetch(`${upstream.url}/first/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'fault-bomb-gzip' }),
  }).then((answer) => answer.body?.cancel());
try {
  const seen = [];
  for (const { width, has } of PHASES) seen.push(...(await kit.askAll(gateway, all.filter(has), width)));
  const stats = await upstream.control('/__stats');
  const ledger = await gateway.json('logs', '-n', '5000');
  const calls = callsByPlace(stats);
  const cells = cases.map((one, n) => {
    const outcome = outcomeOf(one, seen[n], calls, ledger, kit.modelOf);
    // What a model says in a proper answer is passed as it is, even if it repeats the key.
    const said = one.row.fault !== 'echo-key' && seen[n].bytes.includes(SECRET);
    const leaks = said || JSON.stringify(seen[n].headers).includes(SECRET);
    const differs = kit.judge(outcome, one.row.must(one));
    return { ...one, differs: leaks ? [...differs, 'the key is in the answer'] : differs };
  });
  differing = print(cells, rows, missing);
  if (stats.steal.length > 0) console.log(`${stats.steal.length} redirects were followed`);
  const told = JSON.stringify(ledger) + gateway.stdout();
  if (told.includes(SECRET)) console.log('the key is in the log');
  differing += stats.steal.length + (told.includes(SECRET) ? 1 : 0);
  if (given.json !== undefined) {
    const plain = cells.map(({ row, client, stream, differs }) => ({
      ...{ row: row.row, fault: row.fault, client, stream, differs },
    }));
    writeFileSync(given.json, `${JSON.stringify({ cells: plain, missing }, null, 2)}\n`);
  }
} finally {
  await gateway.stop();
  upstream.stop();
}
process.exit(differing > 0 || (given.strict && missing.length > 0) ? 1 : 0);
