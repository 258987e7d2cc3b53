import { all, type Database, queries } from './database.ts';
import { BUCKET_MS, COUNTERS, type Counter } from './schema.ts';
import type { SpendDimension, SpendQuery, SpendRow, TimeDimension, Totals } from './types.ts';

type Sums = Record<Counter, number>;
type Column = Exclude<SpendDimension, TimeDimension>;

interface Group {
  key: (string | null)[];
  sums: Sums;
}

interface Span {
  since: number;
  until: number;
  day: string | null;
}

/** Whole days but the first and the last are at least this long: clocks are put forward by less than four hours. */
const SHORTEST_DAY_MS = 20 * 3_600_000;

/** Spending by any dimensions, ordered by key, unknown last. With no dimension: exactly one row. */
export function spend(db: Database, query: SpendQuery): SpendRow[] {
  return sum(db, query).map(({ key, sums }) => ({
    key,
    requests: sums.requests,
    errors: sums.errors,
    input: sums.input,
    cacheRead: sums.cache_read,
    cacheWrite: sums.cache_write,
    output: sums.output,
    reasoning: sums.reasoning,
    costNanoUsd: sums.cost_nano,
    unpriced: sums.unpriced,
    estimated: sums.estimated,
    retryNanoUsd: sums.retry_nano,
    savedByCacheNanoUsd: sums.saved_cache_nano,
    savedByRouteNanoUsd: sums.saved_route_nano,
  }));
}

/** One sum over everything in a span but the demo provider's. */
export function totals(db: Database, since: number, until: number): Totals {
  const [whole] = sum(db, { by: [], since, until, demo: false, dayOf: String });
  const sums = whole?.sums ?? nothing();
  return {
    requests: sums.requests,
    errors: sums.errors,
    fallbacks: sums.fallbacks,
    costNanoUsd: sums.cost_nano,
    unpriced: sums.unpriced,
    estimated: sums.estimated,
    input: sums.input,
    cacheRead: sums.cache_read,
  };
}

/** The one aggregation. A day is a span of its own, so SQL never groups by time; weeks and months are made of days. */
function sum(db: Database, query: SpendQuery): Group[] {
  const { since, until, by } = query;
  const columns = [...new Set(by)].filter((dimension) => !isTime(dimension));
  const spans = by.some(isTime) ? daysIn(db, query) : [{ since, until, day: null }];
  const groups = new Map<string, Group>();
  for (const span of spans)
    for (const part of parts(span, query.demo, columns))
      for (const row of all(db, part)) {
        if (row.requests === null) continue; // SQL's one row of NULLs where nothing was grouped.
        const key = by.map((dimension) =>
          isTime(dimension) ? calendar(dimension, span.day) : row[dimension] || null,
        );
        addTo(groups, key, row);
      }
  if (by.length === 0) addTo(groups, [], {});
  return [...groups.values()].sort((a, b) => compareKeys(a.key, b.key));
}

const SPAN_OF: { [T in TimeDimension]: (day: string) => string } = {
  day: (day) => day,
  week: mondayOf,
  month: (day) => day.slice(0, 7),
};

function isTime(dimension: SpendDimension): dimension is TimeDimension {
  return Object.hasOwn(SPAN_OF, dimension);
}

function calendar(dimension: TimeDimension, day: string | null): string | null {
  return day === null ? null : SPAN_OF[dimension](day);
}

/** The Monday of a day's week, by the calendar alone: days have no zone any more. */
function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

/** Rollups for the quarters of an hour that lie wholly in the span, single rows for what is left of it at both ends. */
function parts({ since, until }: Span, demo: boolean, columns: Column[]) {
  const first = Math.ceil(since / BUCKET_MS) * BUCKET_MS;
  const last = Math.floor(until / BUCKET_MS) * BUCKET_MS;
  const rows = (from: number, to: number) =>
    grouped('counted', columns)
      .where('time', '>=', from)
      .where('time', '<', to)
      .where('demo', '=', Number(demo));
  if (first >= last) return [rows(since, until)];
  return [
    ...(since < first ? [rows(since, first)] : []),
    grouped(columns.includes('session') ? 'session_rollup' : 'rollup', columns)
      .where('bucket', '>=', first)
      .where('bucket', '<', last)
      .where('demo', '=', Number(demo)),
    ...(last < until ? [rows(last, until)] : []),
  ];
}

function grouped(table: 'rollup' | 'session_rollup' | 'counted', columns: Column[]) {
  return queries
    .selectFrom(table as 'counted')
    .select(columns)
    .select(({ fn }) => COUNTERS.map((counter) => fn.sum<number | null>(counter).as(counter)))
    .$if(columns.length > 0, (select) => select.groupBy(columns));
}

/** The days of a span, as far as there is anything in them. */
function daysIn(db: Database, { since, until, dayOf }: SpendQuery): Span[] {
  const recorded = recordedSpan(db);
  const end = Math.min(until, recorded.last + BUCKET_MS);
  const days: Span[] = [];
  let start = Math.max(since, recorded.first);
  while (start < end) {
    const day = dayOf(floor(start));
    let next = floor(start) + (days.length === 0 ? BUCKET_MS : SHORTEST_DAY_MS);
    while (next < end && dayOf(next) === day) next += BUCKET_MS;
    days.push({ since: start, until: Math.min(next, end), day });
    start = next;
  }
  return days;
}

/** From the first bucket to the last. Two questions: each alone is answered by the index. */
function recordedSpan(db: Database): { first: number; last: number } {
  const buckets = queries.selectFrom('rollup');
  const [low] = all(
    db,
    buckets.select(({ fn }) => fn.min<number | null>('bucket').as('bucket')),
  );
  const [high] = all(
    db,
    buckets.select(({ fn }) => fn.max<number | null>('bucket').as('bucket')),
  );
  return { first: low?.bucket ?? 0, last: high?.bucket ?? 0 };
}

function floor(time: number): number {
  return Math.floor(time / BUCKET_MS) * BUCKET_MS;
}

function addTo(
  groups: Map<string, Group>,
  key: Group['key'],
  row: Partial<Record<Counter, number | null>>,
): void {
  const name = JSON.stringify(key);
  const group = groups.get(name) ?? { key, sums: nothing() };
  groups.set(name, group);
  for (const counter of COUNTERS) group.sums[counter] += row[counter] ?? 0;
}

function nothing(): Sums {
  return Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Sums;
}

function compareKeys(a: (string | null)[], b: (string | null)[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  const [left, right] = [a[at] ?? null, b[at] ?? null];
  if (left === right) return 0;
  if (left === null || right === null) return left === null ? 1 : -1;
  return left < right ? -1 : 1;
}
