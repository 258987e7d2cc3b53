import { existsSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { connect, type Database } from './database.ts';
import { type Snapshot, snapshotOf } from './rows.ts';
import type { AttemptRow, ExchangeRow } from './schema.ts';
import type { Store } from './store.ts';

const BATCH = 500;
/** Past this distance from the last readable row there are no more rows. */
const FARTHEST = 2 ** 32;
const SIDE_FILES = ['', '-wal', '-shm'];

/** Renames a damaged ledger and its side files to `ledger.corrupt-<time>` beside it. Returns the new name. */
export function moveAside(file: string, time: number): string {
  const stamp = new Date(time).toISOString().replace(/[-:.]/g, '');
  const name = basename(file).replace(/\.[^.]*$/, '');
  const aside = join(dirname(file), `${name}.corrupt-${stamp}`);
  for (const side of SIDE_FILES) if (existsSync(file + side)) renameSync(file + side, aside + side);
  return aside;
}

/** Copies every row that can still be read into a new ledger; its rollups are made again on the way. Returns how many. */
export function copyReadable(from: string, to: Store): number {
  let copied = 0;
  let batch: Snapshot[] = [];
  const flush = () => {
    copied += batch.length - to.write(batch).lost;
    batch = [];
  };
  for (const snapshot of readable(from)) {
    batch.push(snapshot);
    if (batch.length === BATCH) flush();
  }
  flush();
  return copied;
}

function* readable(file: string): Generator<Snapshot> {
  let db: Database;
  try {
    db = connect(file, { readOnly: true, busyTimeoutMs: 0 });
  } catch {
    return; // Not even the first page: nothing to copy, which the caller says.
  }
  try {
    for (const row of readableRows(db)) yield snapshotOf(row, attemptsOf(db, row.id));
  } finally {
    db.close();
  }
}

/**
 * Walks the table in order of arrival. Where a page cannot be read it looks on behind it, in steps that double, so that
 * one bad page costs the rows on it and at most as many behind it.
 */
function* readableRows(db: Database): Generator<ExchangeRow & { seq: number }> {
  let last = -1;
  let step = 0;
  while (step < FARTHEST) {
    try {
      const rows = db.prepare('SELECT * FROM exchange WHERE seq > ? ORDER BY seq').iterate(last + step);
      for (const row of rows as IterableIterator<ExchangeRow & { seq: number }>) {
        last = row.seq;
        step = 0;
        yield row;
      }
      return;
    } catch {
      step = step === 0 ? 1 : step * 2;
    }
  }
}

function attemptsOf(db: Database, id: string): AttemptRow[] {
  try {
    return db.prepare('SELECT * FROM attempt WHERE exchange_id = ? ORDER BY n').all(id) as AttemptRow[];
  } catch {
    return []; // The exchange counts without its attempts.
  }
}
