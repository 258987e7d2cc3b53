import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { connect, type Database, SCHEMA_VERSION, transaction, versionOf } from './database.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Snapshot } from './rows.ts';
import { ATTEMPT_COLUMNS, COUNTERS, DIMENSIONS, EXCHANGE_COLUMNS, HOUR_MS } from './schema.ts';
import { troubleOf } from './trouble.ts';

/** A check reads the whole file: seconds at each start for one of a million requests. */
const CHECKED_BYTES = 64 * 1024 * 1024;

const ROLLUP_COLUMNS = ['bucket', 'demo', ...DIMENSIONS, ...COUNTERS];
const HOUR_COLUMNS = ['bucket', 'demo', 'session', ...DIMENSIONS, ...COUNTERS];
const HOUR_OF = `time - time % ${HOUR_MS}`;

// A row is written over as long as it is open, and never after: settling twice changes nothing.
const UPSERT_EXCHANGE = `
  INSERT INTO exchange (${EXCHANGE_COLUMNS.join()}) VALUES (${places(EXCHANGE_COLUMNS)})
  ON CONFLICT (id) DO UPDATE SET ${EXCHANGE_COLUMNS.map((c) => `${c} = excluded.${c}`).join()}
  WHERE exchange.outcome = 'open'`;

const UPSERT_ATTEMPT = `
  INSERT INTO attempt (${ATTEMPT_COLUMNS.join()}) VALUES (${places(ATTEMPT_COLUMNS)})
  ON CONFLICT DO UPDATE SET ${ATTEMPT_COLUMNS.map((c) => `${c} = excluded.${c}`).join()}`;

const ADD_TO_ROLLUP = addTo('rollup', ROLLUP_COLUMNS, 'bucket');
const ADD_TO_HOUR = addTo('hour_rollup', HOUR_COLUMNS, HOUR_OF);

function addTo(table: string, columns: readonly string[], bucket: string): string {
  const values = columns.map((column) => (column === 'bucket' ? bucket : column));
  return `
  INSERT INTO ${table} (${columns.join()}) SELECT ${values.join()} FROM counted WHERE id = ?
  ON CONFLICT DO UPDATE SET ${COUNTERS.map((c) => `${c} = ${table}.${c} + excluded.${c}`).join()}`;
}

/** What became of a batch. */
export interface Written {
  /** Exchanges that had been settled before: nothing of them was changed. */
  refused: number;
  /** Rows that SQLite did not take for what is in them. */
  lost: number;
}

/** The writing connection with its prepared statements. All of it throws what SQLite says. */
export interface Store {
  db: Database;
  /** One transaction. An exchange with an outcome is added to its rollup in the same one. */
  write(snapshots: readonly Snapshot[]): Written;
  /** Settles what an earlier process left open, with the usage of its last checkpoint. Returns how many. */
  interruptOpen(): number;
  close(): void;
}

/**
 * Opens or makes the file (0600), checks it and brings its schema up to date. Throws when the file is damaged, locked,
 * not writable or of a newer program; a newer one is not touched.
 */
export function openStore(file: string, busyTimeoutMs: number, checkedBytes = CHECKED_BYTES): Store {
  refuseNewer(file, busyTimeoutMs);
  makePrivate(file);
  const check = worthChecking(file, checkedBytes);
  const db = connect(file, { readOnly: false, busyTimeoutMs });
  try {
    prepareFile(db, check);
    return storeOn(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Read-only: closing a writing connection would move the newer program's log into its file. */
function refuseNewer(file: string, busyTimeoutMs: number): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  const db = connect(file, { readOnly: true, busyTimeoutMs });
  try {
    const version = versionOf(db);
    if (version > SCHEMA_VERSION)
      throw new Error(`schema ${version} of a newer unorouter; this one knows ${SCHEMA_VERSION}`);
  } finally {
    db.close();
  }
}

/** SQLite gives its side files the mode of the main file, so the mode must be right before it comes. */
function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  if ((statSync(file).mode & 0o777) !== 0o600) chmodSync(file, 0o600);
}

/**
 * Whether to look for damage before there is a reason: in a file that is small, or that was not closed properly (SQLite
 * leaves its log beside it then). In a large one SQLite says so when it comes upon it, and it is rescued then.
 */
function worthChecking(file: string, checkedBytes: number): boolean {
  const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return sizeOf(file) <= checkedBytes || sizeOf(`${file}-wal`) > 0;
}

function prepareFile(db: Database, check: boolean): void {
  // Only a file without tables takes this; it lets retention give pages back without rewriting the file.
  if (versionOf(db) === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL');
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  if (check) {
    const verdict = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    if (verdict.quick_check !== 'ok') throw new Error(`the file is damaged: ${verdict.quick_check}`);
  }
  if (versionOf(db) < SCHEMA_VERSION) transaction(db, () => migrate(db));
}

function migrate(db: Database): void {
  for (const script of MIGRATIONS.slice(versionOf(db))) db.exec(script);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

function storeOn(db: Database): Store {
  const upsertExchange = db.prepare(UPSERT_EXCHANGE);
  const upsertAttempt = db.prepare(UPSERT_ATTEMPT);
  const addToRollups = [db.prepare(ADD_TO_ROLLUP), db.prepare(ADD_TO_HOUR)];
  const openIds = db.prepare("SELECT id FROM exchange WHERE outcome = 'open'");
  const interrupt = db.prepare("UPDATE exchange SET outcome = 'interrupted' WHERE id = ?");
  const savepoint = db.prepare('SAVEPOINT one');
  const release = db.prepare('RELEASE one');
  const undo = db.prepare('ROLLBACK TO one');

  function writeOne({ id, open, exchange, attempts }: Snapshot): 'written' | 'refused' {
    if (upsertExchange.run(...exchange).changes === 0) return open ? 'written' : 'refused';
    for (const attempt of attempts) upsertAttempt.run(...attempt);
    if (!open) for (const add of addToRollups) add.run(id);
    return 'written';
  }

  /** A row that SQLite cannot take must not hold up the ones behind it for ever. */
  function writeOrLose(snapshot: Snapshot): 'written' | 'refused' | 'lost' {
    savepoint.run();
    try {
      return writeOne(snapshot);
    } catch (error) {
      if (troubleOf(error) !== 'failed') throw error;
      undo.run();
      return 'lost';
    } finally {
      if (db.isTransaction) release.run();
    }
  }

  return {
    db,
    write(snapshots) {
      const count = { written: 0, refused: 0, lost: 0 };
      if (snapshots.length > 0)
        transaction(db, () => {
          for (const snapshot of snapshots) count[writeOrLose(snapshot)]++;
        });
      return { refused: count.refused, lost: count.lost };
    },
    interruptOpen() {
      const ids = (openIds.all() as { id: string }[]).map(({ id }) => id);
      if (ids.length > 0)
        transaction(db, () => {
          for (const id of ids) {
            interrupt.run(id);
            for (const add of addToRollups) add.run(id);
          }
        });
      return ids.length;
    },
    close: () => db.close(),
  };
}

/** By position, not by name: binding 37 names costs four times as much. */
function places(columns: readonly string[]): string {
  return columns.map(() => '?').join();
}
