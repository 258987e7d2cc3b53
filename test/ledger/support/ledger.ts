import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { onTestFinished } from 'vitest';
import type { Exchange } from '../../../src/exchange.ts';
import {
  type Ledger,
  type LedgerOptions,
  type LedgerReader,
  openLedger,
  openLedgerReader,
} from '../../../src/ledger/index.ts';

/** A ledger file of one test, and the ways to look at it. */
export interface Bench {
  dir: string;
  file: string;
  /** Opens the real ledger with its real worker; closed after the test. */
  open(options?: Partial<LedgerOptions>): Ledger & { heard: string[]; hears(words: string): Promise<void> };
  read(): Promise<LedgerReader>;
  /** Rows of any query, past all our code. */
  sql(text: string): Record<string, unknown>[];
}

/** An empty directory that is gone after the test. */
export function bench(): Bench {
  const dir = mkdtempSync(join(tmpdir(), 'ledger-'));
  const file = join(dir, 'ledger.sqlite');
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return {
    dir,
    file,
    open(options = {}) {
      const heard: string[] = [];
      const listeners = new Set<() => void>();
      const onProblem = (text: string) => {
        heard.push(text);
        for (const listener of listeners) listener();
      };
      const ledger = openLedger({ file, onProblem, busyTimeoutMs: 20, retryMs: 10, ...options });
      onTestFinished(() => ledger.close());
      const hears = (words: string) =>
        new Promise<void>((resolve) => {
          const check = () => {
            if (heard.some((text) => text.includes(words))) resolve();
          };
          listeners.add(check);
          check();
        });
      return { ...ledger, heard, hears };
    },
    async read() {
      const reader = await openLedgerReader(file);
      if (!reader) throw new Error('there is no ledger');
      onTestFinished(() => reader.close());
      return reader;
    },
    sql(text) {
      const db = new DatabaseSync(file, { readOnly: true });
      try {
        return db
          .prepare(text)
          .all()
          .map((row: object) => ({ ...row }));
      } finally {
        db.close();
      }
    },
  };
}

/** Opens and finishes each. */
export function recordAll(ledger: Pick<Ledger, 'open' | 'finish'>, exchanges: Exchange[]): void {
  for (const exchange of exchanges) {
    ledger.open({ ...exchange, outcome: 'open' });
    ledger.finish(exchange);
  }
}

/** Everything there is, newest first. */
export const ALL = { limit: 1_000_000 };
