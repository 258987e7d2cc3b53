import { availableParallelism } from 'node:os';
import { type Bodies, createBodies } from '../bodies/index.ts';
import type { Budgets } from '../budget/index.ts';
import type { Recorder } from '../exchange.ts';
import { createFeed, type Feed } from '../feed/index.ts';
import { maskText } from '../keys/index.ts';
import { type Ledger, openLedger } from '../ledger/index.ts';
import type { CacheDoctor } from '../prompt-cache/index.ts';
import { type Guesser, openGuesser } from './attribution/index.ts';
import { budgetListener, openBudgets } from './budgets.ts';
import { openCacheDoctor } from './cache-doctor.ts';
import { createFlagBudgets, type FlagBudgets } from './flag-budgets.ts';
import { createPatientRecorder } from './patient-recorder.ts';
import { createRecorder } from './recorder.ts';
import { createRetention, type Retention } from './retention.ts';
import type { Shelves } from './shelves.ts';
import { createTallies, type Tallies } from './today.ts';
import type { ServeOptions } from './types.ts';

/** On a single processor the ledger's thread would start at the expense of the first requests. */
const ALONE_MS = 100;

/** Whatever hears of exchanges, and what is made of them. */
export interface Books {
  ledger: Ledger;
  feed: Feed;
  tallies: Tallies;
  budgets: Budgets;
  /** Those among them that no file holds. */
  flagBudgets: FlagBudgets;
  guesser: Guesser;
  cacheDoctor: CacheDoctor;
  recorder: Recorder;
  retention: Retention;
  bodies: Bodies;
  /** Resolves when everything that has ended is on disk, or the disk refuses it. */
  flush(): Promise<void>;
}

/** What books need of a server. */
export interface BooksDeps {
  options: ServeOptions;
  shelves: Shelves;
  /** ms since 1970 */
  startedAt: number;
  onBug(error: unknown): void;
}

/** Opens them, and the way to them: budgets and the doctor of caches look before a row is written. */
export function openBooks({
  options,
  shelves,
  startedAt,
  onBug,
}: BooksDeps): Books & { close(): Promise<void> } {
  const ledger = openLedger({
    file: options.paths.ledgerFile,
    onProblem: (text) => options.notice('warn', text),
    startAfterMs: availableParallelism() === 1 ? ALONE_MS : 0,
  });
  const feed = createFeed();
  const tallies = createTallies(ledger, startedAt, Date.now);
  const flagBudgets = createFlagBudgets(options.budget ?? null, Date.now);
  const budgets = openBudgets({ options, shelves, ledger, startedAt, flagBudgets });
  const guesser = openGuesser(options.env);
  const cacheDoctor = openCacheDoctor(shelves);
  const recorder = createPatientRecorder(
    createRecorder([{ finish: tallies.add }, ledger, feed], onBug),
    ({ id }) => guesser.pending(id),
  );
  const bodies = createBodies({
    dir: options.paths.bodiesDir,
    mode: () => options.bodies ?? shelves.now().config.log.bodies,
    maxBytes: () => shelves.now().config.log.maxBytes,
    mask: (text, secrets) => maskText(shelves.keys.mask(text), secrets),
    notice: (text) => options.notice('warn', text),
  });
  const retention = createRetention([ledger, bodies], () => shelves.now().config.log, Date.now);
  return {
    ledger,
    feed,
    tallies,
    budgets,
    flagBudgets,
    guesser,
    cacheDoctor,
    recorder: createRecorder([budgetListener(budgets), { finish: cacheDoctor.end }, recorder], onBug),
    retention,
    bodies,
    async flush() {
      await recorder.idle();
      await Promise.all([ledger.flush(), bodies.idle()]);
    },
    async close() {
      retention.stop();
      await recorder.idle();
      await Promise.all([ledger.close(), bodies.idle()]);
    },
  };
}
