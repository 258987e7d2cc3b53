import { calendarSpan, isTime } from './calendar.ts';
import { all, type Database, queries } from './database.ts';
import { BUCKET_MS, COUNTERS, type Counter, HOUR_MS } from './schema.ts';
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
  const ask = createAsker(db, columns, query);
  const levels =
    columns.includes('session') || query.session !== undefined ? [BY_HOUR] : [BY_HOUR, BY_QUARTER];
  for (const span of spans)
    for (const part of split(span.since, span.until, levels))
      for (const row of ask(part)) {
        const counters = row.slice(columns.length) as (number | null)[];
        if (counters[0] === null) continue; // SQL's one row of NULLs where nothing was grouped.
        addTo(groups, groupKey(by, named(columns, row), span.day), counters);
      }
  if (by.length === 0) addTo(groups, [], []);
  return [...groups.values()].sort((a, b) => compareKeys(a.key, b.key));
}

/** The group that something belongs to which began on a day. */
export function groupKey(
  by: readonly SpendDimension[],
  row: Readonly<Partial<Record<Column, string | null>>>,
  day: string | null,
): (string | null)[] {
  return by.map((dimension) =>
    isTime(dimension) ? day && calendarSpan(dimension, day) : row[dimension] || null,
  );
}

/** Where sums come from: rollups of whole hours, rollups of quarters, single rows. */
type Source = 'hour_rollup' | 'rollup' | 'counted';

interface Part {
  from: Source;
  since: number;
  until: number;
}

type Level = readonly [from: Source, step: number];

const BY_HOUR: Level = ['hour_rollup', HOUR_MS];
/** Does not know sessions. */
const BY_QUARTER: Level = ['rollup', BUCKET_MS];

/** Rollups for the steps that lie wholly in the span, finer ones for what is left of it at both ends, single rows for the rest. */
function split(since: number, until: number, levels: readonly Level[]): Part[] {
  if (since >= until) return [];
  const [level, ...finer] = levels;
  if (!level) return [{ from: 'counted', since, until }];
  const [from, step] = level;
  const first = Math.ceil(since / step) * step;
  const last = Math.floor(until / step) * step;
  if (first >= last) return split(since, until, finer);
  return [...split(since, first, finer), { from, since: first, until: last }, ...split(last, until, finer)];
}

/** The columns, then the counters. As arrays rows come in two thirds of the time: there may be thousands of sessions. */
type Answered = readonly (string | number | null)[];

/** The group's columns of a row by their names. */
function named(columns: readonly Column[], row: Answered): Partial<Record<Column, string | null>> {
  const names: Partial<Record<Column, string | null>> = {};
  columns.forEach((column, i) => {
    names[column] = row[i] as string | null;
  });
  return names;
}

/** Asks for parts, each with a statement that is made once: a year is hundreds of days. */
function createAsker(
  db: Database,
  columns: readonly Column[],
  { demo, session }: SpendQuery,
): (part: Part) => Answered[] {
  const ofOne = session === undefined ? [] : [session];
  const statements = new Map<Source, ReturnType<Database['prepare']>>();
  return ({ from, since, until }) => {
    const statement = statements.get(from) ?? db.prepare(grouped(from, columns, ofOne.length > 0));
    statements.set(from, statement);
    statement.setReturnArrays(true);
    const end = Number.isFinite(until) ? until : Number.MAX_SAFE_INTEGER;
    return statement.all(since, end, Number(demo), ...ofOne) as unknown as Answered[];
  };
}

/** SQL with places for since, until, demo and, of one session, its id. */
function grouped(from: Source, columns: readonly Column[], ofOne: boolean): string {
  const time = from === 'counted' ? 'time' : 'bucket';
  return queries
    .selectFrom(from as 'counted')
    .select(columns)
    .select(({ fn }) => COUNTERS.map((counter) => fn.sum<number | null>(counter).as(counter)))
    .where(time, '>=', 0)
    .where(time, '<', 0)
    .where('demo', '=', 0)
    .$if(ofOne, (select) => select.where('session', '=', ''))
    .$if(columns.length > 0, (select) => select.groupBy([...columns]))
    .compile().sql;
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

/** @param counters in the order of COUNTERS */
function addTo(groups: Map<string, Group>, key: Group['key'], counters: readonly (number | null)[]): void {
  const name = JSON.stringify(key);
  const group = groups.get(name) ?? { key, sums: nothing() };
  groups.set(name, group);
  COUNTERS.forEach((counter, i) => {
    group.sums[counter] += counters[i] ?? 0;
  });
}

const NOTHING = Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Sums;

function nothing(): Sums {
  return { ...NOTHING };
}

function compareKeys(a: (string | null)[], b: (string | null)[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  const [left, right] = [a[at] ?? null, b[at] ?? null];
  if (left === right) return 0;
  if (left === null || right === null) return left === null ? 1 : -1;
  return left < right ? -1 : 1;
}
