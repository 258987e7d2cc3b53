import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EXIT, UserError } from '../errors.ts';
import type { Database } from './database.ts';
import { type Trouble, troubleOf, wordsOf } from './trouble.ts';
import type { LedgerReader } from './types.ts';

const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the ledger for reading, whether or not a server writes it. null = there is nothing to read yet.
 * Throws UserError (exit 1) for a file that is damaged, of a newer program, or not to be opened.
 */
export async function openLedgerReader(file: string): Promise<LedgerReader | null> {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return null;
  // Loads the driver: only commands that read the ledger pay for it.
  const { connect, SCHEMA_VERSION, versionOf } = await import('./database.ts');
  const [
    { count, exchanges, find, pages },
    { spend, totals },
    { spent },
    { readAsToday },
    { eachUsage },
    { cacheLosses },
  ] = await Promise.all([
    import('./search.ts'),
    import('./sums.ts'),
    import('./spent.ts'),
    import('./older.ts'),
    import('./usages.ts'),
    import('./cache-losses.ts'),
  ]);
  const db: Database = saying(file, () => connect(file, { readOnly: true, busyTimeoutMs: BUSY_TIMEOUT_MS }));
  const version = saying(file, () => versionOf(db));
  if (version === 0) {
    db.close(); // A server is about to make it.
    return null;
  }
  if (version > SCHEMA_VERSION) {
    db.close();
    throw unreadable(file, 'newer', `schema ${version}, this program knows ${SCHEMA_VERSION}`);
  }
  if (version < SCHEMA_VERSION) saying(file, () => readAsToday(db));
  return {
    exchanges: (query) => saying(file, () => exchanges(db, query)),
    *pages(query) {
      const all = pages(db, query);
      for (;;) {
        const { done, value } = saying(file, () => all.next());
        if (done) return;
        yield value;
      }
    },
    find: (idPart) => saying(file, () => find(db, idPart)),
    count: (query) => saying(file, () => count(db, query)),
    spend: (query) => saying(file, () => spend(db, query)),
    cacheLosses: (since, until) => saying(file, () => cacheLosses(db, since, until)),
    spent: (query) => saying(file, () => spent(db, query)),
    eachUsage: (query, each) => saying(file, () => eachUsage(db, query, each)),
    todayTotals: (since, until) => saying(file, () => totals(db, since, until)),
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}

const WORDS: Partial<Record<Trouble, { message: string; fix: string[] }>> = {
  newer: {
    message: 'was written by a newer unorouter',
    fix: ['npm install -g unorouter@latest'],
  },
  corrupt: {
    message: 'is damaged',
    fix: ['{cmd} serve        moves it aside, copies what is readable and goes on with a new one'],
  },
  locked: {
    message: 'is locked by another program',
    fix: ['{cmd} status       says whether a server holds it'],
  },
};

function unreadable(file: string, trouble: Trouble, why: string): UserError {
  const { message, fix } = WORDS[trouble] ?? {
    message: 'cannot be read',
    fix: [`ls -ld '${dirname(file)}' '${file}'       shows what they are and who may read them`],
  };
  return new UserError({
    code: `ledger_${trouble}`,
    exit: EXIT.failed,
    message: `The ledger ${file} ${message}`,
    why,
    fix,
  });
}

function saying<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const trouble = troubleOf(error);
    if (error instanceof UserError || trouble === 'failed') throw error;
    throw unreadable(file, trouble, wordsOf(error));
  }
}
