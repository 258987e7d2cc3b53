import type { Database } from './database.ts';
import { transaction } from './database.ts';
import { BUCKET_MS } from './schema.ts';
import type { PruneQuery } from './types.ts';

/** Requests that one step deletes: records must not wait for a clean-up. */
const STEP_ROWS = 1_000;
/** Pages that one step gives back to the system. */
const STEP_PAGES = 500;

/** What one step did, and whether another one would do more. */
export interface PruneStep {
  requests: number;
  more: boolean;
}

const OLDEST = `SELECT id FROM exchange WHERE outcome <> 'open'`;

/**
 * One step of a clean-up: the oldest requests with their attempts, then pages back to the system. Sums stay: rollups are
 * small, and what was spent last year is worth knowing. Requests on their way stay as well.
 */
export function pruneStep(db: Database, { before, maxBytes }: PruneQuery): PruneStep {
  // What is left of a bucket must be summed alike from single requests.
  const until = before === null ? null : Math.floor(before / BUCKET_MS) * BUCKET_MS;
  const old =
    until === null ? 0 : remove(db, `${OLDEST} AND time < ? ORDER BY time LIMIT ${STEP_ROWS}`, [until]);
  const full = old === 0 && maxBytes !== null && usedBytes(db) > maxBytes;
  const requests = full ? remove(db, `${OLDEST} ORDER BY time LIMIT ${STEP_ROWS}`, []) : old;
  const gaveBack = requests === 0 && vacuum(db);
  return { requests, more: requests > 0 || gaveBack };
}

function remove(db: Database, which: string, parameters: readonly number[]): number {
  return transaction(db, () => {
    db.prepare(`DELETE FROM attempt WHERE exchange_id IN (${which})`).run(...parameters);
    return Number(db.prepare(`DELETE FROM exchange WHERE id IN (${which})`).run(...parameters).changes);
  });
}

/** Gives free pages back; false = nothing (more) to give, or an old file that cannot. */
function vacuum(db: Database): boolean {
  const before = numberOf(db, 'freelist_count');
  if (before === 0) return false;
  db.prepare(`PRAGMA incremental_vacuum(${STEP_PAGES})`).all();
  return numberOf(db, 'freelist_count') < before;
}

/** What is in use: free pages will be used again. */
function usedBytes(db: Database): number {
  return (numberOf(db, 'page_count') - numberOf(db, 'freelist_count')) * numberOf(db, 'page_size');
}

function numberOf(db: Database, pragma: 'page_count' | 'freelist_count' | 'page_size'): number {
  const row = db.prepare(`PRAGMA ${pragma}`).get() as Record<string, number>;
  return row[pragma] ?? 0;
}
