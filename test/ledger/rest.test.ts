import { existsSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { exchange, opened } from './support/exchange-samples.ts';
import { ALL, bench, recordAll } from './support/ledger.ts';

/** SQLite keeps its log beside the file as long as somebody has it open for writing. */
const closed = (file: string) => vi.waitFor(() => expect(existsSync(`${file}-wal`)).toBe(false), 10_000);

test('a ledger that has nothing to do closes its file, and takes what comes then', async () => {
  const { open, read, file } = bench();
  const ledger = open({ idleMs: 20 });
  recordAll(ledger, [exchange('X1')]);
  await ledger.flush();
  await closed(file);
  recordAll(ledger, [exchange('X2')]);
  await ledger.flush();
  await closed(file);
  expect((await ledger.totals(0, Number.MAX_SAFE_INTEGER))?.requests).toBe(2);
  expect((await read()).exchanges(ALL)).toHaveLength(2);
  expect(ledger.problems()).toEqual([]);
});

test('a request that runs while the ledger has nothing to do is not taken for one of a dead process', async () => {
  const { open, read, file } = bench();
  const ledger = open({ idleMs: 20 });
  ledger.open(opened(exchange('X1')));
  await ledger.flush();
  await closed(file);
  recordAll(ledger, [exchange('X2')]);
  await ledger.flush();
  const reader = await read();
  expect(reader.find('X1')).toMatchObject([{ outcome: 'open' }]);
  ledger.finish(exchange('X1'));
  await ledger.flush();
  expect(reader.find('X1')).toMatchObject([{ outcome: 'ok' }]);
  expect(ledger.problems()).toEqual([]);
});

test('nothing is lost or refused while threads come and go', async () => {
  let ids = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 8 }),
      async (turns) => {
        const { open, read } = bench();
        const ledger = open({ idleMs: 1, batchMs: 1 });
        for (const count of turns) {
          recordAll(ledger, [exchange(`X${ids++}X`)]);
          for (let i = 0; i < count; i++) await turn();
        }
        const totals = ledger.totals(0, Number.MAX_SAFE_INTEGER);
        await ledger.close();
        expect((await totals)?.requests).toBe(turns.length);
        expect((await read()).exchanges(ALL)).toHaveLength(turns.length);
        expect(ledger.problems()).toEqual([]);
      },
    ),
    { numRuns: 15 },
  );
});
