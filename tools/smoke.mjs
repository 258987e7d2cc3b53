// The two-command promise, from outside, with an empty HOME: `start` runs `npm start` and asks demo/echo; `pack` packs the
// project, runs the tarball through npx and does the same. Logs, spend and the live row must agree with the answer.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const mode = process.argv[2];
const home = mkdtempSync(join(tmpdir(), 'unorouter-smoke-'));
const env = { ...process.env, HOME: home, USERPROFILE: home, UNOROUTER_NO_KEYCHAIN: '1' };
for (const name of Object.keys(env))
  if (/_API_KEY$|^XDG_|^UNOROUTER_(HOME|TOKEN|URL)/.test(name)) delete env[name];

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = server.address();
    server.close(() => resolve(free));
  });
});

function must(condition, what) {
  if (!condition) throw new Error(`smoke (${mode}): ${what}`);
  console.log(`ok  ${what}`);
}

function command() {
  if (mode === 'start')
    return {
      run: ['npm', ['start', '--', '--port', String(port)]],
      cli: [process.execPath, [join(root, 'bin/unorouter.js')]],
      cwd: root,
    };
  execFileSync('npm', ['pack', '--pack-destination', home], {
    cwd: root,
    env: { ...env, HOME: process.env.HOME },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const tarball = readdirSync(home).find((file) => file.endsWith('.tgz'));
  const npx = ['npx', ['--yes', `./${tarball}`]];
  return { run: [npx[0], [...npx[1], 'serve', '--port', String(port)]], cli: npx, cwd: home };
}

if (mode === 'pack') {
  // Not at the top: `start` proves that a clone without any package is enough.
  const { publint } = await import('publint');
  const { formatMessage } = await import('publint/utils');
  const { messages, pkg } = await publint({ pkgDir: root, pack: 'npm', strict: true });
  must(
    messages.length === 0,
    `the package is well-formed ${messages.map((one) => formatMessage(one, pkg)).join('; ')}`,
  );
}
/** npm ends at once when it is told to; the server that it started writes down what is left first. */
async function allGone(group) {
  for (let i = 0; i < 200; i++) {
    try {
      process.kill(-group, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`smoke (${mode}): the server goes on after SIGTERM`);
}

const { run, cli, cwd } = command();
const server = spawn(run[0], run[1], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
let out = '';
let err = '';
server.stdout.on('data', (bytes) => {
  out += bytes;
});
server.stderr.on('data', (bytes) => {
  err += bytes;
});
// Not the synchronous form: it would keep us from reading what the server says meanwhile.
const ask = async (args) => (await promisify(execFile)(cli[0], [...cli[1], ...args], { cwd, env })).stdout;
const gone = new Promise((resolve) => server.once('exit', resolve));

try {
  for (let i = 0; i < 1200 && !err.includes('Ready'); i++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  must(err.includes('Ready'), 'the server starts');
  const token = (await ask(['token'])).trim();
  must(err.includes(token), 'the banner has a working curl with the token');
  const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      model: 'demo/echo',
      stream: true,
      messages: [{ role: 'user', content: 'hello there' }],
    }),
  });
  const text = await answer.text();
  must(answer.status === 200 && text.includes('[DONE]'), 'demo/echo streams an answer');
  const [row] = JSON.parse(await ask(['logs', '--json', '-n', '1']));
  must(
    row.served === 'demo/echo' && row.usage.output > 0 && row.costNanoUsd > 0,
    `logs has the row (${row.usage.input} in, ${row.usage.output} out)`,
  );
  must(out.includes('demo/echo'), 'the live log has the row');
  const spend = JSON.parse(await ask(['spend', '--demo', '--by', 'model', '--json']));
  must(JSON.stringify(spend).includes(String(row.costNanoUsd)), 'spend --demo agrees with it');
} catch (error) {
  console.error(`${error.message}\n--- stdout\n${out}\n--- stderr\n${err}`);
  process.exitCode = 1;
} finally {
  if (server.exitCode === null) process.kill(-server.pid, 'SIGTERM');
  await gone;
  await allGone(server.pid);
  rmSync(home, { recursive: true, force: true });
}
