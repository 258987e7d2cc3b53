import { expect, test } from 'vitest';
import type { BudgetStanding } from '../../src/budget/index.ts';
import { tries } from '../../src/cli/render/log/columns.ts';
import { footerLines } from '../../src/cli/render/log/footer.ts';
import { createLook } from '../../src/cli/render/look.ts';
import { attempt, exchange } from '../ledger/support/exchange-samples.ts';
import { TODAY } from './support/log.ts';

const DOLLAR = 1_000_000_000;

const daily: BudgetStanding = {
  ...{ name: 'daily budget', of: {}, span: 'day', by: null, action: 'block', to: null, line: 1, state: 'ok' },
  ...{ limitNanoUsd: 10 * DOLLAR, raisedNanoUsd: 0, warnAtNanoUsd: 8 * DOLLAR, reservedNanoUsd: 0 },
  ...{ spentNanoUsd: TODAY.costNanoUsd, resetsAt: 0 },
};

function footer(width: number, budgets: BudgetStanding[], ascii = false): string | undefined {
  const look = createLook({ width, color: false, ascii });
  return footerLines({ today: TODAY, budgets, demo: 0, problems: [] }, 2, look)[1];
}

test('the footer measures today with the daily budget of everybody', () => {
  expect(footer(100, [daily])).toBe(
    'today $4.82 of $10.00 ▇▇▇▇▇▁▁▁▁▁ 48% · 212 requests · prompt cache 71% · 2 live',
  );
  expect(footer(60, [daily])).toBe('today $4.82 of $10.00 ▇▇▇▇▇▁▁▁▁▁ 48% · 212 requests · 2 live');
  expect(footer(50, [daily], true)).toBe('today $4.82 of $10.00 =====..... 48% | 2 live');
  const full = { ...daily, spentNanoUsd: 12 * DOLLAR, raisedNanoUsd: 0 };
  expect(footer(100, [full])).toContain(' of $10.00 ▇▇▇▇▇▇▇▇▇▇ 120% ·');
  expect(footer(100, [{ ...daily, raisedNanoUsd: 5 * DOLLAR }])).toContain(' of $15.00 ');
  expect(
    footer(100, [
      { ...daily, of: { project: 'web' } },
      { ...daily, span: 'week' },
    ]),
  ).toBe('today $4.82 · 212 requests · prompt cache 71% · 2 live');
});

test('TRY says that a budget sent a request elsewhere', () => {
  expect(tries(exchange('a', { rule: 'daily budget of project web' }))).toBe('1d');
  expect(tries(exchange('b', { rule: 'weekly budget', attempts: [attempt(1), attempt(2)] }))).toBe('2rd');
  expect(tries(exchange('c', { rule: 'my daily budget' }))).toBe('1');
});
