import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Exchange } from '../../src/exchange.ts';
import type { SpendDimension, SpendQuery, SpendRow } from '../../src/ledger/index.ts';
import { anyExchange } from './support/any-exchange.ts';
import { attempt, exchange, NOON, QUARTER_MS } from './support/exchange-samples.ts';
import { bench, recordAll } from './support/ledger.ts';

const DIMENSIONS: SpendDimension[] = [
  ...(['day', 'week', 'month', 'model', 'provider', 'agent', 'project', 'session', 'rule'] as const),
];

/** Days that begin 5 hours 45 minutes before UTC's. */
const dayOf = (time: number) => new Date(time + 23 * QUARTER_MS).toISOString().slice(0, 10);
const utcDayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
const always: Omit<SpendQuery, 'by'> = { since: 0, until: Infinity, demo: false, dayOf: utcDayOf };

/** The Monday of a day's week. */
function monday(day: string): string {
  const date = new Date(day);
  return new Date(date.getTime() - ((date.getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10);
}

function keyOf(x: Exchange, by: SpendDimension[]): (string | null)[] {
  const day = dayOf(x.time);
  const times = { day, week: monday(day), month: day.slice(0, 7) };
  return by.map((dimension) => ({ ...x, ...times })[dimension]);
}

/** What the rows themselves add up to, one by one. What another target than the last was paid stands with that one. */
function addedUp(exchanges: Exchange[], query: SpendQuery): SpendRow[] {
  const rows = new Map<string, SpendRow>();
  const rowOf = (x: Exchange): SpendRow => {
    const key = keyOf(x, query.by);
    const row = rows.get(JSON.stringify(key)) ?? emptyRow(key);
    rows.set(JSON.stringify(key), row);
    return row;
  };
  for (const x of exchanges) {
    if (x.time < query.since || x.time >= query.until || x.demo !== query.demo) continue;
    if (query.session !== undefined && x.session !== query.session) continue;
    const row = rowOf(x);
    row.requests += 1;
    row.errors += x.outcome === 'ok' ? 0 : 1;
    row.unpriced += x.cost.state === 'unknown' ? 1 : 0;
    row.estimated += x.cost.state === 'estimate' ? 1 : 0;
    row.savedByCacheNanoUsd += x.saved?.cacheNanoUsd ?? 0;
    row.savedByRouteNanoUsd += x.saved?.routeNanoUsd ?? 0;
    addUsed(row, x, 1);
    for (const { billed, failure, provider, model } of x.attempts) {
      const retry = failure === null ? 0 : (billed?.cost.nanoUsd ?? 0);
      row.retryNanoUsd += retry;
      if (!billed || (provider === x.provider && model === x.model)) continue;
      const there = rowOf({ ...x, provider, model });
      addUsed(row, billed, -1);
      addUsed(there, billed, 1);
      row.retryNanoUsd -= retry;
      there.retryNanoUsd += retry;
    }
  }
  if (query.by.length === 0 && rows.size === 0) return [emptyRow([])];
  return [...rows.values()];
}

function addUsed(row: SpendRow, { usage, cost }: Pick<Exchange, 'usage' | 'cost'>, sign: 1 | -1): void {
  row.input += sign * (usage.input ?? 0);
  row.cacheRead += sign * (usage.cacheRead ?? 0);
  row.cacheWrite += sign * (usage.cacheWrite ?? 0);
  row.output += sign * (usage.output ?? 0);
  row.reasoning += sign * (usage.reasoning ?? 0);
  row.costNanoUsd += sign * (cost.nanoUsd ?? 0);
}

function emptyRow(key: (string | null)[]): SpendRow {
  const zeros = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, costNanoUsd: 0 };
  const saved = { retryNanoUsd: 0, savedByCacheNanoUsd: 0, savedByRouteNanoUsd: 0 };
  return { key, requests: 0, errors: 0, ...zeros, unpriced: 0, estimated: 0, ...saved };
}

const byKey = (a: SpendRow, b: SpendRow) => (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1);

test('sums by any dimensions over any span equal the sum over the rows', async () => {
  const span = fc.integer({ min: NOON - 14 * QUARTER_MS, max: NOON + 14 * QUARTER_MS });
  const question = fc.record({
    by: fc.subarray(DIMENSIONS, { maxLength: 3 }),
    span: fc.tuple(span, span).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
    demo: fc.boolean(),
    session: fc.constantFrom(undefined, 'a', 'b'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyExchange, { maxLength: 60 }),
      fc.array(question, { minLength: 1, maxLength: 8 }),
      async (list, questions) => {
        const { open, read } = bench();
        const ledger = open();
        const exchanges = list.map((x, i) => ({ ...x, id: `X${i}` }));
        recordAll(ledger, exchanges);
        await ledger.flush();
        const reader = await read();
        for (const { span, session, ...asked } of questions) {
          const query = { ...asked, since: span[0], until: span[1], dayOf, ...(session ? { session } : {}) };
          expect(reader.spend(query).sort(byKey)).toEqual(addedUp(exchanges, query).sort(byKey));
        }
        reader.close();
        await ledger.close();
      },
    ),
    { numRuns: 15 },
  );
});

test('spend and totals are the same sums', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyExchange, { maxLength: 30 }), async (list) => {
      const { open, read } = bench();
      const ledger = open();
      recordAll(
        ledger,
        list.map((x, i) => ({ ...x, id: `X${i}` })),
      );
      const totals = await ledger.totals(0, Infinity);
      const reader = await read();
      expect(reader.todayTotals(0, Infinity)).toEqual(totals);
      const [spent] = reader.spend({ ...always, by: [] });
      expect(totals).toMatchObject({
        requests: spent?.requests,
        errors: spent?.errors,
        costNanoUsd: spent?.costNanoUsd,
        unpriced: spent?.unpriced,
        estimated: spent?.estimated,
        input: spent?.input,
        cacheRead: spent?.cacheRead,
      });
      reader.close();
      await ledger.close();
    }),
    { numRuns: 5 },
  );
});

test('rollups, not rows, are read for whole quarters of an hour', async () => {
  const { open, read, sql } = bench();
  const ledger = open();
  recordAll(
    ledger,
    Array.from({ length: 40 }, (_, i) => exchange(`X${i}`, { time: NOON + i })),
  );
  await ledger.flush();
  expect(sql('SELECT bucket, requests, input FROM rollup')).toEqual([
    { bucket: NOON, requests: 40, input: 40_000 },
  ]);
  const rows = (await read()).spend({ ...always, by: ['day', 'model'] });
  expect(rows).toMatchObject([{ key: ['2026-03-03', 'gpt-5-2026'], requests: 40 }]);
});

test('an open request is in no sum until it ends', async () => {
  const { open } = bench();
  const ledger = open();
  ledger.open(exchange('X1', { outcome: 'open' }));
  expect(await ledger.totals(0, Infinity)).toMatchObject({ requests: 0 });
  ledger.finish(exchange('X1'));
  expect(await ledger.totals(0, Infinity)).toMatchObject({ requests: 1 });
});

test('another model of the same provider is another target', async () => {
  const { open } = bench();
  const ledger = open();
  recordAll(ledger, [
    exchange('X1', { attempts: [attempt(1), attempt(2)] }),
    exchange('X2', { attempts: [attempt(1), attempt(2, { model: 'gpt-5-mini' })] }),
  ]);
  expect(await ledger.totals(0, Infinity)).toMatchObject({ requests: 2, fallbacks: 1 });
});

test('groups come in the order of their keys, the unknown last', async () => {
  const { open, read } = bench();
  const ledger = open();
  recordAll(ledger, [
    exchange('X1', { agent: null, agentSource: null }),
    exchange('X2', { agent: 'codex' }),
    exchange('X3', { agent: 'aider' }),
  ]);
  await ledger.flush();
  const rows = (await read()).spend({ ...always, by: ['agent'] });
  expect(rows.map(({ key }) => key)).toEqual([['aider'], ['codex'], [null]]);
});

test('demo requests are apart from all others', async () => {
  const { open, read } = bench();
  const ledger = open();
  const demo = { demo: true, provider: 'demo', model: 'coder' };
  recordAll(ledger, [exchange('X1'), exchange('X2', demo)]);
  await ledger.flush();
  const reader = await read();
  expect(reader.spend({ ...always, by: ['provider'] }).map(({ key }) => key)).toEqual([['openai']]);
  expect(reader.spend({ ...always, by: ['provider'], demo: true }).map(({ key }) => key)).toEqual([['demo']]);
});

test('days of 23 and of 25 hours are whole days', async () => {
  const hour = 3_600_000;
  const zone = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' });
  for (const start of [Date.UTC(2026, 2, 28), Date.UTC(2026, 9, 24)]) {
    const { open, read } = bench();
    const ledger = open();
    const exchanges = Array.from({ length: 4 * 24 }, (_, i) =>
      exchange(`X${i}X`, { time: start + i * hour }),
    );
    recordAll(ledger, exchanges);
    await ledger.flush();
    const perDay = new Map<string, number>();
    for (const { time } of exchanges) perDay.set(zone.format(time), (perDay.get(zone.format(time)) ?? 0) + 1);
    const rows = (await read()).spend({ ...always, by: ['day'], dayOf: (time) => zone.format(time) });
    expect(rows.map(({ key, requests }) => [key[0], requests])).toEqual([...perDay]);
    expect(new Set(perDay.values()).size).toBeGreaterThan(2); // 24, and 23 or 25, and what the edges cut.
  }
});
