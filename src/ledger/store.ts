import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { connect, type Database, SCHEMA_VERSION, transaction, versionOf } from './database.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Snapshot, Value } from './rows.ts';
import { ATTEMPT_COLUMNS, COUNTERS, DIMENSIONS, EXCHANGE_COLUMNS, HOUR_MS } from './schema.ts';
import { troubleOf } from './trouble.ts';

/** A check reads the whole file: seconds at each start for one of a million requests. */
export const CHECKED_BYTES = 64 * 1024 * 1024;

const HOUR_OF = `time - time % ${HOUR_MS}`;

// A row is written over as long as it is open, and never after: settling twice changes nothing.
const UPSERT_EXCHANGE = `
  INSERT INTO exchange (${EXCHANGE_COLUMNS.join()}) VALUES (${places(EXCHANGE_COLUMNS)})
  ON CONFLICT (id) DO UPDATE SET ${EXCHANGE_COLUMNS.map((c) => `${c} = excluded.${c}`).join()}
  WHERE exchange.outcome = 'open'`;

const UPSERT_ATTEMPT = `
  INSERT INTO attempt (${ATTEMPT_COLUMNS.join()}) VALUES (${places(ATTEMPT_COLUMNS)})
  ON CONFLICT DO UPDATE SET ${ATTEMPT_COLUMNS.map((c) => `${c} = excluded.${c}`).join()}`;

/** What to add to both rollups: sums over rows that agree in the keys of both, quarter first. */
const SUMS_OF = `
  SELECT bucket, ${HOUR_OF}, demo, session, ${DIMENSIONS.join()}, ${COUNTERS.map((c) => `sum(${c})`).join()}
  FROM counted WHERE id IN (SELECT value FROM json_each(?))
  GROUP BY bucket, demo, session, ${DIMENSIONS.join()}`;

const ADD_TO_ROLLUP = addTo('rollup', ['bucket', 'demo', ...DIMENSIONS]);
const ADD_TO_HOUR = addTo('hour_rollup', ['bucket', 'demo', 'session', ...DIMENSIONS]);

function addTo(table: string, keys: readonly string[]): string {
  const columns = [...keys, ...COUNTERS];
  return `
  INSERT INTO ${table} (${columns.join()}) VALUES (${places(columns)})
  ON CONFLICT DO UPDATE SET ${COUNTERS.map((c) => `${c} = ${c} + excluded.${c}`).join()}`;
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

/**
 * Read-only: closing a writing connection would move the newer program's log into its file. Without a prepared statement,
 * which keeps a closed connection open until it is collected: the one that writes would never be the last that closes
 * the file, and SQLite moves its log into it only then.
 */
function refuseNewer(file: string, busyTimeoutMs: number): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  const db = connect(file, { readOnly: true, busyTimeoutMs });
  let version = 0;
  try {
    db.function('tell', (value: unknown) => {
      version = Number(value);
      return null;
    });
    db.exec('SELECT tell(user_version) FROM pragma_user_version');
  } finally {
    db.close();
  }
  if (version > SCHEMA_VERSION)
    throw new Error(`schema ${version} of a newer unorouter; this one knows ${SCHEMA_VERSION}`);
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
  const sumsOf = db.prepare(SUMS_OF);
  const addToRollup = db.prepare(ADD_TO_ROLLUP);
  const addToHour = db.prepare(ADD_TO_HOUR);
  const openIds = db.prepare("SELECT id FROM exchange WHERE outcome = 'open'");
  const interrupt = db.prepare("UPDATE exchange SET outcome = 'interrupted' WHERE outcome = 'open'");
  const savepoint = db.prepare('SAVEPOINT rows');
  const release = db.prepare('RELEASE rows');
  const undo = db.prepare('ROLLBACK TO rows');

  sumsOf.setReturnArrays(true);

  /** Rows of a batch are mostly of few sessions and models: adding up first saves two writes for each. */
  function addUp(ids: readonly string[]): void {
    for (const sums of sumsOf.all(JSON.stringify(ids)) as unknown as Value[][]) {
      const [bucket = 0, hour = 0, demo = 0, session = '', ...rest] = sums;
      addToRollup.run(bucket, demo, ...rest);
      addToHour.run(hour, demo, session, ...rest);
    }
  }

  /** Returns whether the row was taken, which one that is settled already is not. */
  function writeRow({ exchange, attempts }: Snapshot): boolean {
    if (upsertExchange.run(...exchange).changes === 0) return false;
    for (const attempt of attempts) upsertAttempt.run(...attempt);
    return true;
  }

  /** Returns how many were refused. */
  function writeAll(snapshots: readonly Snapshot[]): number {
    const taken = snapshots.filter(writeRow);
    const news = taken.filter(({ open }) => !open);
    if (news.length > 0) addUp(news.map(({ id }) => id));
    return snapshots.filter(({ open }) => !open).length - news.length;
  }

  /** A row that SQLite cannot take must not hold up the others for ever: after a failure each is written for itself. */
  function writeOrLose(snapshots: readonly Snapshot[]): Written {
    savepoint.run();
    try {
      return { refused: writeAll(snapshots), lost: 0 };
    } catch (error) {
      if (troubleOf(error) !== 'failed') throw error;
      undo.run();
      if (snapshots.length === 1) return { refused: 0, lost: 1 };
      return inAll(snapshots.map((snapshot) => writeOrLose([snapshot])));
    } finally {
      if (db.isTransaction) release.run();
    }
  }

  return {
    db,
    write(snapshots) {
      if (snapshots.length === 0) return { refused: 0, lost: 0 };
      return transaction(db, () => writeOrLose(snapshots));
    },
    interruptOpen() {
      const ids = (openIds.all() as { id: string }[]).map(({ id }) => id);
      if (ids.length > 0)
        transaction(db, () => {
          interrupt.run();
          addUp(ids);
        });
      return ids.length;
    },
    close: () => db.close(),
  };
}

function inAll(parts: readonly Written[]): Written {
  const sum = (count: keyof Written) => parts.reduce((before, part) => before + part[count], 0);
  return { refused: sum('refused'), lost: sum('lost') };
}

/** By position, not by name: binding 37 names costs four times as much. */
function places(columns: readonly string[]): string {
  return columns.map(() => '?').join();
}
