import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import {
  type Compilable,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './schema.ts';

/** One SQLite connection. Synchronous: only a worker or a short-lived command may hold it. */
export type Database = DatabaseSyncInstance;

/** The schema that this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Builds queries and never runs them: kysely's drivers are asynchronous, ours is not. */
export const queries = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** Runs a built query. Rows come with the types that the builder derived. */
export function all<T>(db: Database, query: Compilable<T>): T[] {
  const { sql, parameters } = query.compile();
  return db.prepare(sql).all(...parameters) as T[];
}

/** Opens a file as it is. Throws what SQLite says; see troubleOf. */
export function connect(file: string, how: { readOnly: boolean; busyTimeoutMs: number }): Database {
  return new DatabaseSync(file, { readOnly: how.readOnly, timeout: how.busyTimeoutMs });
}

/** user_version: how many migrations the file has seen; 0 = a new file. */
export function versionOf(db: Database): number {
  return (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
}

/** Runs `work` in one transaction: all of it or nothing is on disk. */
export function transaction<T>(db: Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors (a full disk).
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
