import type { BudgetStanding } from '../../../budget/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { readBudgets } from '../../budgets.ts';
import type { Context } from '../../context.ts';
import { leftText } from '../../render/budget.ts';
import { lookOf, safeText, wrap } from '../../render/index.ts';

const LABEL = 'Budget ';

/** What is left of each budget, under a table of spending. One that is used up is exit 8 with `--check`. */
export async function tellBudgets(context: Context, how: { check: boolean; print: boolean }): Promise<void> {
  const budgets = await known(context, how.check);
  if (how.print) {
    const { width } = lookOf(context, context.stdout);
    for (const one of budgets)
      for (const line of wrap(safeText(LABEL + leftText(one)), width)) context.stdout.write(`${line}\n`);
  }
  if (!how.check) return;
  const { budgetWarning } = await import('../../../budget/index.ts');
  for (const one of budgets.filter(({ state }) => state === 'reached')) {
    context.stderr.write(`${safeText(budgetWarning(one, context.now(), context.prefix) ?? '')}\n`);
    context.exit(EXIT.budget);
  }
}

/** Whoever only wants to see sums gets them with a configuration that is not in order, too. */
async function known(context: Context, check: boolean): Promise<BudgetStanding[]> {
  try {
    return await readBudgets(context);
  } catch (error) {
    if (check || !(error instanceof UserError)) throw error;
    return [];
  }
}
