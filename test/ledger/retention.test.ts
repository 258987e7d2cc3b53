import { describe, expect, test } from 'vitest';
import { attempt, exchange, NOON, QUARTER_MS } from './support/exchange-samples.ts';
import { ALL, bench, recordAll } from './support/ledger.ts';

const DAY_MS = 86_400_000;

const days = (count: number, fields: object = {}) =>
  Array.from({ length: count }, (_, i) => exchange(`d${i}`, { time: NOON - i * DAY_MS, ...fields }));

describe('a clean-up', () => {
  test('takes away what began before, with its attempts, and leaves every sum as it was', async () => {
    const on = bench();
    const ledger = on.open();
    recordAll(ledger, days(10, { attempts: [attempt(1), attempt(2)] }));
    ledger.open({ ...exchange('running', { time: NOON - 9 * DAY_MS }), outcome: 'open' });
    await ledger.flush();
    const before = await ledger.totals(0, NOON + 1);
    expect(await ledger.prune({ before: NOON - 5 * DAY_MS + 10, maxBytes: null })).toBe(4);
    const reader = await on.read();
    expect(reader.exchanges(ALL).map(({ id }) => id)).toEqual([
      'd0',
      'd1',
      'd2',
      'd3',
      'd4',
      'd5',
      'running',
    ]);
    expect(on.sql('SELECT count(*) AS n FROM attempt')).toEqual([{ n: 13 }]);
    expect(await ledger.totals(0, NOON + QUARTER_MS)).toEqual(before);
    expect(await ledger.prune({ before: NOON - 5 * DAY_MS, maxBytes: null })).toBe(0);
  });

  test('takes the oldest beyond a size, and gives their room back to the system', async () => {
    const on = bench();
    const ledger = on.open();
    const long = 'x'.repeat(2_000);
    recordAll(
      ledger,
      Array.from({ length: 3_000 }, (_, i) => exchange(`e${i}`, { time: NOON + i, errorMessage: long })),
    );
    await ledger.flush();
    const pages = () => Number(on.sql('PRAGMA page_count')[0]?.page_count);
    const before = pages();
    const maxBytes = Math.round(before * 4096 * 0.4);
    expect(await ledger.prune({ before: null, maxBytes })).toBe(2_000);
    expect(pages() * 4096).toBeLessThan(maxBytes);
    const [newest, ...others] = (await on.read()).exchanges(ALL);
    expect(newest?.id).toBe('e2999');
    expect(others.at(-1)?.id).toBe('e2000');
  });

  test('lets records through while it works', async () => {
    const on = bench();
    const ledger = on.open();
    recordAll(
      ledger,
      Array.from({ length: 5_000 }, (_, i) => exchange(`e${i}`, { time: NOON - DAY_MS + i })),
    );
    await ledger.flush();
    const pruned = ledger.prune({ before: NOON, maxBytes: null });
    recordAll(ledger, [exchange('new')]);
    await ledger.flush();
    expect(await pruned).toBe(5_000);
    expect((await on.read()).exchanges(ALL).map(({ id }) => id)).toEqual(['new']);
  });
});

test('pages give everything once, oldest first, also of one moment', async () => {
  const on = bench();
  const ledger = on.open();
  recordAll(
    ledger,
    Array.from({ length: 1_234 }, (_, i) =>
      exchange(`e${String(i).padStart(4, '0')}`, { time: NOON + (i % 3) }),
    ),
  );
  await ledger.flush();
  const reader = await on.read();
  const pages = [...reader.pages(ALL)];
  expect(pages.map((page) => page.length)).toEqual([500, 500, 234]);
  const times = pages.flat().map(({ time }) => time);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(1_234);
  expect([...reader.pages({ ...ALL, until: NOON + 1 })].flat()).toHaveLength(412);
});
