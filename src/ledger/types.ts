import type { CacheBreak, Exchange, Recorder } from '../exchange.ts';
import type { Usage } from '../pivot/index.ts';

/** Spans of the calendar: `2026-11-24`, the Monday of a week likewise, `2026-11`. */
export type TimeDimension = 'day' | 'week' | 'month';

/** Dimensions that spending can be grouped by. */
export type SpendDimension = TimeDimension | 'model' | 'provider' | 'agent' | 'project' | 'session' | 'rule';

/** One group of a spending report. Sums of unknown counts are sums of the known ones. */
export interface SpendRow {
  /** One value per dimension asked for, in that order; null = not known. */
  key: (string | null)[];
  requests: number;
  errors: number;
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
  /** Integer nano-dollars of the rows whose price is known. */
  costNanoUsd: number;
  /** Rows with billed tokens and no known price: totals are "at least". */
  unpriced: number;
  /** Rows whose cost rests on an estimate. */
  estimated: number;
  /** Of the cost: what attempts cost that gave no answer. */
  retryNanoUsd: number;
  /** What providers' prompt caches saved, and what it saved that another model served than was asked for; below 0 = cost. */
  savedByCacheNanoUsd: number;
  savedByRouteNanoUsd: number;
}

/** What one finished exchange used, and the group of a report that it belongs to. */
export interface UsedBy {
  key: (string | null)[];
  /** ms since 1970 */
  time: number;
  usage: Usage;
}

/** Sums over every finished exchange of a span that is not the demo provider's. */
export interface Totals {
  requests: number;
  /** Every outcome but `ok`. */
  errors: number;
  /** Requests that needed another target than the first. */
  fallbacks: number;
  /** Integer nano-dollars of the rows whose price is known. */
  costNanoUsd: number;
  /** Rows with billed tokens and no known price: the cost is "at least". */
  unpriced: number;
  /** Rows whose cost rests on an estimate. */
  estimated: number;
  input: number;
  cacheRead: number;
}

/**
 * What to add up: exchanges that started in the span, once they are finished. Times are ms since 1970, `until`
 * exclusive.
 */
export interface SpendQuery {
  by: SpendDimension[];
  since: number;
  until: number;
  /** true = ONLY the demo provider's rows; false = everything but them. */
  demo: boolean;
  /** Only this one, by its whole id; absent = all. */
  session?: string;
  /**
   * The day that a time belongs to, for example `2026-11-24` (a function because of time zones and daylight saving).
   * Called with the start of a quarter of an hour UTC: every zone of today has its midnight on one.
   */
  dayOf(time: number): string;
}

/** Requests whose prompt cache was lost for the same reason. */
export interface CacheLossRow extends Pick<CacheBreak, 'part' | 'by'> {
  requests: number;
  /** Tokens that were read anew. */
  tokens: number;
  /** Nano-dollars that this cost more, as far as it is known. */
  costNanoUsd: number;
  /** Requests of which it is not known. */
  unpriced: number;
}

/** What a clean-up takes away. Sums and requests on their way always stay. */
export interface PruneQuery {
  /** Requests that began before, ms since 1970 (down to a quarter of an hour); null = whatever their age. */
  before: number | null;
  /** The oldest beyond this size of the file; null = however large. */
  maxBytes: number | null;
}

/** Which sums of money budgets ask for. */
export interface SpentQuery {
  /** Local days, ms since 1970, `until` exclusive; they begin between two quarters of an hour. */
  days: readonly { since: number; until: number }[];
  /** true = ONLY requests whose project was declared (label or header), by project; else all, under project ''. */
  declared: boolean;
}

/** What was spent on one day by requests that agree in everything else. '' = not known. */
export interface SpentRow {
  /** Start of the day, as it was asked for. */
  day: number;
  provider: string;
  model: string;
  agent: string;
  project: string;
  nanoUsd: number;
}

/** Filters of `logs`. */
export interface LogQuery {
  limit: number;
  since?: number;
  until?: number;
  agent?: string;
  /** Any part of the name asked for or of `provider/model id` of the target, in either case. */
  model?: string;
  provider?: string;
  project?: string;
  /** Name of the rule of the plan, whole. */
  rule?: string;
  /** `ok`, `err` (every other end), an outcome (`client_aborted`), `4xx`, `5xx`, or a status number. */
  status?: string;
  /** ms */
  slowerThan?: number;
  minCostNanoUsd?: number;
  /** Only those that needed another target. */
  fallback?: boolean;
  /** Only those that name their session. */
  inSession?: boolean;
  /** Only those with a billed attempt at this provider whose answer it gave a name, whoever served them in the end. */
  billedBy?: string;
  /** true = only the demo provider's; false = only others. */
  demo?: boolean;
  /** Any part, in either case, of id, names, error code or error message. */
  grep?: string;
}

/**
 * The writing side, in the server only. The proxy never waits for it: calls queue (bounded) and return. `update` is a
 * checkpoint, at most one per exchange in 1.5 seconds, so that a killed server's open rows keep their tokens so far.
 */
export interface Ledger extends Recorder {
  /**
   * Resolves when everything recorded before is on disk, or when the disk refuses it for now (problems() says why; it
   * stays queued). Never rejects. Called first, it waits until the file is open or its problem is known.
   */
  flush(): Promise<void>;
  /** Flushes, then sums. null = the file cannot be read. */
  totals(since: number, until: number): Promise<Totals | null>;
  /** Flushes, then sums what budgets count, without the demo provider. null = the file cannot be read. */
  spent(query: SpentQuery): Promise<SpentRow[] | null>;
  /**
   * Deletes requests in small steps, between which records are written, and gives their room back to the system. Resolves
   * with how many; null = the file cannot be written.
   */
  prune(query: PruneQuery): Promise<number | null>;
  /** Flushes and ends the worker. What the disk still refuses is lost, and said. */
  close(): Promise<void>;
  /** What the user must know: `disk full`, `newer version`, dropped rows. Empty = all is well. */
  problems(): string[];
}

/**
 * The reading side: opens the file read-only, works while a server writes and when none runs. Every method throws
 * UserError (exit 1) when it meets a damaged page.
 */
export interface LedgerReader {
  /** Newest first. */
  exchanges(query: LogQuery): Exchange[];
  /**
   * By any unique part of the id, in either case (tables show the shortest unique tail). Several matches = all of them,
   * newest first, but no more than 1,000.
   */
  find(idPart: string): Exchange[];
  /** All that match, oldest first, in pages: however many there are, memory holds one page. `limit` counts for nothing. */
  pages(query: LogQuery): Iterable<Exchange[]>;
  /** How many match, whatever `limit` says. */
  count(query: LogQuery): number;
  /** Ordered by key, unknown last. With no dimension: exactly one row. */
  spend(query: SpendQuery): SpendRow[];
  /** The same sums as Ledger.spent. */
  spent(query: SpentQuery): SpentRow[];
  /** Every finished exchange with known tokens, in the order of time: a million take seconds. */
  eachUsage(query: SpendQuery, each: (used: UsedBy) => void): void;
  /** What lost prompt caches cost, dearest first; without the demo provider. Times are ms since 1970, `until` exclusive. */
  cacheLosses(since: number, until: number): CacheLossRow[];
  /** The same sums as Ledger.totals. */
  todayTotals(since: number, until: number): Totals;
  close(): void;
}

/** How the ledger is opened for writing. */
export interface LedgerOptions {
  file: string;
  /** Called once per new problem, with a sentence for the user. */
  onProblem(text: string): void;
  /** Exchanges that may wait for the disk. Default 10,000; beyond that, finished ones are dropped and counted. */
  queueLimit?: number;
  /** The built worker. Default: `ledger-worker.cjs` beside the bundle. */
  workerUrl?: URL;
  /** How long SQLite waits for another process's lock. Default 5,000. */
  busyTimeoutMs?: number;
  /** The longest that a record waits for others; twice that while its request runs. Default 50. */
  batchMs?: number;
  /** Pause before a refused batch is tried again. Default 1,000. */
  retryMs?: number;
  /** The thread that writes starts so much later; records wait. Default 0. */
  startAfterMs?: number;
  /** It closes the file and ends when there was nothing to write or to ask for so long, and starts again. Default 10,000. */
  idleMs?: number;
  /** Monotonic ms, for the pace of checkpoints. */
  now?(): number;
}
