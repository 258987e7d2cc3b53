import type { BudgetRule } from '../config/index.ts';
import type { Book } from './book.ts';
import { dayName, spanOf } from './spans.ts';
import type { BudgetStanding, Raises } from './types.ts';

/** What may be spent now, raises included. */
export const limitOf = ({ limitNanoUsd, raisedNanoUsd }: BudgetStanding): number =>
  limitNanoUsd + raisedNanoUsd;

/** What is neither spent nor held back; negative when more was spent. */
export const leftOf = (one: BudgetStanding): number => limitOf(one) - one.spentNanoUsd - one.reservedNanoUsd;

/** Nothing was raised. */
export const NO_RAISES: Raises = { day: '', nanoUsd: {} };

/** What holds of a raise today. */
export function raisedBy(raises: Raises, name: string, now: number): number {
  return raises.day === dayName(now) ? (raises.nanoUsd[name] ?? 0) : 0;
}

/** How one budget stands. `spent` and `reserved` are nano-dollars. */
export function standing(
  rule: BudgetRule,
  sums: { spent: number; reserved: number; raises: Raises; now: number },
): BudgetStanding {
  const raised = raisedBy(sums.raises, rule.name, sums.now);
  const limit = rule.limitNanoUsd + raised;
  const warnAt = Math.round(limit * rule.warnAt);
  const { name, of, span, by = null, action, to, line } = rule;
  return {
    ...{ name, of, span, by, action, to, line },
    limitNanoUsd: rule.limitNanoUsd,
    raisedNanoUsd: raised,
    warnAtNanoUsd: warnAt,
    spentNanoUsd: sums.spent,
    reservedNanoUsd: sums.reserved,
    resetsAt: spanOf(rule, sums.now).until,
    state: sums.spent >= limit ? 'reached' : sums.spent >= warnAt ? 'warn' : 'ok',
  };
}

/** How all of them stand by what a book says: for commands, which know of no requests on their way. */
export function standingsOf(
  rules: readonly BudgetRule[],
  book: Book,
  raises: Raises,
  now: number,
): BudgetStanding[] {
  return rules.map((rule) =>
    standing(rule, { spent: book.spent(rule, spanOf(rule, now).since), reserved: 0, raises, now }),
  );
}
