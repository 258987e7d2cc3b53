import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Exchange } from '../../../src/exchange.ts';
import { createFeed } from '../../../src/feed/index.ts';
import { claimHome, ensurePrivateDir, homePaths } from '../../../src/home/index.ts';
import { openLedger } from '../../../src/ledger/index.ts';
import { managementHandlers } from '../../../src/server/management.ts';
import { BIN, type TestHome } from '../../support/cli.ts';

/** The parts of a server that `logs -f` talks to: management API, feed and ledger, all real, on a free port. */
export interface WatchedServer {
  /** Opens and finishes each, as the relay would. */
  record(...exchanges: Exchange[]): void;
  /** Resolves when somebody listens to the feed. */
  watched: Promise<void>;
  /** Called at every flush, before the ledger is flushed. */
  onFlush(work: () => void): void;
  close(): void;
}

/** Starts one that `findServer` finds in this home. */
export async function startWatchedServer(home: TestHome): Promise<WatchedServer> {
  const paths = homePaths(home.env);
  ensurePrivateDir(paths.stateDir);
  const ledger = openLedger({ file: paths.ledgerFile, onProblem: () => undefined });
  const feed = createFeed();
  let atFlush: () => void = () => undefined;
  let heard: () => void = () => undefined;
  const watched = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const handlers = managementHandlers({
    status: () => {
      throw new Error('not asked for');
    },
    feed: {
      ...feed,
      subscribe: (listener) => {
        heard();
        return feed.subscribe(listener);
      },
    },
    stop: () => undefined,
    flush: () => {
      atFlush();
      return ledger.flush();
    },
    prune: () => Promise.resolve(0),
    reloadKeys: () => Promise.resolve(),
    reloadBudgets: () => undefined,
    refreshModels: () => Promise.resolve([]),
    reloadToken: () => undefined,
    explainRoute: () => Promise.reject(new Error('not asked for')),
    budgetsReady: () => Promise.resolve(),
    attach: () => null,
    testRoute: () => Promise.reject(new Error('not asked for')),
    verifyModel: () => Promise.reject(new Error('not asked for')),
    replay: () => Promise.reject(new Error('not asked for')),
  });
  const server = createServer((request, response) => {
    if (request.url === '/health')
      response.end(JSON.stringify({ name: 'unorouter', pid: process.pid, version: '0' }));
    else void handlers.get(`${request.method} ${request.url}`)?.(request, response, Buffer.alloc(0));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  await claimHome(paths, { pid: process.pid, url, port, version: '0', startedAt: 0 });
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(async () => {
    close();
    await ledger.close();
  });
  return {
    watched,
    onFlush: (work) => {
      atFlush = work;
    },
    record: (...exchanges) => {
      for (const exchange of exchanges) {
        for (const recorder of [ledger, feed]) {
          recorder.open({ ...exchange, outcome: 'open' });
          recorder.finish(exchange);
        }
      }
    },
    close,
  };
}

/** A command that goes on until it is stopped. */
export interface Follower {
  child: ChildProcessWithoutNullStreams;
  stdout(): string;
  stderr(): string;
  /** Resolves when stdout contains the text. */
  says(text: string): Promise<void>;
  ended: Promise<number | null>;
}

/** Starts the built program, piped. */
export function follow(home: TestHome, args: readonly string[], env: NodeJS.ProcessEnv = {}): Follower {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...home.env, ...env }, cwd: home.dir });
  onTestFinished(() => void child.kill('SIGKILL'));
  const text = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  child.stdout.on('data', (bytes) => {
    text.stdout += bytes;
    for (const look of waiting) look();
  });
  child.stderr.on('data', (bytes) => {
    text.stderr += bytes;
  });
  return {
    child,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    says: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (text.stdout.includes(wanted)) resolve();
        };
        waiting.add(look);
        look();
      }),
    ended: new Promise((resolve) => child.on('close', (code) => resolve(code))),
  };
}
