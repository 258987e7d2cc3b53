import { type BudgetStanding, countsAll, raiseCommand, usedUp } from '../../../budget/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../usage-error.ts';

const NANO = 1_000_000_000;

/** `2`, `$2.50`, `2/run` as nano-dollars. @throws UserError (exit 2) */
export function readRunBudget(text: string): number {
  const [, amount] = /^\$?(\d{1,6}(?:\.\d{1,6})?)(?:\/run)?$/.exec(text) ?? [];
  if (amount === undefined)
    throw usageError(
      `"${text}" is no amount of US dollars for one run`,
      '{cmd} run --budget 2 -- claude',
      '{cmd} budget set 10/day     for every day',
    );
  return Math.round(Number(amount) * NANO);
}

/**
 * An agent whose every request would be refused is not started. Budgets of single providers and models are no reason: others
 * may serve.
 * @throws UserError `budget_reached` (exit 8)
 */
export function refuseWithoutMoney(
  context: Context,
  budgets: readonly BudgetStanding[],
  label: { agent: string; project: string | null },
): void {
  const empty = budgets.find(
    (one) => one.state === 'reached' && one.action === 'block' && countsAll(one, label),
  );
  if (!empty) return;
  throw new UserError({
    code: 'budget_reached',
    exit: EXIT.budget,
    message: usedUp(empty, context.now()),
    fix: [raiseCommand(empty, '{cmd}')],
  });
}
