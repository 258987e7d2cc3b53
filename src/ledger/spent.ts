import { sql } from 'kysely';
import { all, type Database, queries } from './database.ts';
import type { SpentQuery, SpentRow } from './types.ts';

/**
 * What was spent on each of some local days, for budgets. Without `declared` it is summed from rollups, which outlive
 * single requests; rollups do not tell declared projects from guessed ones, so those are summed from single requests.
 */
export function spent(db: Database, { days, declared }: SpentQuery): SpentRow[] {
  return days.flatMap(({ since, until }) =>
    all(db, (declared ? fromDeclared : fromRollups)(since, until)).map((row) => ({ day: since, ...row })),
  );
}

/** A local midnight always lies between two quarters of an hour. */
function fromRollups(since: number, until: number) {
  return queries
    .selectFrom('rollup')
    .select(['provider', 'model', 'agent', sql<string>`''`.as('project')])
    .select(({ fn }) => fn.sum<number>('cost_nano').as('nanoUsd'))
    .where('bucket', '>=', since)
    .where('bucket', '<', until)
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
