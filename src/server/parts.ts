import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../errors.ts';
import type { Recorder } from '../exchange.ts';
import { createFeed, type Feed } from '../feed/index.ts';
import { createHealth, type Health } from '../health/index.ts';
import { type Ledger, openLedger } from '../ledger/index.ts';
import { createFetchList, createLists, type Lists } from './lists.ts';
import { createRecorder } from './recorder.ts';
import { openShelves, type Shelves } from './shelves.ts';
import { createSticky, type Sticky } from './sticky.ts';
import { createTallies, type Tallies } from './today.ts';
import { openTransports, type Transports } from './transports.ts';
import type { ServeOptions } from './types.ts';
import { createUlid } from './ulid.ts';

/** Everything that a server is made of but its sockets. */
export interface Parts {
  options: ServeOptions;
  /** ms since 1970 */
  startedAt: number;
  shelves: Shelves;
  transports: Transports;
  ledger: Ledger;
  feed: Feed;
  tallies: Tallies;
  health: Health;
  sticky: Sticky;
  recorder: Recorder;
  lists: Lists;
  newId(): string;
  /** What is wrong at the moment and told by `status`: a configuration that was saved and cannot be used. */
  trouble: { config: string | null };
  /** Web origins under which this server is reached. */
  ownOrigins: Set<string>;
  onBug(error: unknown): void;
  /** See `cut`. */
  ending: AbortSignal;
  /** Breaks off every call that runs, so that its client hears why. */
  cut(): void;
  close(): Promise<void>;
}

/** Waits; rejects when the signal is aborted. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}

function bugTeller(options: ServeOptions): (error: unknown) => void {
  return (error) => {
    // Messages of our own code name code; those of others may quote a prompt.
    const name = error instanceof Error ? error.name : typeof error;
    const [, at = ''] = (error instanceof Error ? (error.stack ?? '') : '').split('\n');
    options.notice(
      'warn',
      `a bug of ours stopped one request, not the server: ${name}${at.trim() ? ` ${at.trim()}` : ''}`,
    );
  };
}

/** What clients hear whose request comes too late, or runs too long, for a server that ends. */
export function shuttingDown(): GatewayError {
  return new GatewayError({
    code: 'shutting_down',
    kind: 'overloaded',
    status: 503,
    message: 'unorouter: this server is stopping',
  });
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** Opens them. @throws UserError `config_invalid`, `unsafe_file` */
export async function openParts(options: ServeOptions): Promise<Parts> {
  const startedAt = Date.now();
  const life = new AbortController();
  const ending = new AbortController();
  // Every call that runs listens.
  setMaxListeners(0, ending.signal);
  const newId = createUlid();
  const ownOrigins = new Set<string>();
  const onBug = bugTeller(options);
  const fetchList = createFetchList(
    () => shelves.keys,
    () => transports.network(),
    life.signal,
  );
  const shelves: Shelves = await openShelves(options, fetchList);
  const transports: Transports = await openTransports(shelves.now().config, {
    env: options.env,
    prefix: options.prefix,
    newId,
    wait,
    isOwn: (url) => ownOrigins.has(originOf(url)),
  });
  const ledger = openLedger({
    file: options.paths.ledgerFile,
    onProblem: (text) => options.notice('warn', text),
  });
  const feed = createFeed();
  const tallies = createTallies(ledger, startedAt, Date.now);
  const lists = createLists(shelves, () => shelves.now().config.catalog.refresh);
  return {
    options,
    startedAt,
    shelves,
    transports,
    ledger,
    feed,
    tallies,
    health: createHealth({ now: Date.now }),
    sticky: createSticky({ now: Date.now }),
    recorder: createRecorder([{ finish: tallies.add }, ledger, feed], onBug),
    lists,
    newId,
    trouble: { config: null },
    ownOrigins,
    onBug,
    ending: ending.signal,
    cut: () => ending.abort(shuttingDown()),
    async close() {
      life.abort();
      lists.stop();
      await Promise.all([ledger.close(), transports.close()]);
    },
  };
}
