import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program under the name that people type: what it says of itself is the same wherever this checkout lies. */
export const BIN = namedProgram();

function namedProgram(): string {
  const directory = mkdtempSync(join(tmpdir(), 'unorouter-bin-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const link = join(directory, 'unorouter');
  symlinkSync(fileURLToPath(new URL('../../bin/unorouter.js', import.meta.url)), link);
  return link;
}

/** A user of their own: an empty HOME below the system's temporary directory, and an environment that knows of no other. */
export interface TestHome {
  dir: string;
  /** `UNOROUTER_HOME` is `dir`; no keychain and no guessed projects unless a test takes that variable away; no keys, no proxies. */
  env: NodeJS.ProcessEnv;
  configFile: string;
  writeConfig(text: string): void;
  remove(): void;
}

const KEPT = ['PATH', 'SystemRoot', 'TMPDIR', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'XDG_DATA_HOME'];

/** Makes one. */
export function temporaryHome(): TestHome {
  const dir = mkdtempSync(join(tmpdir(), 'unorouter-test-'));
  const kept = KEPT.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  const configFile = join(dir, 'config.yaml');
  return {
    dir,
    env: {
      ...Object.fromEntries(kept),
      HOME: dir,
      UNOROUTER_HOME: dir,
      UNOROUTER_NO_KEYCHAIN: '1',
      UNOROUTER_NO_PROJECT_GUESS: '1',
      TZ: 'UTC',
      LANG: 'C.UTF-8',
    },
    configFile,
    writeConfig: (text) => writeFileSync(configFile, text),
    remove: () => removeTree(dir),
  };
}

/** A private server that a command started may still be closing and write below it: then what is new is removed, too. */
function removeTree(dir: string): void {
  const until = performance.now() + 10_000;
  for (;;) {
    try {
      rmSync(dir, { recursive: true, force: true });
      return;
    } catch (error) {
      const written = error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY';
      if (!written || performance.now() > until) throw error;
    }
  }
}

/** A private server ends a moment after the command that it was started for: until then it writes below its home. */
export async function serverGone(home: TestHome): Promise<void> {
  const note = join(home.dir, 'state', 'server.json');
  while (existsSync(note)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** What a command said and how it ended. */
export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built program to its end, piped. */
export function runCli(
  home: TestHome,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; input?: string; cwd?: string } = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...home.env, ...options.env },
    cwd: options.cwd ?? home.dir,
  });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes) => {
    out.stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    out.stderr += bytes;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...out })));
}

/** A `serve` that is ready. */
export interface Gateway {
  url: string;
  port: number;
  token: string;
  home: TestHome;
  child: ChildProcessWithoutNullStreams;
  stdout(): string;
  stderr(): string;
  /** Resolves when stdout and stderr together contain a text. */
  says(text: string): Promise<void>;
  /** POSTs JSON with the local token. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  cli(args: readonly string[], options?: Parameters<typeof runCli>[2]): Promise<CliResult>;
  /** Sends the signal (SIGTERM) and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const TOKEN = 'uno-testtesttesttesttesttest';

/**
 * Starts the built program's `serve` on a free port; `home` with its configuration is the caller's. `limits` is what a
 * shell does before (`ulimit -n 64`).
 */
export async function startGateway(
  home: TestHome,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  limits = 'true',
): Promise<Gateway> {
  const port = await freePort();
  const fullEnv = { ...home.env, UNOROUTER_TOKEN: TOKEN, ...env };
  const command = [process.execPath, BIN, 'serve', '--port', String(port), ...args];
  const child = spawn('sh', ['-c', `${limits}; exec "$@"`, 'sh', ...command], {
    env: fullEnv,
    cwd: home.dir,
  });
  const text = { stdout: '', stderr: '' };
  const waiting: { text: string; resolve: () => void }[] = [];
  const heard = (): void => {
    for (const one of waiting) if ((text.stdout + text.stderr).includes(one.text)) one.resolve();
  };
  const says = (wanted: string): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ text: wanted, resolve });
      child.once('exit', (code) =>
        reject(new Error(`serve ended (${code}) before "${wanted}"\n${text.stderr}`)),
      );
      heard();
    });
  child.stdout.on('data', (bytes) => {
    text.stdout += bytes;
    heard();
  });
  child.stderr.on('data', (bytes) => {
    text.stderr += bytes;
    heard();
  });
  await says('Ready');
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    token: TOKEN,
    home,
    child,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    says,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}`, ...headers },
        body: JSON.stringify(body),
      }),
    cli: (cliArgs, options) => runCli(home, cliArgs, { ...options, env: { ...fullEnv, ...options?.env } }),
    stop(signal = 'SIGTERM') {
      const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
      child.kill(signal);
      return gone;
    },
  };
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
