import { type BudgetStanding, leftOf, limitOf } from '../../budget/index.ts';
import type { Look } from './look.ts';
import { bar, percent, sum } from './units.ts';

const SPANS: Readonly<Record<BudgetStanding['span'], { present: string; each: string }>> = {
  day: { present: 'today', each: 'a day' },
  week: { present: 'this week', each: 'a week' },
  month: { present: 'this month', each: 'a month' },
  run: { present: 'in this run', each: 'for this run' },
};

/** `today`, `this week`. */
export const presentText = ({ span }: BudgetStanding): string => SPANS[span].present;

/** The one that today's sum is measured with: everybody's, of a day; of two the one that has less left. */
export function todaysBudget(budgets: readonly BudgetStanding[]): BudgetStanding | undefined {
  return budgets
    .filter(({ of, span }) => span === 'day' && Object.keys(of).length === 0)
    .sort((a, b) => leftOf(a) - leftOf(b))[0];
}

/** `project web and agent claude`; '' = everybody. */
export function whoseText({ of, by }: BudgetStanding): string {
  if (by === 'serve') return 'this server';
  return Object.entries(of)
    .map(([scope, name]) => `${scope} ${name}`)
    .join(' and ');
}

/** `then block`, `then a warning`, `then small`. */
export function thenText({ action, to }: BudgetStanding): string {
  return `then ${action === 'block' ? 'block' : action === 'warn' ? 'a warning' : (to ?? '')}`;
}

/** `$10.00 a day, $4.61 used, then block`; narrow: `$4.61 of $10.00 today`. */
export function budgetText(one: BudgetStanding, narrow: boolean): string {
  const { each, present } = SPANS[one.span];
  const whose = whoseText(one);
  const front = whose === '' ? '' : `${whose}: `;
  if (narrow) return `${front}${sum(one.spentNanoUsd)} of ${sum(limitOf(one))} ${present}`;
  const raised = one.raisedNanoUsd > 0 ? ` (${sum(one.raisedNanoUsd)} of it for today)` : '';
  return `${front}${sum(limitOf(one))} ${each}${raised}, ${sum(one.spentNanoUsd)} used, ${thenText(one)}`;
}

/** Who has what left: `$10.00 a day, $5.18 left`. */
export function leftText(one: BudgetStanding): string {
  const left = leftOf(one);
  const whose = whoseText(one);
  return `${whose === '' ? '' : `${whose}: `}${sum(limitOf(one))} ${SPANS[one.span].each}, ${left > 0 ? `${sum(left)} left` : 'used up'}`;
}

const BAR = 10;

/** ` of $10.00 ▇▇▇▇▇▁▁▁▁▁ 48%`, behind a sum. */
export function budgetMeter(one: BudgetStanding, { glyphs }: Pick<Look, 'glyphs'>): string {
  const full = bar(one.spentNanoUsd, limitOf(one), BAR, glyphs);
  const meter = full + glyphs.empty.repeat(BAR - full.length);
  return ` of ${sum(limitOf(one))} ${meter} ${percent(one.spentNanoUsd, limitOf(one), '100%')}`;
}
