// The load generator, in a process of its own: one job at a time by IPC, answered with its figures.
import { requestBody } from './bodies.mjs';
import { countOf, createConnection, requestBytes } from './client.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const ascending = (list) => list.sort((a, b) => a - b);
/** What stands once in every streamed chunk, by the wire that the client speaks. */
const MARKERS = { chat: Buffer.from('"content":'), messages: Buffer.from('text_delta') };

const within = (promise, ms, what) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} after ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });

/** Refuses what is not a whole answer: a fast error must not look like a fast gateway. */
function check(answer, job) {
  if (answer.status !== 200)
    throw new Error(`status ${answer.status}: ${answer.bytes.latin1Slice(0, 2000).split('\r\n\r\n')[1]}`);
  if (!job.chunks) return 0;
  const chunks = countOf(answer.bytes, MARKERS[job.wire]);
  // A gateway may join chunks of text; none may lose them all.
  if (chunks === 0) throw new Error('a stream without any chunk');
  return job.chunks;
}

function summary({ samples, delays, errors, seconds, chunks }) {
  const us = ascending(samples.map((one) => one.us));
  const ttfb = ascending(samples.map((one) => one.ttfbUs));
  ascending(delays);
  return {
    ok: samples.length,
    errors: errors.length,
    error: errors[0],
    p50: percentile(us, 0.5),
    p99: percentile(us, 0.99),
    ttfbP50: percentile(ttfb, 0.5),
    delayP50: percentile(delays, 0.5),
    delayP99: percentile(delays, 0.99),
    perSecond: samples.length / seconds,
    chunksPerSecond: chunks / seconds,
  };
}

async function run(job) {
  const { api, connections, warm = 0, count = Number.POSITIVE_INFINITY, ms = 60_000, rampMs = 0 } = job;
  const request = requestBytes(
    { port: job.port, ...api },
    requestBody({ ...job, model: api.model }),
    job.tiny,
  );
  const pool = Array.from({ length: connections }, () => createConnection(job.port));
  const out = { samples: [], delays: [], errors: [], chunks: 0, seconds: 0 };
  const timeoutMs = job.timeoutMs ?? 20_000;
  const ask = (connection) =>
    within(connection.ask(request, job.stamped), timeoutMs, 'no whole answer').then((answer) => ({
      chunks: check(answer, job),
      us: answer.us,
      ttfbUs: answer.ttfbUs,
      delays: answer.delays,
    }));
  const drain = async (each, more) => {
    await Promise.all(
      pool.map(async (connection, i) => {
        if (rampMs) await sleep((rampMs * i) / connections);
        while (more() && out.errors.length < 50)
          await ask(connection).then(each, (error) => {
            out.errors.push(error.message);
            connection.close();
          });
      }),
    );
  };
  let left = warm;
  await drain(
    () => {},
    () => left-- > 0,
  );
  out.errors.length = 0;
  left = count;
  const started = performance.now();
  const until = started + ms;
  await drain(
    (one) => {
      out.samples.push({ us: one.us, ttfbUs: one.ttfbUs });
      out.chunks += one.chunks;
      for (const delay of one.delays) out.delays.push(delay);
    },
    () => left-- > 0 && performance.now() < until,
  );
  out.seconds = (performance.now() - started) / 1000;
  for (const connection of pool) connection.close();
  return summary(out);
}

process.on('message', async (job) => {
  try {
    process.send({ ok: await run(job) });
  } catch (error) {
    process.send({ error: error.message });
  }
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
