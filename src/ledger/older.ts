import type { Database } from './database.ts';
import { ATTEMPT_COLUMNS, COUNTERS, DIMENSIONS, EXCHANGE_COLUMNS, HOUR_MS } from './schema.ts';

const GROUPED = ['bucket', 'demo', ...DIMENSIONS];

/** What today's queries read, and what stands where an older file has no such column. */
const SHAPES: readonly { name: string; columns: readonly string[]; absent: 'NULL' | '0' }[] = [
  { name: 'exchange', columns: ['seq', ...EXCHANGE_COLUMNS], absent: 'NULL' },
  { name: 'attempt', columns: ATTEMPT_COLUMNS, absent: 'NULL' },
  { name: 'rollup', columns: [...GROUPED, ...COUNTERS], absent: '0' },
  { name: 'counted', columns: ['id', 'time', 'session', ...GROUPED, ...COUNTERS], absent: '0' },
];

/**
 * Lets today's queries read a file that no server of today has brought up to date yet: views of this connection with
 * today's columns stand before the tables. The file stays as it is.
 */
export function readAsToday(db: Database): void {
  for (const { name, columns, absent } of SHAPES) {
    const there = columnsOf(db, name);
    const picked = columns.map((column) => (there.has(column) ? column : `${absent} AS ${column}`));
    db.exec(`CREATE TEMP VIEW ${name} AS SELECT ${picked.join()} FROM main.${name}`);
  }
  const columns = [...DIMENSIONS, 'demo', 'session', ...COUNTERS].join();
  if (columnsOf(db, 'hour_rollup').size === 0)
    db.exec(
      `CREATE TEMP VIEW hour_rollup AS SELECT time - time % ${HOUR_MS} AS bucket, ${columns} FROM counted`,
    );
}

function columnsOf(db: Database, table: string): Set<string> {
  const rows = db.prepare(`PRAGMA main.table_info(${table})`).all() as { name: string }[];
  return new Set(rows.map(({ name }) => name));
}
