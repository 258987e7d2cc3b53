import {
  calendarSpan,
  isTime,
  type LedgerReader,
  type SpendDimension,
  type SpendRow,
  type TimeDimension,
} from '../../../ledger/index.ts';
import { day } from '../../render/index.ts';
import { type Clock, startOfDay } from '../../since.ts';
import { queryOf, type SpendRequest } from './query.ts';

/** What is added up, without what it is grouped by. */
export type Sums = Omit<SpendRow, 'key'>;

/** A spending report: rows in the order in which they are shown. */
export interface Spending {
  rows: SpendRow[];
  total: Sums;
}

/** Names of the sums in JSON and CSV. */
export const SUMS = [
  'requests',
  'errors',
  'input',
  'cacheRead',
  'cacheWrite',
  'output',
  'reasoning',
  'costNanoUsd',
  'unpriced',
  'estimated',
  'retryNanoUsd',
  'savedByCacheNanoUsd',
  'savedByRouteNanoUsd',
] as const satisfies readonly (keyof Sums)[];

/** A period of more days begins with the first on which something was recorded. */
const MOST_EMPTY_DAYS = 400;

/** Asks the ledger. Without one there is nothing, not even empty days. */
export function addUp(reader: LedgerReader | null, request: SpendRequest, clock: Clock): Spending {
  const found = reader?.spend(queryOf(request, clock.utc)) ?? [];
  return { rows: reader ? inOrder(found, request, clock) : [], total: totalOf(found) };
}

/** The sum of the rows that are shown: no second question that could be answered differently. */
function totalOf(rows: readonly SpendRow[]): Sums {
  const total = Object.fromEntries(SUMS.map((name) => [name, 0])) as Sums;
  for (const row of rows) for (const name of SUMS) total[name] += row[name];
  return total;
}

/** Spans of the calendar as they came, with the empty ones when they are all there is; anything else dearest first. */
function inOrder(rows: SpendRow[], { by, period }: SpendRequest, clock: Clock): SpendRow[] {
  if (!by.some(isTime))
    return [...rows].sort((a, b) => b.costNanoUsd - a.costNanoUsd || b.requests - a.requests);
  const [only] = by;
  return by.length === 1 && only && isTime(only) ? withEmptySpans(rows, only, period, clock) : rows;
}

function withEmptySpans(
  rows: SpendRow[],
  dimension: TimeDimension,
  period: SpendRequest['period'],
  { now, utc }: Clock,
): SpendRow[] {
  const end = Math.min(period.until, startOfDay(now, utc, 1));
  const spans = new Map<string | null, SpendRow>();
  const first = startOfDay(Math.max(period.since, startOfDay(end - 1, utc, -MOST_EMPTY_DAYS)), utc);
  for (let start = first; start < end; start = startOfDay(start, utc, 1)) {
    const key = calendarSpan(dimension, day(start, utc));
    spans.set(key, { key: [key], ...totalOf([]) });
  }
  for (const row of rows) spans.set(row.key[0] ?? null, row);
  return [...spans.values()].sort((a, b) => ((a.key[0] ?? '') < (b.key[0] ?? '') ? -1 : 1));
}

/** A row as JSON and CSV have it. Field by field: a spread takes ten times as long, and there may be thousands of sessions. */
export function rowJson(by: readonly SpendDimension[], row: SpendRow): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  by.forEach((dimension, i) => {
    json[dimension] = row.key[i] ?? null;
  });
  for (const name of SUMS) json[name] = row[name];
  return json;
}
