// kill -9 under load, again and again at random moments, in one home: the ledger opens and is whole, nothing is lost that
// was over for a moment, and what was on its way is settled at the next start with what it had come to.
//
//   node tools/kills.mjs [--kills 50] [--seed 1] [--quick]
//
// Exit 1 when anything differs.

import { rmSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DatabaseSync } from '@photostructure/sqlite';
import { startGateway, temporaryHome } from './gateway.mjs';

const { values: given } = parseArgs({
  options: {
    kills: { type: 'string' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
  },
});
const KILLS = Number(given.kills ?? (given.quick ? 6 : 50));
const WORKERS = 6;
const WORD_MS = 50;
/** A row that is over is on disk after this time, where there is time at all. */
const WRITTEN_MS = 200;
/** What is on disk of a running stream is at most this old, and is written as above. */
const CHECKPOINT_MS = 2_000;
const TICK_MS = 10;
const LOOKED_BACK_MS = 1_500;
/** A batch passes through three threads and processes that may each have to wait. */
const WAITS = 4;
const PRICE = { input: 3, output: 15 };
const NANO_PER_TOKEN = 1_000; // of a price in dollars per million

const problems = [];
const must = (holds, what) => void (holds || problems.push(what));
const event = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
const WORD = event({
  id: 'c',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { content: 'high water ' }, finish_reason: null }],
});
const WHOLE = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 7, completion_tokens: 1 },
});

/** Answers `fast` at once and whole, and `slow` word by word without an end. */
const upstream = http.createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  if (request.method === 'GET') return response.writeHead(404).end();
  if (JSON.parse(Buffer.concat(parts)).model === 'fast')
    return response.writeHead(200, { 'content-type': 'application/json' }).end(WHOLE);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const timer = setInterval(() => response.write(WORD), WORD_MS);
  response.once('close', () => clearInterval(timer));
});
await new Promise((done) => upstream.listen(0, '127.0.0.1', done));

const home = temporaryHome();
const price = `{ input: ${PRICE.input}, output: ${PRICE.output} }`;
const config = [
  'catalog: { refresh: false }',
  `providers: { slow: { url: "http://127.0.0.1:${upstream.address().port}/v1", protocol: openai-chat, auth: none } }`,
  `prices: { slow/fast: ${price}, slow/slow: ${price} }\n`,
].join('\n');

/** One request. `seen` gets its id and when each piece came; resolves with whether it ended as it should. */
function ask(gateway, model, seen) {
  return new Promise((resolve) => {
    const sent = http.request(
      `${gateway.url}/v1/chat/completions`,
      {
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.token}` },
      },
      (response) => {
        seen.id = response.headers['x-unorouter-id'];
        response.on('data', () => seen.words.push(Date.now()));
        response.on('error', () => undefined);
        response.on('close', () => resolve(response.complete && response.statusCode === 200));
      },
    );
    sent.on('error', () => resolve(false));
    sent.end(
      JSON.stringify({
        model: `slow/${model}`,
        stream: model === 'slow',
        messages: [{ role: 'user', content: 'When is high water?' }],
      }),
    );
  });
}

/** Asks until the gateway is gone. Returns what was over, and what was on its way. */
async function load(gateway, killed) {
  const [over, open] = [[], []];
  async function worker(model) {
    while (!killed()) {
      const seen = { id: null, words: [] };
      if (model === 'slow') open.push(seen);
      const whole = await ask(gateway, model, seen);
      if (whole) over.push({ id: seen.id, at: Date.now() });
      else return;
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, (_, n) => worker(n % 2 ? 'slow' : 'fast')));
  return { over, open };
}

function withLedger(read) {
  const db = new DatabaseSync(join(home, 'state', 'ledger.sqlite'), { readOnly: true });
  try {
    return read((sql, ...values) => db.prepare(sql).all(...values));
  } finally {
    db.close();
  }
}

/** How late a timer of ours was at most in the last moments: a busy machine has no time for the gateway either. */
function watchLag() {
  const ticks = [];
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    ticks.push({ now, late: now - last - TICK_MS });
    last = now;
  }, TICK_MS);
  return {
    before: (at) =>
      Math.max(0, ...ticks.filter(({ now }) => now > at - LOOKED_BACK_MS).map(({ late }) => late)),
    stop: () => clearInterval(timer),
  };
}

/** Random, and the same for the same seed. */
let state = Number(given.seed);
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};

const totals = { over: 0, interrupted: 0, slackMs: 0 };

async function oneKill(round) {
  const gateway = await startGateway({ config, home });
  let at = 0;
  const loading = load(gateway, () => at > 0);
  const lag = watchLag();
  await new Promise((done) => setTimeout(done, 200 + random() * 4_300));
  at = Date.now();
  await gateway.stop('SIGKILL');
  const { over, open } = await loading;
  lag.stop();
  const slackMs = WAITS * lag.before(at);
  totals.slackMs = Math.max(totals.slackMs, slackMs);
  const due = over.filter((one) => one.at < at - WRITTEN_MS - slackMs);
  withLedger((sql) => {
    const [verdict] = sql('PRAGMA integrity_check');
    must(verdict.integrity_check === 'ok', `kill ${round}: integrity ${verdict.integrity_check}`);
    const rows = new Set(sql("SELECT id FROM exchange WHERE outcome = 'ok'").map(({ id }) => id));
    const lost = due.filter(({ id }) => !rows.has(id));
    must(lost.length === 0, `kill ${round}: ${lost.length} of ${due.length} finished requests are lost`);
  });
  totals.over += due.length;
  return { round, at, slackMs, open: open.filter(({ id }) => id !== null) };
}

/** After the next start: what was on its way is settled, with what it had come to. */
async function settledAfter({ round, at, slackMs, open }) {
  withLedger((sql) => {
    const left = sql("SELECT count(*) AS n FROM exchange WHERE outcome = 'open'")[0].n;
    must(left === 0, `kill ${round}: ${left} rows are open after the next start`);
    for (const { id, words } of open) {
      const before = (ms) => words.filter((time) => time < at - ms - slackMs).length;
      const [row] = sql(
        'SELECT outcome, usage_source AS source, input, output, cost_nano AS cost, cost_state AS state FROM exchange WHERE id = ?',
        id,
      );
      if (!row) {
        must(before(WRITTEN_MS) === 0, `kill ${round}: ${id} has no row`);
        continue;
      }
      totals.interrupted++;
      must(row.outcome === 'interrupted', `kill ${round}: ${id} is ${row.outcome}`);
      const due = before(CHECKPOINT_MS + WRITTEN_MS);
      if (due === 0) continue;
      must(row.output >= due, `kill ${round}: ${id} has ${row.output} tokens, ${due} words had come in time`);
      const cost = (row.input * PRICE.input + row.output * PRICE.output) * NANO_PER_TOKEN;
      must(
        row.source === 'estimated' && row.state === 'estimate' && row.cost === cost,
        `kill ${round}: ${id} costs ${row.cost} (${row.state}, ${row.source}), not ${cost}`,
      );
    }
  });
}

try {
  let before = null;
  for (let round = 1; round <= KILLS + 1; round++) {
    if (before) {
      const next = await startGateway({ config, home });
      await next.json('logs', '-n', '1');
      await settledAfter(before);
      await next.stop('SIGKILL');
    }
    if (round <= KILLS) before = await oneKill(round);
  }
  console.log(
    `${KILLS} kills: ${totals.over} requests that were over are all there, ${totals.interrupted} streams are interrupted (slack for a busy machine: ${totals.slackMs} ms at most)`,
  );
} finally {
  upstream.closeAllConnections();
  upstream.close();
  rmSync(home, { recursive: true, force: true });
}
for (const problem of problems.slice(0, 20)) console.log(`differs: ${problem}`);
process.exit(problems.length > 0 ? 1 : 0);
