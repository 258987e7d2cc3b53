import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { EXIT, UserError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { all, type Database, queries } from './database.ts';
import { fromRow } from './rows.ts';
import {
  ATTEMPT_COLUMNS,
  type AttemptRow,
  EXCHANGE_COLUMNS,
  type ExchangeRow,
  type Tables,
} from './schema.ts';
import type { LogQuery } from './types.ts';

type Builder = ExpressionBuilder<Tables, 'exchange'>;
type Condition = Expression<SqlBool>;

/** More matches of a part of an id than anybody reads. */
const MOST_FOUND = 1_000;

const SEARCHED = [
  'id',
  'asked',
  'provider',
  'model',
  'agent',
  'project',
  'session',
  'rule',
  'error_code',
  'error_message',
] as const;

const OUTCOMES = ['open', 'client_aborted', 'upstream_cut', 'interrupted'] as const;

type Filters = Required<Omit<LogQuery, 'limit'>>;

// A filter that is added to LogQuery and not here does not compile.
const FILTERS: { [F in keyof Filters]: (eb: Builder, value: Filters[F]) => Condition } = {
  since: (eb, time) => eb('time', '>=', time),
  until: (eb, time) => eb('time', '<', time),
  agent: (eb, name) => eb('agent', '=', name),
  project: (eb, name) => eb('project', '=', name),
  rule: (eb, name) => eb('rule', '=', name),
  provider: (eb, name) => eb('provider', '=', name),
  model: (eb, part) =>
    eb.or([contains(sql.ref('asked'), part), contains(sql`provider || '/' || model`, part)]),
  status: (eb, status) => statusIs(eb, status),
  slowerThan: (eb, ms) => eb('total_ms', '>', ms),
  minCostNanoUsd: (eb, cost) => eb('cost_nano', '>=', cost),
  fallback: (eb, only) => (only ? eb('fallback', '=', 1) : eb.lit(true)),
  inSession: (eb, only) => (only ? eb('session', 'is not', null) : eb.lit(true)),
  billedBy: (eb, name) =>
    eb.exists(
      eb
        .selectFrom('attempt')
        .select('n')
        .whereRef('exchange_id', '=', 'exchange.id')
        .where('attempt.provider', '=', name)
        .where('answer_id', 'is not', null)
        .where('attempt.usage_source', 'is not', null),
    ),
  demo: (eb, only) => eb('demo', '=', Number(only)),
  grep: (eb, part) => eb.or(SEARCHED.map((column) => contains(sql.ref(column), part))),
};

/** Exchanges that match, newest first; open ones too. */
export function exchanges(db: Database, query: LogQuery): Exchange[] {
  const rows = all(
    db,
    matching(query)
      .select(EXCHANGE_COLUMNS)
      .orderBy('time', 'desc')
      .orderBy('seq', 'desc')
      .limit(query.limit),
  );
  return withAttempts(db, rows);
}

const PAGE_ROWS = 500;

/** All that match, oldest first; one query a page, so that nothing holds the file meanwhile. */
export function* pages(db: Database, query: LogQuery): Generator<Exchange[], void> {
  let last: ExchangeRow | undefined;
  do {
    const rows = pageAfter(db, query, last);
    if (rows.length > 0) yield withAttempts(db, rows);
    last = rows.length < PAGE_ROWS ? undefined : rows.at(-1);
  } while (last);
}

function pageAfter(db: Database, query: LogQuery, last: ExchangeRow | undefined): ExchangeRow[] {
  const later = (eb: Builder): Condition =>
    last === undefined
      ? eb.lit(true)
      : eb.or([eb('time', '>', last.time), eb.and([eb('time', '=', last.time), eb('id', '>', last.id)])]);
  return all(
    db,
    matching(query).select(EXCHANGE_COLUMNS).where(later).orderBy('time').orderBy('id').limit(PAGE_ROWS),
  );
}

/** How many match, whatever the limit says. */
export function count(db: Database, query: LogQuery): number {
  const [row] = all(
    db,
    matching(query).select(({ fn }) => fn.countAll<number>().as('matches')),
  );
  return row?.matches ?? 0;
}

/** Exchanges whose id contains the part, newest first. */
export function find(db: Database, idPart: string): Exchange[] {
  const rows = all(
    db,
    queries
      .selectFrom('exchange')
      .select(EXCHANGE_COLUMNS)
      .where(contains(sql.ref('id'), idPart))
      .orderBy('time', 'desc')
      .orderBy('seq', 'desc')
      .limit(MOST_FOUND),
  );
  return withAttempts(db, rows);
}

function matching(query: LogQuery) {
  return queries.selectFrom('exchange').where((eb) => eb.and(conditions(eb, query)));
}

function conditions(eb: Builder, query: Partial<Filters>): Condition[] {
  const condition = <F extends keyof Filters>(filter: F): Condition[] => {
    const value: Filters[F] | undefined = query[filter];
    return value === undefined ? [] : [FILTERS[filter](eb, value)];
  };
  return (Object.keys(FILTERS) as (keyof Filters)[]).flatMap(condition);
}

function statusIs(eb: Builder, status: string): Condition {
  if (status === 'ok') return eb('outcome', '=', 'ok');
  if (status === 'err') return eb('outcome', 'not in', ['ok', 'open']);
  const outcome = OUTCOMES.find((name) => name === status);
  if (outcome) return eb('outcome', '=', outcome);
  if (/^[1-5]xx$/i.test(status)) {
    const hundred = Number(status[0]) * 100;
    return eb.and([eb('status', '>=', hundred), eb('status', '<', hundred + 100)]);
  }
  if (/^\d{3}$/.test(status)) return eb('status', '=', Number(status));
  throw new UserError({
    code: 'unknown_status',
    exit: EXIT.usage,
    message: `"${status}" is no status to search for`,
    why: `Known are ok, err, ${OUTCOMES.join(', ')}, 4xx, 5xx and numbers such as 429.`,
  });
}

function contains(column: Expression<unknown>, part: string): Expression<SqlBool> {
  return sql<SqlBool>`instr(lower(${column}), lower(${part})) > 0`;
}

function withAttempts(db: Database, rows: ExchangeRow[]): Exchange[] {
  const { sql: text } = queries
    .selectFrom('attempt')
    .select(ATTEMPT_COLUMNS)
    .where('exchange_id', '=', '')
    .orderBy('n')
    .compile();
  const attempts = db.prepare(text);
  return rows.map((row) => fromRow(row, attempts.all(row.id) as AttemptRow[]));
}
