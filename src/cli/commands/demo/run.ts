import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Exchange } from '../../../exchange.ts';
import { homePaths } from '../../../home/index.ts';
import { type RunningServer, startServer } from '../../../server/index.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { createLogView, logForm } from '../../log-view.ts';
import { jsonLine, plural, wrap } from '../../render/index.ts';
import { usageError } from '../../usage-error.ts';
import { DROPPED, ENDING_SIGNALS, type EndingSignal } from '../serve/ending.ts';
import { DEMO_CONFIG, SCENES, type Scene } from './script.ts';

/** Flags of `demo`. */
export interface DemoFlags {
  seconds: string;
  keep?: true;
}

const LONGEST_S = 600;

/**
 * `demo`: a server of its own on a free port, in a directory of its own, plays scripted requests against the built-in
 * provider. The user's configuration, keys and ledger are not touched. @throws UserError `usage`
 */
export async function runDemo(context: Context, flags: DemoFlags): Promise<void> {
  const lengthMs = lengthOf(flags.seconds);
  const dir = mkdtempSync(join(tmpdir(), 'unorouter-demo-'));
  const stop = listen();
  try {
    await play(context, dir, lengthMs, stop.signal);
  } finally {
    stop.forget();
    if (!flags.keep) rmSync(dir, { recursive: true, force: true });
  }
  if (flags.keep) hint(context, `Kept: ${dir}     ${context.prefix} logs --home ${dir}`);
  const ended: unknown = stop.signal.reason;
  if (typeof ended === 'string') context.exit(DROPPED[ended as EndingSignal]);
}

function lengthOf(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds >= 0 && seconds <= LONGEST_S))
    throw usageError(
      `--seconds takes a number from 0 to ${LONGEST_S}, not "${text}"`,
      '{cmd} demo --seconds 20',
    );
  return seconds * 1000;
}

/** Ctrl-C ends the show; the directory goes all the same. */
function listen(): { signal: AbortSignal; forget(): void } {
  const controller = new AbortController();
  // Each scene waits for it twice.
  setMaxListeners(0, controller.signal);
  const listeners = ENDING_SIGNALS.map((name) => [name, () => controller.abort(name)] as const);
  for (const [name, listener] of listeners) process.on(name, listener);
  return {
    signal: controller.signal,
    forget() {
      for (const [name, listener] of listeners) process.off(name, listener);
    },
  };
}

async function play(context: Context, dir: string, lengthMs: number, signal: AbortSignal): Promise<void> {
  const server = await openServer(context, dir);
  const finished: Exchange[] = [];
  const view = createLogView(context, {
    form: logForm(context, undefined, '{cmd} demo --help'),
    fields: [],
    provider: (id) => server.catalog.provider(id),
    show: () => true,
    footer: () => ({ today: server.status().today, budgets: [], problems: [], demo: finished.length }),
    warn: (text) => context.stderr.write(`${text}\n`),
  });
  const stopHearing = server.feed.subscribe((event) => {
    if (event.type === 'finish') finished.push(event.exchange);
    view.event(event);
  });
  try {
    await Promise.all(SCENES.map((scene) => perform(scene, server, lengthMs, signal)));
  } finally {
    await server.stop(signal.aborted ? 'now' : 'drain');
    stopHearing();
    view.end();
  }
  if (!signal.aborted) sayEnd(context, finished);
}

/** Only what the show needs comes in from outside: no key, no proxy, no keychain. */
function openServer(context: Context, dir: string): Promise<RunningServer> {
  const env = { UNOROUTER_HOME: dir, UNOROUTER_NO_KEYCHAIN: '1' };
  const paths = homePaths(env);
  writeFileSync(paths.configFile, DEMO_CONFIG);
  return startServer({
    ...{ paths, env, prefix: context.prefix, host: '127.0.0.1', port: 0, anyPort: true },
    ...{ demo: false, auth: true, insecureHttp: false, strict: false, defaultModel: null },
    notice: () => undefined,
  });
}

/** Sends a request when its time has come, and reads the answer. */
async function perform(
  { at, agent, project, path, body }: Scene,
  server: RunningServer,
  lengthMs: number,
  signal: AbortSignal,
): Promise<void> {
  await wait(at * lengthMs, undefined, { signal }).catch(() => undefined);
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const sent = request(
      `${server.url}${path}`,
      {
        method: 'POST',
        agent: false,
        signal,
        headers: {
          authorization: `Bearer ${server.token}.${agent}.${project}`,
          'content-type': 'application/json',
        },
      },
      (response) => response.on('close', resolve).resume(),
    );
    sent.on('error', () => resolve());
    sent.end(JSON.stringify(body));
  });
}

/** What could be seen, and how to go on. */
function sayEnd(context: Context, finished: readonly Exchange[]): void {
  const fallbacks = finished.filter(movedOn).length;
  const retries = finished.filter((x) => x.attempts.length > 1 && !movedOn(x)).length;
  const agents = new Set(finished.map(({ agent }) => agent)).size;
  if (context.json) {
    context.stdout.write(jsonLine({ requests: finished.length, agents, retries, fallbacks }));
    return;
  }
  const facts = [
    plural(finished.length, 'request'),
    plural(agents, 'agent'),
    retries === 1 ? '1 retry' : `${retries} retries`,
    plural(fallbacks, 'fallback'),
  ].join(', ');
  const lines = [
    `That was the demo: ${facts}; nothing left this machine.`,
    `Now for real:  ${context.prefix} keys add <provider>   then   ${context.prefix} serve`,
  ];
  hint(context, lines[0] ?? '');
  for (const line of wrap(lines[1] ?? '', context.stderr.width()))
    if (!context.quiet) context.stderr.write(`${line}\n`);
}

/** Another target than the first one answered. */
function movedOn({ attempts }: Exchange): boolean {
  const [first] = attempts;
  const last = attempts.at(-1);
  return first !== undefined && (first.model !== last?.model || first.provider !== last.provider);
}
