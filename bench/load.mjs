// The load generator, in a process of its own: sends one body to one target again and again and reports latencies.
import http from 'node:http';

const agent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

function once(target, body) {
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    let first = 0n;
    let bytes = 0;
    const request = http.request(
      {
        host: '127.0.0.1',
        port: target.port,
        path: target.path,
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': body.length, ...target.headers },
      },
      (response) => {
        response.on('data', (chunk) => {
          if (bytes === 0) first = process.hrtime.bigint();
          bytes += chunk.length;
        });
        response.on('end', () =>
          response.statusCode === 200
            ? resolve({
                us: Number(process.hrtime.bigint() - started) / 1000,
                ttfbUs: Number(first - started) / 1000,
                bytes,
              })
            : reject(new Error(`${target.name} answered ${response.statusCode}`)),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];

async function run({ target, bodyBytes, stream, count, concurrency, warm }) {
  const filler = 'The quick brown fox jumps over the lazy dog. ';
  const content = filler.repeat(Math.max(1, Math.ceil((bodyBytes - 120) / filler.length)));
  const body = Buffer.from(
    JSON.stringify({
      model: target.model,
      stream,
      messages: [{ role: 'user', content: content.slice(0, Math.max(1, bodyBytes - 120)) }],
    }),
  );
  for (let i = 0; i < warm; i++) await once(target, body);
  const samples = [];
  let left = count;
  const started = process.hrtime.bigint();
  const worker = async () => {
    while (left-- > 0) samples.push(await once(target, body));
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const us = samples.map((s) => s.us).sort((a, b) => a - b);
  const ttfb = samples.map((s) => s.ttfbUs).sort((a, b) => a - b);
  return {
    p50: percentile(us, 0.5),
    p99: percentile(us, 0.99),
    ttfbP50: percentile(ttfb, 0.5),
    perSecond: count / seconds,
  };
}

process.on('message', async (job) => {
  try {
    process.send({ ok: await run(job) });
  } catch (error) {
    process.send({ error: error.message });
  }
});
