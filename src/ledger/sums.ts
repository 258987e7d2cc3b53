import { type RawBuilder, sql } from 'kysely';
import { all, type Database, queries } from './database.ts';
import { BUCKET_MS, COUNTERS, type Counter } from './schema.ts';
import type { SpendDimension, SpendQuery, SpendRow, Totals } from './types.ts';

type Sums = Record<Counter, number>;

// Keys are never NULL in SQL (schema.ts): '' = not known.
const KEYS: Record<SpendDimension, RawBuilder<string>> = {
  day: sql`day_of(bucket)`,
  model: sql.ref('model'),
  provider: sql.ref('provider'),
  agent: sql.ref('agent'),
  project: sql.ref('project'),
  session: sql.ref('session'),
};

/** Spending by any dimensions, ordered by key, unknown last. */
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
  }));
}

/** One sum over everything in a span but the demo provider's. */
export function totals(db: Database, since: number, until: number): Totals {
  const [whole] = sum(db, { by: [], since, until, demo: false, dayOf: String });
  const sums = whole?.sums ?? sumsOf({});
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

/** The one aggregation. */
function sum(db: Database, query: SpendQuery): { key: (string | null)[]; sums: Sums }[] {
  // SQLite calls back for the day of a quarter of an hour: as fast as a column, and any zone's days will do.
  db.function('day_of', { deterministic: true }, remembered(query.dayOf));
  const by = [...new Set(query.by)];
  const rows = all(
    db,
    queries
      .selectFrom(source(query).as('part'))
      .select(by.map((dimension) => KEYS[dimension].as(dimension)))
      .select(({ fn }) => COUNTERS.map((counter) => fn.sum<number | null>(counter).as(counter)))
      .$if(by.length > 0, (select) => select.groupBy(by.map((dimension) => KEYS[dimension]))),
  );
  return rows
    .map((row) => ({
      key: query.by.map((dimension) => row[dimension] || null),
      sums: sumsOf(row),
    }))
    .sort((a, b) => compareKeys(a.key, b.key));
}

/**
 * Rollups for the quarters that lie wholly in the span, single rows for what is left of it at both ends. Rollups do not
 * know sessions, so with a session among the dimensions everything is summed from single rows.
 */
function source({ by, since, until, demo }: SpendQuery) {
  const columns = ['bucket', 'provider', 'model', 'agent', 'project', ...COUNTERS] as const;
  const first = Math.ceil(since / BUCKET_MS) * BUCKET_MS;
  const last = Math.floor(until / BUCKET_MS) * BUCKET_MS;
  const single = (from: number, to: number) =>
    queries
      .selectFrom('counted')
      .where('time', '>=', from)
      .where('time', '<', to)
      .where('demo', '=', Number(demo))
      .select(columns)
      .select('session');
  if (by.includes('session')) return single(since, until);
  return queries
    .selectFrom('rollup')
    .where('bucket', '>=', first)
    .where('bucket', '<', last)
    .where('demo', '=', Number(demo))
    .select(columns)
    .select(sql<string>`''`.as('session'))
    .unionAll(single(since, Math.min(first, until)))
    .unionAll(single(Math.max(last, first), until));
}

/** The sum over no rows at all is NULL in SQL. */
function sumsOf(row: Partial<Record<Counter, number | null>>): Sums {
  return Object.fromEntries(COUNTERS.map((counter) => [counter, row[counter] ?? 0])) as Sums;
}

function remembered(dayOf: (time: number) => string): (time: number) => string {
  const days = new Map<number, string>();
  return (time) => {
    const day = days.get(time) ?? dayOf(time);
    days.set(time, day);
    return day;
  };
}

function compareKeys(a: (string | null)[], b: (string | null)[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  const [left, right] = [a[at] ?? null, b[at] ?? null];
  if (left === right) return 0;
  if (left === null || right === null) return left === null ? 1 : -1;
  return left < right ? -1 : 1;
}
