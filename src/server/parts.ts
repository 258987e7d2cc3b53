import { setMaxListeners } from 'node:events';
import type { Budgets } from '../budget/index.ts';
import { GatewayError } from '../errors.ts';
import type { Recorder } from '../exchange.ts';
import { createFeed, type Feed } from '../feed/index.ts';
import { createHealth, type Health } from '../health/index.ts';
import { type Ledger, openLedger } from '../ledger/index.ts';
import type { CacheDoctor } from '../prompt-cache/index.ts';
import { type Guesser, openGuesser } from './attribution/index.ts';
import { budgetListener, openBudgets } from './budgets.ts';
import { openCacheDoctor } from './cache-doctor.ts';
import { createFetchList, createLists, type Lists } from './lists.ts';
import { createPatientRecorder } from './patient-recorder.ts';
import { createRecorder } from './recorder.ts';
import { createRetention, type Retention } from './retention.ts';
import { openShelves, type Shelves } from './shelves.ts';
import { createSticky, type Sticky } from './sticky.ts';
import { createTallies, type Tallies } from './today.ts';
import { openTransports, type Transports } from './transports.ts';
import type { ServeOptions } from './types.ts';
import { createUlid } from './ulid.ts';
import { wait } from './wait.ts';

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
  budgets: Budgets;
  guesser: Guesser;
  cacheDoctor: CacheDoctor;
  recorder: Recorder;
  lists: Lists;
  retention: Retention;
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
  /** Resolves when everything that has ended is on disk, or the disk refuses it. */
  flush(): Promise<void>;
  close(): Promise<void>;
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

function createEnding(): Pick<Parts, 'ending' | 'cut'> {
  const ending = new AbortController();
  // Every call that runs listens.
  setMaxListeners(0, ending.signal);
  return { ending: ending.signal, cut: () => ending.abort(shuttingDown()) };
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** Opens them. @throws UserError `config_invalid`, `unsafe_file` */
export async function openParts(options: ServeOptions): Promise<Parts> {
  const startedAt = Date.now();
  const life = new AbortController();
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
  const budgets = openBudgets({ options, shelves, ledger, startedAt });
  const guesser = openGuesser(options.env);
  const cacheDoctor = openCacheDoctor(shelves);
  const recorder = createPatientRecorder(
    createRecorder([{ finish: tallies.add }, ledger, feed], onBug),
    ({ id }) => guesser.pending(id),
  );
  const retention = createRetention(ledger, () => shelves.now().config.log, Date.now);
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
    budgets,
    guesser,
    cacheDoctor,
    recorder: createRecorder([budgetListener(budgets), { finish: cacheDoctor.end }, recorder], onBug),
    lists,
    retention,
    newId,
    trouble: { config: null },
    ownOrigins,
    onBug,
    ...createEnding(),
    async flush() {
      await recorder.idle();
      await ledger.flush();
    },
    async close() {
      life.abort();
      lists.stop();
      retention.stop();
      await recorder.idle();
      await Promise.all([ledger.close(), transports.close()]);
    },
  };
}
