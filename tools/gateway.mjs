// Starts this gateway for a check from outside: a home of its own, a free port, no keychain.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BIN = fileURLToPath(new URL('../bin/unorouter.js', import.meta.url));
const TOKEN = 'uno-checkcheckcheckcheckcheckc';

export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function answers(url) {
  for (let i = 0; i < 400; i++) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the gateway did not start');
}

export const temporaryHome = () => mkdtempSync(join(tmpdir(), 'unorouter-check-'));

/** What the system says of a process: resident memory in MB, open files and sockets. */
export const memoryOf = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
export const filesOf = (pid) => readdirSync(`/proc/${pid}/fd`).length;

/**
 * @param options `config`: text of config.yaml; `env`: more variables; `args`: more arguments of `serve`; `node`: another
 *   Node; `home`: one that exists, and stays
 */
export async function startGateway({
  config,
  env: more = {},
  args = [],
  node = process.execPath,
  home: given,
}) {
  const home = given ?? temporaryHome();
  const port = await freePort();
  writeFileSync(join(home, 'config.yaml'), config);
  const env = {
    ...process.env,
    UNOROUTER_HOME: home,
    UNOROUTER_NO_KEYCHAIN: '1',
    UNOROUTER_TOKEN: TOKEN,
    ...more,
  };
  const child = spawn(node, [BIN, 'serve', '--port', String(port), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/health`);
  return {
    url,
    port,
    home,
    token: TOKEN,
    pid: child.pid,
    child,
    /** The live log so far. */
    stdout: () => stdout,
    /** The banner, which shows the local token, and every notice so far. */
    stderr: () => stderr,
    /** The JSON answer of a command. */
    async json(...command) {
      const { stdout } = await promisify(execFile)(node, [BIN, ...command, '--json'], {
        env,
        maxBuffer: 64 * 1024 * 1024,
      });
      return JSON.parse(stdout);
    },
    async stop(signal = 'SIGKILL') {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await gone;
      }
      if (!given) rmSync(home, { recursive: true, force: true });
    },
  };
}
