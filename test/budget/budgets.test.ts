import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BudgetStanding,
  createBudgets,
  daysBefore,
  type Spending,
  spanAt,
} from '../../src/budget/index.ts';
import { judge } from '../../src/budget/judge.ts';
import type { BudgetRule } from '../../src/config/index.ts';
import { configOf } from '../router/support.ts';

const local = (month: number, day: number, hour = 0, minute = 0) =>
  new Date(2026, month - 1, day, hour, minute).getTime();

describe('spans', () => {
  test.each<['day' | 'week' | 'month', number, number, number]>([
    ['day', local(11, 25, 14), local(11, 25), local(11, 26)],
    ['day', local(11, 25), local(11, 25), local(11, 26)],
    // 25 November 2026 is a Wednesday, the 29th a Sunday, the 30th a Monday.
    ['week', local(11, 25, 14), local(11, 23), local(11, 30)],
    ['week', local(11, 29, 23, 59), local(11, 23), local(11, 30)],
    ['week', local(11, 30), local(11, 30), local(12, 7)],
    ['month', local(11, 30, 23), local(11, 1), local(12, 1)],
    ['month', local(2, 10), local(2, 1), local(3, 1)],
    ['month', local(12, 31), local(12, 1), local(13, 1)],
  ])('a %s', (span, now, since, until) => {
    expect(spanAt(span, now)).toEqual({ since, until });
  });

  test('the days that may count begin with the month, or with a week that began before it', () => {
    expect(daysBefore(local(12, 2, 5))).toHaveLength(3);
    expect(daysBefore(local(11, 25, 5))).toHaveLength(25);
    expect(daysBefore(local(11, 25, 5)).at(-1)).toEqual({ since: local(11, 25), until: local(11, 26) });
  });
});

const DOLLAR = 1_000_000_000;

/** Budgets with a clock and a ledger of the test. */
async function budgetsOf(yaml: string, before: readonly Spending[] | null = []) {
  const on = {
    now: local(11, 25, 12),
    rules: (await configOf(yaml)).budgets as readonly BudgetRule[],
    raises: { day: '', nanoUsd: {} as Record<string, number> },
    warnings: [] as string[],
    waits: 0,
  };
  const budgets = createBudgets({
    rules: () => on.rules,
    before: async () => before,
    raises: () => on.raises,
    now: () => on.now,
    wait: (_ms, signal) =>
      new Promise((_resolve, reject) => {
        on.waits++;
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      }),
    onWarning: (text) => on.warnings.push(text),
    prefix: 'unorouter',
  });
  await budgets.ready();
  const admit = (id: string, nanoUsd = DOLLAR, signal = new AbortController().signal) =>
    budgets.admit({
      id,
      asker: { agent: null, project: null },
      targets: [{ provider: 'p', model: 'm', estimate: { nanoUsd, state: 'exact' } }],
      downgraded: false,
      signal,
    });
  const settle = (id: string, nanoUsd: number, time = on.now) =>
    budgets.settle({
      id,
      time,
      spent: [{ spender: { agent: null, project: null, provider: 'p', model: 'm' }, nanoUsd }],
    });
  const spent = () => budgets.standings().map(({ spentNanoUsd }) => spentNanoUsd / DOLLAR);
  return { on, budgets, admit, settle, spent };
}

const past = (day: number, nanoUsd: number): Spending => ({
  ...{ day, nanoUsd: nanoUsd * DOLLAR, provider: 'p', model: 'm', agent: '', project: '' },
});

describe('days, weeks and months', () => {
  test('begin anew at their own midnight, and a request counts for the day on which it began', async () => {
    const { on, settle, spent } = await budgetsOf('budget: { day: 10, week: 20, month: 30 }', [
      past(local(11, 25), 1),
      past(local(11, 24), 2),
      past(local(11, 2), 4),
    ]);
    expect(spent()).toEqual([1, 3, 7]);
    settle('a', DOLLAR);
    expect(spent()).toEqual([2, 4, 8]);
    on.now = local(11, 26, 0, 1);
    expect(spent()).toEqual([0, 4, 8]);
    settle('over midnight', DOLLAR, local(11, 25, 23, 59));
    expect(spent()).toEqual([0, 5, 9]);
    on.now = local(11, 30);
    expect(spent()).toEqual([0, 0, 9]);
    on.now = local(12, 1);
    expect(spent()).toEqual([0, 0, 0]);
  });

  test('that were raised are as before from the next midnight on', async () => {
    const { on, budgets, admit, settle } = await budgetsOf('budget: 1/day');
    settle('a', DOLLAR);
    expect((await admit('b')).do).toBe('refuse');
    on.raises = { day: '2026-11-25', nanoUsd: { 'daily budget': DOLLAR } };
    budgets.reload();
    expect((await admit('c')).do).toBe('go');
    settle('c', DOLLAR);
    expect((await admit('d')).do).toBe('refuse');
    on.now = local(11, 26);
    expect(budgets.standings()).toMatchObject([{ raisedNanoUsd: 0, spentNanoUsd: 0, state: 'ok' }]);
  });
});

test('a ledger that cannot be read is said, and what is spent from then on counts', async () => {
  const { budgets, admit, settle } = await budgetsOf('budget: 1/day', null);
  expect(budgets.warnings()).toEqual([expect.stringContaining('the ledger cannot be read')]);
  settle('a', DOLLAR);
  expect((await admit('b')).do).toBe('refuse');
});

describe('a request that only requests on their way stand in the way of', () => {
  test('goes as soon as one of them has cost less than it could', async () => {
    const { on, admit, settle, budgets } = await budgetsOf('budget: 1/day');
    expect((await admit('a')).do).toBe('go');
    const second = admit('b');
    await expect.poll(() => on.waits).toBe(1);
    settle('a', DOLLAR / 10);
    expect((await second).do).toBe('go');
    const third = admit('c');
    await expect.poll(() => on.waits).toBe(2);
    settle('b', DOLLAR);
    expect((await third).do).toBe('refuse');
    expect(budgets.standings()).toMatchObject([{ reservedNanoUsd: 0 }]);
  });

  test('goes when those are over without a bill, and ends with its client', async () => {
    const { on, admit, budgets } = await budgetsOf('budget: 1/day');
    await admit('a');
    const second = admit('b');
    await expect.poll(() => on.waits).toBe(1);
    budgets.release('a');
    expect((await second).do).toBe('go');
    const client = new AbortController();
    const third = admit('c', DOLLAR, client.signal);
    await expect.poll(() => on.waits).toBe(2);
    client.abort();
    expect((await third).do).toBe('refuse');
  });
});

const amount = fc.integer({ min: 0, max: 20 });
const standing = fc
  .record({
    action: fc.constantFrom<BudgetStanding['action']>('block', 'warn', 'downgrade'),
    of: fc.constantFrom({}, { project: 'x' }, { provider: 'p' }, { model: 'm' }),
    ...{ limitNanoUsd: amount, raisedNanoUsd: amount, spentNanoUsd: amount, reservedNanoUsd: amount },
  })
  .map((some): BudgetStanding => {
    const rest = {
      name: 'b',
      span: 'day',
      to: null,
      line: null,
      by: null,
      warnAtNanoUsd: 0,
      resetsAt: 0,
      state: 'ok',
    } as const;
    return { ...rest, ...some };
  });
const target = fc.record({
  budgets: fc.array(standing, { maxLength: 3 }),
  target: fc.record({
    ...{ provider: fc.constant('p'), model: fc.constant('m') },
    estimate: fc.constantFrom(
      { nanoUsd: 5, state: 'exact' as const },
      { nanoUsd: null, state: 'unknown' as const },
      { nanoUsd: 0, state: 'local' as const },
    ),
  }),
});

test('nobody goes where a budget is used up or held back, unless it only warns or nothing is paid there', () => {
  fc.assert(
    fc.property(fc.array(target, { minLength: 1, maxLength: 4 }), (targets) => {
      const verdict = judge(targets);
      const room = ({ budgets, target: { estimate } }: (typeof targets)[number]): boolean =>
        estimate.state === 'local' ||
        budgets.every(
          (one) =>
            one.action === 'warn' ||
            one.spentNanoUsd + one.reservedNanoUsd < one.limitNanoUsd + one.raisedNanoUsd,
        );
      if (verdict.do === 'go') {
        expect(verdict.keep.length).toBeGreaterThan(0);
        expect(verdict.keep).toEqual(targets.flatMap((one, i) => (room(one) ? [i] : [])));
        return;
      }
      const [first] = targets;
      expect(first && room(first)).toBe(false);
      const { by } = verdict;
      const left = by.limitNanoUsd + by.raisedNanoUsd - by.spentNanoUsd;
      expect(verdict.do === 'wait').toBe(left > 0);
    }),
  );
});
