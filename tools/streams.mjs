// Many slow streams at once, and a reader that stops: all end whole and unmixed, the ledger has each, memory stays small,
// and no more of an answer is fetched than a few buffers hold.
//
//   node tools/streams.mjs [--streams 1000] [--seconds 8] [--quick]
//
// Exit 1 when anything differs. Linux only: memory is read from /proc.
import http from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DatabaseSync } from '@photostructure/sqlite';
import { memoryOf, startGateway } from './gateway.mjs';

const { values: given } = parseArgs({
  options: {
    streams: { type: 'string' },
    seconds: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const STREAMS = Number(given.streams ?? (given.quick ? 250 : 1_000));
const SECONDS = Number(given.seconds ?? (given.quick ? 3 : 8));
const PIECES = 20;
const GROWTH_MB = 150;
const PULLED_MB = 32;
const PRICE = { input: 3, output: 15 };
const NANO_PER_TOKEN = 1_000; // of a price in dollars per million
const MB = 1024 * 1024;

const problems = [];
const must = (holds, what) => void (holds || problems.push(what));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const event = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
const chunk = (more) => event({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', ...more });
const delta = (content) => chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
/** Every stream counts its own tokens, so that a mix-up would be seen in the sum, too. */
const usageOf = (n) => ({ input: 100 + n, output: PIECES + (n % 7) });

async function slowly(response, n) {
  for (let piece = 0; piece < PIECES; piece++) {
    response.write(delta(`stream ${n} says ${piece}. `));
    await pause((SECONDS * 1_000) / PIECES);
  }
  const { input, output } = usageOf(n);
  response.write(chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
  response.write(chunk({ choices: [], usage: { prompt_tokens: input, completion_tokens: output } }));
  response.end(event('[DONE]'));
}

/** As much as anybody takes. */
function endlessly(response) {
  const block = delta('more and more. '.repeat(1_000));
  const write = () => {
    while (!response.destroyed && response.write(block));
  };
  response.on('drain', write);
  write();
}

let endless = null;
const upstream = http.createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  if (request.method === 'GET') return response.writeHead(404).end();
  const { model } = JSON.parse(Buffer.concat(parts).toString());
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (model !== 'endless') return slowly(response, Number(model.slice(1)));
  endless = response;
  endlessly(response);
});
await new Promise((done) => upstream.listen(0, '127.0.0.1', done));
const models = Array.from({ length: STREAMS }, (_, n) => `s${n}`);
const gateway = await startGateway({
  config: [
    'catalog: { refresh: false }\n',
    `providers:\n  slow: { url: http://127.0.0.1:${upstream.address().port}/v1, protocol: openai-chat, auth: none }\n`,
    `prices:\n${models.map((model) => `  slow/${model}: { input: ${PRICE.input}, output: ${PRICE.output} }\n`).join('')}`,
  ].join(''),
});
const headers = { 'content-type': 'application/json', authorization: `Bearer ${gateway.token}` };
const bodyFor = (model) =>
  JSON.stringify({ model: `slow/${model}`, stream: true, messages: [{ role: 'user', content: 'go on' }] });

/** The text of one stream; throws when it was cut. */
function textOf(model) {
  return new Promise((resolve, reject) => {
    const sent = http.request(
      `${gateway.url}/v1/chat/completions`,
      { method: 'POST', agent: false, headers },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece) => {
          text += piece;
        });
        response.on('error', reject).on('end', () => resolve({ status: response.statusCode, text }));
      },
    );
    sent.on('error', reject).end(bodyFor(model));
  });
}

const saidIn = (text) =>
  [...text.matchAll(/^data: (\{.*)$/gm)]
    .map(([, json]) => JSON.parse(json).choices[0]?.delta?.content ?? '')
    .join('');
const wholeText = (n) => Array.from({ length: PIECES }, (_, piece) => `stream ${n} says ${piece}. `).join('');

async function manyStreams() {
  const before = memoryOf(gateway.pid);
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, memoryOf(gateway.pid));
  }, 50);
  const answers = await Promise.allSettled(models.map(textOf));
  clearInterval(watch);
  const whole = answers.filter(
    ({ value }, n) =>
      value?.status === 200 && value.text.endsWith(event('[DONE]')) && saidIn(value.text) === wholeText(n),
  ).length;
  must(whole === STREAMS, `${whole} of ${STREAMS} streams ended whole, each with its own text`);
  must(most - before <= GROWTH_MB, `memory grew by ${Math.round(most - before)} MB`);
  await gateway.json('logs', '-n', '1'); // Flushes.
  const db = new DatabaseSync(join(gateway.home, 'state', 'ledger.sqlite'), { readOnly: true });
  const found = {
    ...db
      .prepare(
        "SELECT count(*) AS rows, sum(input) AS input, sum(output) AS output, sum(cost_nano) AS cost FROM exchange WHERE outcome = 'ok' AND usage_source = 'reported'",
      )
      .get(),
  };
  db.close();
  const sum = (field) => models.reduce((total, _, n) => total + usageOf(n)[field], 0);
  const [input, output] = [sum('input'), sum('output')];
  const due = {
    rows: STREAMS,
    input,
    output,
    cost: (input * PRICE.input + output * PRICE.output) * NANO_PER_TOKEN,
  };
  must(
    JSON.stringify(found) === JSON.stringify(due),
    `the ledger has ${JSON.stringify(found)}, not ${JSON.stringify(due)}`,
  );
  return `${whole} streams of ${SECONDS} s: memory ${Math.round(before)} MB before, ${Math.round(most)} MB at most; $${(found.cost / 1e9).toFixed(6)} in ${found.rows} rows`;
}

/** Bytes that left the provider's process: in our buffers and in the kernel's. */
async function stalledReader() {
  const body = bodyFor('endless');
  const before = memoryOf(gateway.pid);
  const socket = connect(gateway.port, '127.0.0.1');
  socket.on('error', () => undefined).pause();
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${gateway.port}\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const pulled = () => {
    const { socket: out } = endless ?? {};
    return out ? (out.bytesWritten - out.writableLength) / MB : 0;
  };
  // Until it no longer grows.
  let last = -1;
  while (pulled() === 0 || pulled() > last) {
    last = pulled();
    await pause(1_500);
  }
  const held = pulled();
  must(held <= PULLED_MB, `${held.toFixed(1)} MB were fetched for a reader that takes nothing`);
  const grown = memoryOf(gateway.pid) - before;
  socket.destroy();
  return `a stalled reader: ${held.toFixed(1)} MB fetched, memory grew by ${Math.round(grown)} MB`;
}

try {
  console.log(await manyStreams());
  console.log(await stalledReader());
  must(!/bug of ours|Error:|Warning:/.test(gateway.stderr()), `it complained: ${gateway.stderr()}`);
} finally {
  await gateway.stop();
  upstream.closeAllConnections();
  upstream.close();
}
for (const problem of problems) console.log(`differs: ${problem}`);
process.exit(problems.length > 0 ? 1 : 0);
