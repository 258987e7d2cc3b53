import { existsSync } from 'node:fs';
import type { WorkerData, WriteReply } from './messages.ts';
import { copyReadable, moveAside } from './rescue.ts';
import { type PruneStep, pruneStep } from './retention.ts';
import type { Snapshot } from './rows.ts';
import { spent } from './spent.ts';
import { CHECKED_BYTES, openStore, type Store } from './store.ts';
import { totals } from './sums.ts';
import { troubleOf, wordsOf } from './trouble.ts';
import type { PruneQuery, SpentQuery, SpentRow, Totals } from './types.ts';

/** Keeps the file open through what may befall it. Nothing here throws. */
export interface Keeper {
  write(snapshots: readonly Snapshot[]): WriteReply;
  totals(since: number, until: number): Totals | null;
  spent(query: SpentQuery): SpentRow[] | null;
  prune(query: PruneQuery): PruneStep | null;
  close(): void;
}

/** Creates the keeper of one ledger file. The file is opened at the first write, and again after every failure. */
export function createKeeper(data: WorkerData, now: () => number): Keeper {
  let store: Store | null = null;
  let interruptOpen = data.first;
  let rescued = false;
  /** A damaged ledger whose rows are not copied yet. */
  let aside: string | null = null;
  const notes: string[] = [];

  function ready(): Store {
    if (store && !existsSync(data.file)) {
      notes.push(`The ledger ${data.file} was removed while it was in use; a new one was made.`);
      close();
    }
    // A file that this process had open is looked at again only when SQLite left its log beside it.
    store ??= openStore(data.file, data.busyTimeoutMs, data.first ? CHECKED_BYTES : 0);
    if (aside) copyFrom(aside, store);
    aside = null;
    if (interruptOpen) store.interruptOpen();
    interruptOpen = false;
    return store;
  }

  function copyFrom(damaged: string, into: Store): void {
    const copied = copyReadable(damaged, into);
    notes.push(`${copied} requests could be read in the damaged ledger and were copied into the new one.`);
  }

  function close(): void {
    store?.close();
    store = null;
  }

  function writeOrRescue(snapshots: readonly Snapshot[]): ReturnType<Store['write']> {
    try {
      return ready().write(snapshots);
    } catch (error) {
      // Once per process: a disk that damages the new file too is not helped by a row of renamed ones.
      if (troubleOf(error) !== 'corrupt' || rescued) throw error;
      rescued = true;
      close();
      aside = moveAside(data.file, now());
      notes.push(`The ledger was damaged and is now ${aside}; a new one was made.`);
      return ready().write(snapshots);
    }
  }

  function write(snapshots: readonly Snapshot[]): WriteReply {
    try {
      return { done: true, ...writeOrRescue(snapshots), notes: notes.splice(0) };
    } catch (error) {
      const trouble = troubleOf(error);
      // A lock passes by itself; after anything else the file at this path may be another one.
      if (trouble !== 'locked') close();
      return { done: false, trouble, detail: wordsOf(error), notes: notes.splice(0) };
    }
  }

  function tried<T>(work: (store: Store) => T): T | null {
    try {
      return work(ready());
    } catch {
      return null; // The next write meets the same trouble and says it.
    }
  }

  return {
    write,
    totals: (since, until) => tried(({ db }) => totals(db, since, until)),
    spent: (query) => tried(({ db }) => spent(db, query)),
    prune: (query) => tried(({ db }) => pruneStep(db, query)),
    close,
  };
}
