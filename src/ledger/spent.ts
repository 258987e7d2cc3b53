import { sql } from 'kysely';
import { all, type Database, queries } from './database.ts';
import { BUCKET_MS } from './schema.ts';
import type { SpentQuery, SpentRow } from './types.ts';

/**
 * What was spent on each of some local days, for budgets. Without `declared` it is summed from rollups, which outlive
 * single requests; rollups do not tell declared projects from guessed ones, so those are summed from single requests.
 */
export function spent(db: Database, { days, declared }: SpentQuery): SpentRow[] {
  return days.flatMap(({ since, until }) => {
    const whole = Math.floor(until / BUCKET_MS) * BUCKET_MS;
    const parts = declared
      ? [fromDeclared(since, until)]
      : [
          from('rollup').where('bucket', '>=', since).where('bucket', '<', whole),
          from('counted').where('time', '>=', Math.max(since, whole)).where('time', '<', until),
        ];
    return parts.flatMap((part) => all(db, part)).map((row) => ({ day: since, ...row }));
  });
}

/** Days begin between two quarters of an hour; the last one may end in the middle of one. */
function from(table: 'rollup' | 'counted') {
  return queries
    .selectFrom(table as 'counted')
    .select(['provider', 'model', 'agent', sql<string>`''`.as('project')])
    .select(({ fn }) => fn.sum<number>('cost_nano').as('nanoUsd'))
    .where('demo', '=', 0)
    .groupBy(['provider', 'model', 'agent'])
    .having(({ fn }) => fn.sum('cost_nano'), '>', 0);
}

function fromDeclared(since: number, until: number) {
  return queries
    .selectFrom('exchange')
    .select(({ ref }) => [
      sql<string>`ifnull(${ref('provider')}, '')`.as('provider'),
      sql<string>`ifnull(${ref('model')}, '')`.as('model'),
      sql<string>`ifnull(${ref('agent')}, '')`.as('agent'),
      sql<string>`ifnull(${ref('project')}, '')`.as('project'),
    ])
    .select(({ fn }) => fn.sum<number>('cost_nano').as('nanoUsd'))
    .where('time', '>=', since)
    .where('time', '<', until)
    .where('demo', '=', 0)
    .where('outcome', '<>', 'open')
    .where('project_source', 'in', ['label', 'header'])
    .where('cost_nano', '>', 0)
    .groupBy(['provider', 'model', 'agent', 'project']);
}
