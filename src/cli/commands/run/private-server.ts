import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { EXIT, UserError } from '../../../errors.ts';
import type { RunBudget } from '../../../server/index.ts';
import { type Client, findClient, notRunning } from '../../client.ts';
import type { Context } from '../../context.ts';

/** A server that this run holds open. */
export interface Held {
  client: Client;
  /** It was started for this run. */
  started: boolean;
  /** Lets go of it. */
  release(): void;
}

const POLL_MS = 50;
/** A start, or the end of the one before. */
const WITHIN_MS = 20_000;

/**
 * Attaches to the running server, else to a private one that it starts. One that is just ending is waited for.
 * @param budget what this run may spend; null = no budget of its own
 * @throws UserError `not_running` (exit 5) with `mayStart` false, or why a server did not start
 */
export async function holdServer(
  context: Context,
  mayStart: boolean,
  budget: RunBudget | null,
): Promise<Held> {
  const until = performance.now() + WITHIN_MS;
  let started = false;
  let starting = false;
  let failed: UserError | null = null;
  while (performance.now() < until) {
    const client = await findClient(context);
    const held = client && (await attach(client, started, budget));
    if (held) return held;
    if (failed) throw failed;
    if (!client && (!mayStart || context.url !== null)) throw notRunning(context.url);
    if (!client && !starting) {
      started = true;
      starting = true;
      void startServer(context).then((error) => {
        failed = error;
        starting = false;
      });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw failed ?? notRunning(context.url);
}

async function attach(client: Client, started: boolean, budget: RunBudget | null): Promise<Held | null> {
  const gone = new AbortController();
  const attached = await client.attach(gone.signal, budget);
  return attached ? { client, started, release: () => gone.abort() } : null;
}

/**
 * Starts this same program as a server of its own process group: Ctrl-C belongs to the agent. It ends by itself when
 * nobody is attached. Resolves when it has ended, with what it said.
 */
function startServer(context: Context): Promise<UserError | null> {
  const [script = ''] = process.argv.slice(1);
  const args = [
    'serve',
    '--port',
    '0',
    '--host',
    '127.0.0.1',
    '--log',
    'none',
    '--attached',
    '--quiet',
    '--json',
  ];
  const child = spawn(process.execPath, [script, ...args], {
    cwd: context.cwd,
    env: context.env,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID);
  });
  child.unref();
  // Its pipe shall not keep this process alive either.
  if (child.stderr instanceof Socket) child.stderr.unref();
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(startFailed(error.message)));
    child.on('close', (code) => resolve(readError(said, code ?? EXIT.failed)));
  });
}

const MOST_SAID = 20_000;

/** The error that a server wrote as JSON; one that came too late for the home is no error: another run was faster. */
function readError(said: string, exit: number): UserError | null {
  const line = said.split('\n').findLast((text) => text.startsWith('{"error"'));
  if (line === undefined) return startFailed(said.trim().split('\n').at(-1) ?? '');
  const { code, message, why, fix } = JSON.parse(line).error;
  if (code === 'port_in_use') return null;
  return new UserError({ code, exit, message, ...(why ? { why } : {}), fix });
}

function startFailed(why: string): UserError {
  return new UserError({
    code: 'server_not_started',
    exit: EXIT.failed,
    message: 'the private server did not start',
    ...(why === '' ? {} : { why }),
    fix: ['{cmd} serve     says more'],
  });
}
