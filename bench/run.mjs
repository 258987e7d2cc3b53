// `npm run bench`: side by side, in one run, interleaved rounds: direct, a raw node:http pipe, unorouter with everything
// on, and @portkey-ai/gateway from the registry. Prints ratios; absolute times of one machine mean little.
//   --rounds N (5)   --quick (1 round, few requests: it only has to complete)   --no-peers   --json FILE
import { fork, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from '../tools/ensure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const args = process.argv.slice(2);
const flag = (name) => args.includes(`--${name}`);
const option = (name, otherwise) =>
  args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : otherwise;
const quick = flag('quick');
const rounds = Number(option('rounds', quick ? 1 : 5));
const scale = quick ? 0.05 : 1;

const SCENARIOS = [
  { name: '1 kB', bodyBytes: 1_000, stream: false, count: 1000, concurrency: 1, warm: 200, measure: 'p50' },
  { name: '150 kB', bodyBytes: 150_000, stream: false, count: 300, concurrency: 1, warm: 50, measure: 'p50' },
  { name: '600 kB', bodyBytes: 600_000, stream: false, count: 120, concurrency: 1, warm: 20, measure: 'p50' },
  {
    name: 'stream, 1 kB',
    bodyBytes: 1_000,
    stream: true,
    count: 300,
    concurrency: 1,
    warm: 50,
    measure: 'p50',
  },
  {
    name: '32 streams at once',
    bodyBytes: 1_000,
    stream: true,
    count: 640,
    concurrency: 32,
    warm: 32,
    measure: 'perSecond',
  },
  {
    name: '64 requests at once',
    bodyBytes: 1_000,
    stream: false,
    count: 3000,
    concurrency: 64,
    warm: 100,
    measure: 'perSecond',
  },
];

const children = [];
const home = mkdtempSync(join(tmpdir(), 'unorouter-bench-'));
function stopAll() {
  for (const child of children) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
}
process.on('exit', stopAll);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

const forked = (file, ...argv) =>
  new Promise((resolve, reject) => {
    const child = fork(here + file, argv, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    children.push(child);
    child.once('message', (message) => resolve(message.port));
    child.once('error', reject);
  });

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function ready(port, path) {
  for (let i = 0; i < 300; i++) {
    try {
      await fetch(`http://127.0.0.1:${port}${path}`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`nothing answers on port ${port}`);
}

async function startUnorouter(upstreamPort) {
  const port = await freePort();
  const token = 'uno-benchbenchbenchbenchbenchb';
  writeFileSync(
    join(home, 'config.yaml'),
    `providers:\n  bench: { url: http://127.0.0.1:${upstreamPort}/v1, protocol: openai-chat }\n`,
  );
  const child = spawn(
    process.execPath,
    [`${root}bin/unorouter.js`, 'serve', '--port', String(port), '--log', 'none'],
    {
      env: {
        ...process.env,
        UNOROUTER_HOME: home,
        UNOROUTER_NO_KEYCHAIN: '1',
        UNOROUTER_TOKEN: token,
        UNOROUTER_BENCH_API_KEY: 'bench-key-0000',
      },
      stdio: 'ignore',
    },
  );
  children.push(child);
  await ready(port, '/health');
  return {
    name: 'unorouter',
    port,
    path: '/v1/chat/completions',
    model: 'bench/bench',
    headers: { authorization: `Bearer ${token}` },
  };
}

/** The peer comes from the registry at the versions that work together; nothing of it is part of this project. */
async function startPortkey(upstreamPort) {
  const dir = `${root}node_modules/.cache/bench-portkey`;
  const start = join(dir, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  if (!existsSync(start)) {
    mkdirSync(dir, { recursive: true });
    const manifest = {
      private: true,
      dependencies: { '@portkey-ai/gateway': '1.15.2' },
      overrides: { '@hono/node-server': '1.14.0', hono: '4.9.7' },
    };
    writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest));
    console.error('Installing @portkey-ai/gateway 1.15.2 for the comparison (once)...');
    const { status } = spawnSync(
      'npm',
      ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'],
      { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' },
    );
    if (status !== 0) return null;
  }
  const port = await freePort();
  // It listens on all addresses by itself; the comparison must not.
  const loopback = `data:text/javascript,${encodeURIComponent("import net from 'node:net';const l=net.Server.prototype.listen;net.Server.prototype.listen=function(...a){if(typeof a[0]==='number')a.splice(1,typeof a[1]==='string'?1:0,'127.0.0.1');else if(a[0]&&typeof a[0]==='object'&&a[0].port!==undefined)a[0]={...a[0],host:'127.0.0.1'};return l.apply(this,a)};")}`;
  const child = spawn(process.execPath, ['--import', loopback, start, '--headless', `--port=${port}`], {
    stdio: 'ignore',
    cwd: home,
  });
  children.push(child);
  await ready(port, '/');
  const headers = {
    authorization: 'Bearer bench-key-0000',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
  };
  return { name: 'portkey', port, path: '/v1/chat/completions', model: 'bench', headers };
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};

ensureInstalled();
if (!existsSync(`${root}dist/main.js`)) await import('../tools/build.mjs');
const upstreamPort = await forked('upstream.mjs');
const pipePort = await forked('pipe.mjs', `http://127.0.0.1:${upstreamPort}`);
const plain = {
  path: '/v1/chat/completions',
  model: 'bench',
  headers: { authorization: 'Bearer bench-key-0000' },
};
const targets = [
  { name: 'direct', port: upstreamPort, ...plain },
  { name: 'http-pipe', port: pipePort, ...plain },
  await startUnorouter(upstreamPort),
];
if (!flag('no-peers')) {
  const peer = await startPortkey(upstreamPort);
  if (peer) targets.push(peer);
  else console.error('portkey could not be installed here; it is left out.');
}
const load = fork(`${here}load.mjs`, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
children.push(load);
const measure = (job) =>
  new Promise((resolve, reject) => {
    load.once('message', (message) =>
      message.error ? reject(new Error(message.error)) : resolve(message.ok),
    );
    load.send(job);
  });

/** results[scenario][target] = one figure a round */
const results = {};
const loads = [];
for (let round = 0; round < rounds; round++) {
  for (const scenario of SCENARIOS) {
    for (let i = 0; i < targets.length; i++) {
      // Another one begins in every round, so that none always profits from a warm machine.
      const target = targets[(i + round) % targets.length];
      const { count, warm, ...rest } = scenario;
      const figures = await measure({
        ...rest,
        target,
        count: Math.max(5, Math.round(count * scale)),
        warm: Math.max(2, Math.round(warm * scale)),
      });
      results[scenario.name] ??= {};
      results[scenario.name][target.name] ??= [];
      results[scenario.name][target.name].push(figures[scenario.measure]);
    }
  }
  loads.push(loadavg()[0]);
  console.error(`round ${round + 1} of ${rounds} done, load ${loadavg()[0].toFixed(2)}`);
}

const names = targets.map((t) => t.name);
console.log(
  `\nmedian of ${rounds} rounds; "added" = time beyond direct in the same round; load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}\n`,
);
console.log(`| scenario | unit | ${names.join(' | ')} | unorouter / http-pipe | unorouter / portkey |`);
console.log(`|---|---|${names.map(() => '---').join('|')}|---|---|`);
for (const { name, measure: unit } of SCENARIOS) {
  const of = results[name];
  const latency = unit === 'p50';
  const figures = (target) =>
    of[target].map((value, round) => (latency && target !== 'direct' ? value - of.direct[round] : value));
  const ratio = (other) => {
    if (!of[other]) return '-';
    const rows = figures('unorouter').map((value, round) => value / figures(other)[round]);
    return `${median(rows).toFixed(2)} (${Math.min(...rows).toFixed(2)}-${Math.max(...rows).toFixed(2)})`;
  };
  const cells = names.map((target) => median(figures(target)).toFixed(0));
  console.log(
    `| ${name} | ${latency ? 'us added, p50' : 'per second'} | ${cells.join(' | ')} | ${ratio('http-pipe')} | ${ratio('portkey')} |`,
  );
}
if (option('json'))
  writeFileSync(option('json'), JSON.stringify({ node: process.version, rounds, results }, null, 1));
process.exit(0);
