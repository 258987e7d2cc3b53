import { statSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createQueue } from '../../src/ledger/queue.ts';
import { HOUR_MS } from '../../src/ledger/schema.ts';
import { anyExchange } from './support/any-exchange.ts';
import { attempt, exchange, NOON, opened } from './support/exchange-samples.ts';
import { ALL, bench, recordAll } from './support/ledger.ts';

test('an exchange is read back as it was finished, unknown counts included', async () => {
  const { open, read } = bench();
  const ledger = open();
  await ledger.flush();
  let ids = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyExchange, { minLength: 1, maxLength: 20 }), async (list) => {
      const exchanges = list.map((x) => ({ ...x, id: `X${ids++}X` }));
      recordAll(ledger, exchanges);
      await ledger.flush();
      const reader = await read();
      for (const x of exchanges) expect(reader.find(x.id)).toEqual([x]);
    }),
    { numRuns: 20 },
  );
  expect(ledger.problems()).toEqual([]);
});

test.each([0, 30])(
  'what is recorded before the thread is there (%i ms later) is on disk when it is closed',
  async (startAfterMs) => {
    const { open, read } = bench();
    const ledger = open({ startAfterMs });
    recordAll(ledger, [exchange('X1')]);
    const totals = ledger.totals(0, Number.MAX_SAFE_INTEGER);
    await ledger.close();
    expect((await totals)?.requests).toBe(1);
    expect((await read()).exchanges(ALL)).toHaveLength(1);
    expect(ledger.problems()).toEqual([]);
  },
);

test('an explicit 0 stays 0 and a count that nobody gave stays unknown', async () => {
  const { open, sql } = bench();
  const ledger = open();
  recordAll(ledger, [exchange('X1', { usage: { input: 0 } })]);
  await ledger.flush();
  expect(sql('SELECT input, output FROM exchange')).toEqual([{ input: 0, output: null }]);
});

test('text is not cut at a zero character', async () => {
  const { open, read } = bench();
  const ledger = open();
  recordAll(ledger, [
    exchange('X1', {
      asked: 'gpt\0-5',
      attempts: [attempt(1, { message: 'bad \0 byte' })],
      losses: ['a\0b'],
    }),
  ]);
  await ledger.flush();
  expect((await read()).exchanges(ALL)).toMatchObject([
    { asked: 'gpt\ufffd-5', attempts: [{ message: 'bad \ufffd byte' }], losses: ['a\0b'] },
  ]);
});

test('a row is there as soon as the request is open', async () => {
  const { open, read } = bench();
  const ledger = open();
  const live = opened(exchange('X1'));
  ledger.open(live);
  await ledger.flush();
  expect((await read()).exchanges(ALL)).toEqual([live]);
});

test('an exchange that runs is written as it is by then, and is open until it is finished', async () => {
  const { open, read } = bench();
  const ledger = open();
  const x = opened(exchange('X1', { attempts: [attempt(1)], losses: ['one'] }));
  ledger.open(x);
  x.losses.push('two');
  x.outcome = 'ok';
  await ledger.flush();
  expect((await read()).exchanges(ALL)).toEqual([{ ...x, outcome: 'open' }]);
  ledger.finish(x);
  await ledger.flush();
  expect((await read()).exchanges(ALL)).toEqual([x]);
});

test('records reach the disk without a flush', async () => {
  const { file, open, read } = bench();
  const ledger = open();
  await ledger.flush();
  recordAll(ledger, [exchange('X1')]);
  const reader = await read();
  await expect.poll(() => reader.count(ALL), { interval: 5 }).toBe(1);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a request that runs reaches the disk without a flush, too', async () => {
  const { open, read } = bench();
  const ledger = open();
  await ledger.flush();
  const live = opened(exchange('X0'));
  ledger.open(live);
  const reader = await read();
  await expect.poll(() => reader.find('X0'), { interval: 5 }).toEqual([live]);
});

test('a batch takes what has ended, and a request that runs when it was there at the batch before', () => {
  const queue = createQueue(10, () => undefined);
  const taken = () => {
    const ids = queue.take(10, false).map(({ id, open }) => [id, open]);
    queue.done();
    return ids;
  };
  queue.add(opened(exchange('X1')), false);
  recordAll({ open: (x) => queue.add(x, false), finish: (x) => queue.add(x, true) }, [exchange('X2')]);
  expect(taken()).toEqual([['X2', false]]);
  queue.ripen();
  queue.add(opened(exchange('X3')), false);
  expect(taken()).toEqual([['X1', true]]);
  queue.add(exchange('X3'), true);
  expect(taken()).toEqual([['X3', false]]);
  queue.add(opened(exchange('X4')), false);
  expect(queue.take(10, true).map(({ id }) => id)).toEqual(['X4']);
});

test('a checkpoint keeps the tokens so far, at most every one and a half seconds', async () => {
  const { open, read } = bench();
  let time = 0;
  const ledger = open({ now: () => time });
  const live = opened(exchange('X1'));
  const soFar = (output: number) => ({ ...live, usage: { output }, attempts: [attempt(1, { ms: null })] });
  ledger.open(live);
  await ledger.flush();
  const reader = await read();
  const output = () => reader.exchanges(ALL)[0]?.usage.output;

  time = 1_499;
  ledger.update(soFar(10));
  await ledger.flush();
  expect(output()).toBeUndefined();

  time = 1_500;
  ledger.update(soFar(20));
  await ledger.flush();
  expect(output()).toBe(20);

  time = 2_999;
  ledger.update(soFar(30));
  await ledger.flush();
  expect(output()).toBe(20);
});

test('a second finish changes nothing and is a problem, in one batch and in two', async () => {
  const { open, read } = bench();
  const ledger = open();
  recordAll(ledger, [exchange('X1'), exchange('X2')]);
  ledger.finish(exchange('X1', { status: 500, outcome: 'error' }));
  await ledger.flush();
  ledger.finish(exchange('X2', { status: 500, outcome: 'error', attempts: [attempt(1), attempt(2)] }));
  await ledger.flush();
  const reader = await read();
  expect(reader.exchanges(ALL)).toEqual([exchange('X2'), exchange('X1')]);
  expect(reader.todayTotals(0, Infinity)).toMatchObject({ requests: 2, errors: 0 });
  expect(ledger.problems()).toEqual([expect.stringContaining('2 requests were reported as finished twice')]);
  expect(ledger.heard).toHaveLength(1);
});

test('a checkpoint that comes after the end changes nothing and is no problem', async () => {
  const { open, read } = bench();
  let time = 0;
  const ledger = open({ now: () => time });
  ledger.open(opened(exchange('X1')));
  ledger.finish(exchange('X1'));
  time = 9_000;
  ledger.update(opened(exchange('X1')));
  await ledger.flush();
  expect((await read()).exchanges(ALL)).toEqual([exchange('X1')]);
  expect(ledger.problems()).toEqual([]);
});

test('a value that the database cannot hold costs that row only', async () => {
  const { open, read } = bench();
  const ledger = open();
  recordAll(ledger, [exchange('X1'), exchange('X2', { status: 200.5 }), exchange('X3')]);
  await ledger.flush();
  const reader = await read();
  expect(reader.exchanges(ALL).map(({ id }) => id)).toEqual(['X3', 'X1']);
  expect((await ledger.totals(NOON - HOUR_MS, NOON + HOUR_MS))?.requests).toBe(2);
  expect(ledger.problems()).toEqual([expect.stringContaining('did not take the values')]);
});

test('the totals that the server asks for are those that a reader sums', async () => {
  const { open, read } = bench();
  const ledger = open();
  recordAll(ledger, [
    exchange('X1'),
    exchange('X2', { cost: { nanoUsd: null, state: 'unknown', source: null } }),
    exchange('X3', { outcome: 'error', usage: {}, cost: { nanoUsd: 0, state: 'none', source: null } }),
    exchange('X4', { attempts: [attempt(1, { failure: 'overloaded' }), attempt(2, { provider: 'groq' })] }),
    exchange('X5', { cost: { nanoUsd: 10, state: 'estimate', source: null } }),
    exchange('X6', { demo: true }),
    exchange('X7', { time: NOON - 1 }),
  ]);
  const totals = await ledger.totals(NOON, NOON + 1);
  expect(totals).toEqual({
    requests: 5,
    errors: 1,
    fallbacks: 1,
    costNanoUsd: 2 * 1_234_567 + 10,
    unpriced: 1,
    estimated: 1,
    input: 4_000,
    cacheRead: 3_200,
  });
  expect((await read()).todayTotals(NOON, NOON + 1)).toEqual(totals);
});

test('after close nothing more is recorded, and that is counted', async () => {
  const { open, read } = bench();
  const ledger = open();
  recordAll(ledger, [exchange('X1')]);
  await ledger.close();
  ledger.finish(exchange('X2'));
  await ledger.close();
  expect((await read()).count(ALL)).toBe(1);
  expect(ledger.problems()).toEqual([expect.stringContaining('1 request was not recorded')]);
});
