import type { IncomingMessage, ServerResponse } from 'node:http';
import { UserError } from '../errors.ts';
import {
  claimHome,
  createTokenCheck,
  ensurePrivateDir,
  findServer,
  loadToken,
  newToken,
  releaseHome,
} from '../home/index.ts';
import { VERSION } from '../version.ts';
import { type AppDeps, createApp } from './app.ts';
import { type Attachments, createAttachments } from './attachments.ts';
import { alreadyRunning, bindServer, checkHost, isLoopback } from './bind.ts';
import { createDrain, type Drain } from './drain.ts';
import { type CheckToken, type GuardRules, hostNames, isManagement, pathOf } from './guard.ts';
import { createRest, limitGrowth } from './heap.ts';
import type { Listening } from './listen.ts';
import { listedModels } from './model-lists.ts';
import { openParts, type Parts, shuttingDown } from './parts.ts';
import { reloadKeys, watchForChanges } from './reload.ts';
import { replay } from './replay.ts';
import { proxyDeps } from './request-deps.ts';
import { sendError, toPivotError } from './respond.ts';
import { routeActions } from './route-actions.ts';
import { serverStatus } from './status.ts';
import { keepStatuslineFile } from './statusline.ts';
import { createStopping, type Stopping } from './stopping.ts';
import type { RunBudget, RunningServer, ServeOptions } from './types.ts';

/**
 * Starts the server of a home: binds, opens the ledger, and begins to refresh lists of models in the background.
 * @throws UserError `port_in_use`, `unsafe_bind`, `cannot_listen`, `config_invalid`, `unsafe_file`
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  checkHost(options.host, options);
  makeStateDir(options);
  const other = await findServer(options.paths);
  if (other) throw alreadyRunning(other, Date.now());
  const parts = await openParts(options);
  try {
    return await run(parts);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

/** What changes while a server runs and is not a shelf. */
interface Doors {
  token: string;
  checkToken: CheckToken;
  refused: number;
  port: number;
}

async function run(parts: Parts): Promise<RunningServer> {
  const { options } = parts;
  limitGrowth();
  const token = tokenOf(options);
  parts.bodies.hide(token);
  const doors: Doors = { token, checkToken: createTokenCheck(token), refused: 0, port: options.port };
  const drain = createDrain(() => rest.begin());
  const rest = createRest({ busy: () => drain.active() > 0 });
  let stopping: Stopping | undefined;
  const attachments = createAttachments({
    isPrivate: options.isPrivate === true,
    ending: () => stopping?.begun() ?? false,
    // What it ends with is told by `closed`.
    end: () => void stopping?.stop('drain'),
  });
  const app = createApp(appDeps(parts, doors, attachments, () => stopping));
  const listening = await bindServer(
    {
      host: options.host,
      port: options.port,
      admit: app.admit,
      listener: (request, response) => {
        if (enter(request, response, drain, stopping)) app.listener(request, response);
      },
    },
    options.anyPort,
  );
  doors.port = listening.port;
  for (const name of ['127.0.0.1', 'localhost', '[::1]'])
    parts.ownOrigins.add(`http://${name}:${listening.port}`);
  const url = urlOf(options.host, listening.port);
  await claim(parts, listening, url);
  const watch = watchForChanges(parts);
  const forget = keepStatuslineFile(options.paths, parts.feed, () =>
    serverStatus(parts, { url, refused: doors.refused }),
  );
  stopping = createStopping({
    listening,
    drain,
    feed: parts.feed,
    drainMs: () => parts.shelves.now().config.server.drainMs,
    cut: parts.cut,
    async close() {
      rest.stop();
      await forget();
      await watch.close();
      await parts.close();
      releaseHome(options.paths);
    },
  });
  parts.lists.start();
  parts.retention.start();
  await parts.ledger.flush();
  await parts.budgets.ready();
  return runningServer(parts, doors, url, stopping);
}

/** A disk that takes nothing stops nobody who only wants answers: the ledger tells of it. @throws UserError `unsafe_file` */
function makeStateDir({ paths }: ServeOptions): void {
  try {
    ensurePrivateDir(paths.stateDir);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
  }
}

/** Without a file for it, a token for this run; the banner shows it. */
function tokenOf({ paths, env, notice }: ServeOptions): string {
  try {
    return loadToken(paths, env).token;
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    notice('warn', `${error.message}: the local token is good for this run only`);
    return newToken();
  }
}

function isUnwritable(error: unknown): error is UserError {
  return error instanceof UserError && error.code === 'cannot_write';
}

/** Counts a request; one that comes while the server ends is told so. */
function enter(
  request: IncomingMessage,
  response: ServerResponse,
  drain: Drain,
  stopping: Stopping | undefined,
): boolean {
  const path = pathOf(request);
  if (isManagement(path) || path === '/health') return true;
  if (stopping?.begun()) {
    sendError(request, response, toPivotError(shuttingDown()), { connection: 'close' });
    return false;
  }
  drain.enter(request, response);
  return true;
}

async function claim(parts: Parts, listening: Listening, url: string): Promise<void> {
  const { options, startedAt } = parts;
  const file = { pid: process.pid, url, port: listening.port, version: VERSION, startedAt };
  const other = await claimHome(options.paths, file).catch((error: unknown) => {
    // Then the port alone keeps two servers apart.
    if (isUnwritable(error)) return null;
    throw error;
  });
  if (!other) return;
  await listening.close();
  throw alreadyRunning(other, Date.now());
}

function urlOf(host: string, port: number): string {
  const everywhere = host === '0.0.0.0' || host === '::';
  const name = isLoopback(host) || everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** What the guard compares with: made anew only when the configuration or the token is another one. */
function createRules({ options, shelves }: Parts, doors: Doors): () => GuardRules {
  const own = isLoopback(options.host) ? [] : [options.host];
  let madeFrom: unknown[] = [];
  let rules: GuardRules | undefined;
  return () => {
    const { config } = shelves.now();
    const from = [config, doors.checkToken, doors.port];
    if (rules && from.every((one, i) => one === madeFrom[i])) return rules;
    madeFrom = from;
    rules = {
      hosts: hostNames(doors.port, [...own, ...config.server.allowHosts]),
      origins: new Set(config.server.allowOrigins),
      checkToken: options.auth ? doors.checkToken : null,
    };
    return rules;
  };
}

/** Counts one more run, and what it may spend. */
function attachRun(
  { flagBudgets, budgets }: Parts,
  attach: Attachments['attach'],
  budget: RunBudget | null,
): (() => void) | null {
  const detach = attach();
  if (!detach || !budget) return detach;
  const drop = flagBudgets.add(budget);
  return () => {
    drop();
    budgets.reload();
    detach();
  };
}

function appDeps(
  parts: Parts,
  doors: Doors,
  { attach }: Attachments,
  stopping: () => Stopping | undefined,
): AppDeps {
  const { options, shelves, feed } = parts;
  const status = () => serverStatus(parts, { url: urlOf(options.host, doors.port), refused: doors.refused });
  const proxy = proxyDeps(parts);
  return {
    rules: createRules(parts, doors),
    tokenCheck: (presented) => doors.checkToken(presented),
    proxy,
    management: {
      status,
      feed,
      budgetsReady: parts.budgets.ready,
      attach: (budget) => attachRun(parts, attach, budget),
      stop: (how) => void stopping()?.stop(how),
      flush: parts.flush,
      prune: (before) => parts.ledger.prune({ before, maxBytes: null }),
      reloadKeys: () => reloadKeys(parts),
      reloadBudgets: () => parts.budgets.reload(),
      refreshModels: (ids) => parts.lists.refresh(ids),
      ...routeActions(parts),
      replay: (what, signal) => replay(what, { dir: options.paths.bodiesDir, deps: proxy, signal }),
      reloadToken() {
        doors.token = loadToken(options.paths, options.env).token;
        parts.bodies.hide(doors.token);
        doors.checkToken = createTokenCheck(doors.token);
        options.notice('info', 'the local token was replaced');
      },
    },
    async models() {
      const { catalog, config } = shelves.now();
      await catalog.ready();
      return listedModels(catalog, config.aliases.keys(), (provider) =>
        provider.surfaces.some((surface) => ['have', 'none'].includes(shelves.keyState(provider, surface))),
      );
    },
    health: () => ({ name: 'unorouter', version: VERSION, pid: process.pid }),
    onBug: parts.onBug,
    onRefused: createRefusedTeller(parts, doors),
  };
}

/** Names that are told of at most: whoever makes names up shall not fill the terminal. */
const MOST_HOSTS = 5;

/** Counts what the guard refused. A name that somebody may want to allow is told to the operator, as the asker hears nothing of it. */
function createRefusedTeller({ options }: Parts, doors: Doors): AppDeps['onRefused'] {
  const told = new Set<string>();
  return ({ code }, host) => {
    doors.refused++;
    const name = host.replace(/:\d+$/, '');
    if (code !== 'host_refused' || told.size >= MOST_HOSTS || told.has(name)) return;
    if (!/^[A-Za-z0-9.[\]:_-]{1,100}$/.test(name)) return;
    told.add(name);
    options.notice(
      'warn',
      `a request to the name ${name} was refused. If that is this server: ${options.prefix} config set server.allow_hosts ${name}`,
    );
  };
}

function runningServer(parts: Parts, doors: Doors, url: string, stopping: Stopping): RunningServer {
  const { options, shelves, feed } = parts;
  return {
    url,
    port: doors.port,
    token: options.auth ? doors.token : null,
    feed,
    config: () => shelves.now().config,
    get catalog() {
      return shelves.now().catalog;
    },
    status: () => serverStatus(parts, { url, refused: doors.refused }),
    stop: stopping.stop,
    closed: stopping.closed,
  };
}
