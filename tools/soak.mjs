// A long load from outside: every fifth request meets a fault, and at the end the ledger has exactly what the faulty
// provider (faulty.mjs of a kit) served, memory and open files are back where they were, and nothing has leaked.
//
//   node tools/soak.mjs [--kit DIR] [--requests 20000] [--width 64] [--seed 1] [--quick]
//
// Exit 1 when anything differs. Linux only: memory and files are read from /proc.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DatabaseSync } from '@photostructure/sqlite';
import { faultTable, startFaulty } from './faulty.mjs';
import { filesOf, memoryOf, startGateway } from './gateway.mjs';

const { values: given } = parseArgs({
  options: {
    kit: { type: 'string', default: '../shared/kit' },
    requests: { type: 'string' },
    width: { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
  },
});
const REQUESTS = Number(given.requests ?? (given.quick ? 1_500 : 20_000));
/** The provider keeps records of 5,000 calls, and a request is up to three. */
const BATCH = Math.min(given.quick ? 500 : 2_500, REQUESTS);
const FAULTY_SHARE = 0.2;
const PRICE = { input: 3, output: 15 };
const NANO_PER_TOKEN = 1_000; // of a price in dollars per million
const GROWTH = 1.1;

const WHOLE = { input: 11, output: 8 };
/**
 * What the provider has put on the bill, by fault. Those that are not here gave no counts. (Behind its `evil-headers` the
 * provider answers nothing more over that connection: what is asked there would hang.)
 */
const SERVED = {
  ...Object.fromEntries(
    [
      ...['ok', 'json-for-stream', 'sse-for-json', 'gzip-sse', 'split-utf8', 'sse-odd', 'invalid-utf8'],
      ...['early-hints', 'http10', 'dup-usage'],
    ].map((fault) => [fault, () => WHOLE]),
  ),
  // Its Messages stream has said 11 at the start, and says zero only of the output.
  'zero-usage': ({ proto, stream }) => ({ input: proto === 'messages' && stream ? 11 : 0, output: 0 }),
};
const GIVEN_LATE = ['500-then-ok', '529-then-ok', '429-then-ok'];
const NOT_SERVED = [
  ...['no-usage', 'bad-usage', '400', '401', '413', '429-quota', '429-long', '500', '503', '502-html'],
  ...['reset-headers', 'fin-headers', 'reset-midstream', 'fin-midstream', 'end-no-done', 'cut-event'],
  ...['tool-reset', 'sse-error-first', 'sse-error-mid', 'bad-json', 'truncated-json', 'bad-chunk'],
  ...['dup-length', 'bad-gzip', '200-html', '200-empty', '204', '200-error-json', 'redirect'],
];
const FAULTS = [...Object.keys(SERVED).slice(1), ...GIVEN_LATE, ...GIVEN_LATE, ...NOT_SERVED];
const CLIENTS = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];

const { ask, eachOf, SECRET } = await faultTable();
const problems = [];
const must = (holds, what) => void (holds || problems.push(what));

/** The same numbers for the same seed, so that a failure can be had again. */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The questions of one batch; those of a fault that passes have a model of their own, which the provider counts by. */
function batchOf(random) {
  return Array.from({ length: BATCH }, (_, n) => {
    const fault =
      random() < FAULTY_SHARE ? FAULTS[Math.floor(random() * FAULTS.length)] : Object.keys(SERVED)[0];
    const model = GIVEN_LATE.includes(fault) ? `s${n}-fault-${fault}:1` : `m-fault-${fault}`;
    return { client: CLIENTS[n % 4], stream: random() < 0.5, model: `faulty/${model}` };
  });
}

const sumOf = (list) =>
  list.reduce((sum, one) => ({ input: sum.input + one.input, output: sum.output + one.output }), {
    input: 0,
    output: 0,
  });

/** What the provider put on the bill in a batch. */
function servedBy(records) {
  const late = new Map();
  const counted = records.flatMap((record) => {
    if (!GIVEN_LATE.includes(record.fault)) return SERVED[record.fault]?.(record) ?? [];
    const place = `${record.fault} ${record.model}`;
    late.set(place, (late.get(place) ?? 0) + 1);
    return late.get(place) > 1 ? WHOLE : [];
  });
  return sumOf(counted);
}

/** A kept connection that gives not one byte back was closed before it was used, as far as anybody can tell. */
const looksStale = ({ fault, socket_use: use }) => /^(reset|fin)-headers$/.test(fault) && use > 1;

/** Reads past all our code. */
function ledgerOf(home) {
  const db = new DatabaseSync(join(home, 'state', 'ledger.sqlite'), { readOnly: true });
  const one = (sql) => ({ ...db.prepare(sql).get() });
  const found = {
    rows: one("SELECT count(*) AS n, sum(outcome = 'open') AS open FROM exchange"),
    sums: one(
      "SELECT ifnull(sum(input), 0) AS input, ifnull(sum(output), 0) AS output, ifnull(sum(cost_nano), 0) AS cost FROM exchange WHERE usage_source = 'reported'",
    ),
    calls: one("SELECT count(*) AS n FROM attempt WHERE failure IS NULL OR failure <> 'stale'").n,
    integrity: one('PRAGMA integrity_check').integrity_check,
  };
  db.close();
  return found;
}

/** Texts that somebody might look into: every file of the home but the configuration's own. */
function filesIn(home) {
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

const settled = async (read, good, tries = 100) => {
  let value = read();
  for (let i = 0; i < tries && !good(value); i++) {
    await new Promise((done) => setTimeout(done, 200));
    value = Math.min(value, read());
  }
  return value;
};

const batch = batchOf(randomFrom(Number(given.seed)));
const upstream = await startFaulty(given.kit, ['--gap', '1']);
const prices = [...new Set(batch.map(({ model }) => model))].map(
  (model) => `  "${model}": { input: ${PRICE.input}, output: ${PRICE.output} }\n`,
);
const gateway = await startGateway({
  config: [
    'catalog: { refresh: false }\n',
    `providers:\n  faulty: { url: ${upstream.url}/v1, protocol: [${CLIENTS}] }\n`,
    `prices:\n${prices.join('')}`,
  ].join(''),
  env: {
    UNOROUTER_FAULTY_API_KEY: SECRET,
    NODE_OPTIONS: `--import ${new URL('collect-garbage.mjs', import.meta.url)}`,
  },
});
// With the ledger and everything else open that stays open.
await gateway.json('logs', '-n', '1');
const files = {
  before: await settled(
    () => filesOf(gateway.pid),
    () => false,
    10,
  ),
};
/** MB behind each batch, without garbage. */
const memory = [];
const served = { input: 0, output: 0 };
let asked = 0;
let calls = 0;
const broken = [];
const started = Date.now();
try {
  while (asked < REQUESTS) {
    await upstream.control('/__reset');
    const seen = await eachOf(batch, Number(given.width), (question) => ask(gateway, question));
    asked += batch.length;
    const cut = batch.filter((_, n) => seen[n].status === null || seen[n].end === 'broken');
    for (const { model, client, stream } of cut)
      broken.push(`${model} (${client}${stream ? ', streamed' : ''})`);
    const leaks = seen.filter(({ bytes, headers }) =>
      (bytes.toString('latin1') + JSON.stringify(headers)).includes(SECRET),
    );
    must(leaks.length === 0, `${leaks.length} answers have the key in them`);
    const { records, requests } = await upstream.control('/__stats');
    must(requests === records.length, 'the provider has forgotten some calls: the batch is too large');
    const posts = records.filter(({ method }) => method === 'POST');
    calls += posts.filter((record) => !looksStale(record)).length;
    const more = servedBy(posts);
    served.input += more.input;
    served.output += more.output;
    process.kill(gateway.pid, 'SIGUSR2');
    memory.push(
      await settled(
        () => memoryOf(gateway.pid),
        () => false,
        10,
      ),
    );
  }
  const seconds = (Date.now() - started) / 1000;
  const status = await gateway.json('status');
  // Flushes.
  await gateway.json('logs', '-n', '1');
  const ledger = ledgerOf(gateway.home);
  const due = {
    ...served,
    cost: (served.input * PRICE.input + served.output * PRICE.output) * NANO_PER_TOKEN,
  };
  must(ledger.rows.n === asked, `${ledger.rows.n} rows for ${asked} requests`);
  must(ledger.rows.open === 0, `${ledger.rows.open} rows are open`);
  must(ledger.calls === calls, `${ledger.calls} attempts in the ledger, ${calls} calls at the provider`);
  must(
    JSON.stringify(ledger.sums) === JSON.stringify(due),
    `the ledger has ${JSON.stringify(ledger.sums)}, the provider served ${JSON.stringify(due)}`,
  );
  must(ledger.integrity === 'ok', `integrity: ${ledger.integrity}`);
  must(broken.length === 0, `${broken.length} answers were cut by us: ${broken.slice(0, 9).join(', ')}`);
  must(status.problems.length === 0, `status: ${status.problems.join('; ')}`);
  must(gateway.child.exitCode === null, 'the gateway has ended');
  must(!/bug of ours|Error:|Warning:/.test(gateway.stderr()), `it complained: ${gateway.stderr()}`);
  // The first half fills caches (remembered answers, live rows): from then on nothing may grow.
  const grown = memory.at(-1) / Math.max(...memory.slice(0, Math.ceil(memory.length / 2)));
  must(
    grown <= GROWTH,
    `memory grew by ${Math.round(100 * (grown - 1))} %: ${memory.map(Math.round).join(', ')} MB`,
  );
  upstream.stop();
  files.after = await settled(
    () => filesOf(gateway.pid),
    (count) => count <= files.before * GROWTH,
  );
  must(
    files.after <= files.before * GROWTH,
    `${files.after} files are open, ${files.before} were at the start`,
  );
  const told = [
    gateway.stdout(),
    gateway.stderr(),
    ...filesIn(gateway.home).map((file) => readFileSync(file, 'latin1')),
  ];
  must(!told.some((text) => text.includes(SECRET)), 'the key is in the log or in a file');
  console.log(
    [
      `${asked} requests (${Math.round(asked / seconds)}/s), ${calls} calls, ${ledger.sums.input} + ${ledger.sums.output} tokens, $${(ledger.sums.cost / 1e9).toFixed(6)}`,
      `memory ${memory.map(Math.round).join(', ')} MB, a figure per ${batch.length}; files ${files.before} before, ${files.after} after`,
    ].join('\n'),
  );
} finally {
  await gateway.stop();
  upstream.stop();
}
for (const problem of problems) console.log(`differs: ${problem}`);
process.exit(problems.length > 0 ? 1 : 0);
