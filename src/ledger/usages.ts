import type { Usage } from '../pivot/index.ts';
import type { Database } from './database.ts';
import { usageOf } from './rows.ts';
import type { ExchangeRow } from './schema.ts';
import { groupKey } from './sums.ts';
import type { SpendQuery, UsedBy } from './types.ts';

type UsedRow = ExchangeRow & Record<'provider' | 'model', string | null>;

/** Tells every finished exchange of a span with what it used, in the order of time. For prices that depend on each one. */
export function eachUsage(db: Database, query: SpendQuery, each: (used: UsedBy) => void): void {
  const { since, until, demo, session, by, dayOf } = query;
  const rows = db
    .prepare(
      `SELECT * FROM exchange WHERE time >= ? AND time < ? AND demo = ? AND session IS ifnull(?, session)
       AND outcome <> 'open' ORDER BY time`,
    )
    .iterate(since, Number.isFinite(until) ? until : Number.MAX_SAFE_INTEGER, Number(demo), session ?? null);
  for (const row of rows as IterableIterator<UsedRow>) {
    const usage: Usage = usageOf(row);
    if (usage.input === undefined && usage.output === undefined) continue;
    each({ key: groupKey(by, row, dayOf(row.time)), time: row.time, usage });
  }
}
