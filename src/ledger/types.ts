import type { Exchange, Recorder } from '../exchange.ts';

/** Dimensions that spending can be grouped by. */
export type SpendDimension = 'day' | 'model' | 'provider' | 'agent' | 'project' | 'session';

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
}

/** What to add up. Times are ms since 1970, `until` exclusive. Demo rows are left out unless `demo`. */
export interface SpendQuery {
  by: SpendDimension[];
  since: number;
  until: number;
  /** true = ONLY the demo provider's rows; false = everything but them. */
  demo: boolean;
  /** Minutes east of UTC that define a day (a function because of daylight saving). */
  dayOf(time: number): string;
}

/** Filters of `logs`. */
export interface LogQuery {
  limit: number;
  since?: number;
  until?: number;
  agent?: string;
  model?: string;
  provider?: string;
  project?: string;
  /** `ok`, `err`, `4xx`, `5xx`, or a status number. */
  status?: string;
  /** ms */
  slowerThan?: number;
  minCostNanoUsd?: number;
  /** Only those that needed another target. */
  fallback?: boolean;
  grep?: string;
}

/** The writing side, in the server only. The proxy never waits for it: calls queue (bounded) and return. */
export interface Ledger extends Recorder {
  /** Resolves when everything recorded before is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
  /** What the user must know: `disk full`, `newer version`, dropped rows. Empty = all is well. */
  problems(): string[];
}

/** The reading side: opens the file read-only, works while a server writes and when none runs. */
export interface LedgerReader {
  /** Newest first. */
  exchanges(query: LogQuery): Exchange[];
  /** By any unique part of the id (tables show the shortest unique tail). Several matches = all of them. */
  find(idPart: string): Exchange[];
  count(query: LogQuery): number;
  spend(query: SpendQuery): SpendRow[];
  close(): void;
}
