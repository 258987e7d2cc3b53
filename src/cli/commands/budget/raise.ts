import type { BudgetRule } from '../../../config/index.ts';
import { configuredBudgets, readBudgets } from '../../budgets.ts';
import { findClient } from '../../client.ts';
import type { Context } from '../../context.ts';
import { jsonText, lookOf, wrap } from '../../render/index.ts';
import { budgetJson } from './list.ts';
import { noSuchBudget, readUsd, type ScopeFlags, sameScope, scopeOf } from './scope.ts';
import { raisedText } from './words.ts';

/** `budget raise`: more for today; a running server hears of it at once. @throws UserError `no_such_budget` (exit 9) */
export async function raiseBudget(context: Context, amount: string, flags: ScopeFlags): Promise<void> {
  const nanoUsd = readUsd(amount);
  const rules = await configuredBudgets(context);
  const meant = meantBy(flags, rules);
  if (meant.length === 0) throw noSuchBudget(rules);
  const names = new Set(meant.map(({ name }) => name));
  const { raise } = await import('../../../budget/index.ts');
  raise(context.paths.stateDir, [...names], nanoUsd, context.now());
  const client = await findClient(context);
  await client?.reloadBudgets();
  const budgets = (await readBudgets(context)).filter(({ name }) => names.has(name));
  if (context.json) {
    context.stdout.write(jsonText(budgets.map(budgetJson)));
    return;
  }
  const { width } = lookOf(context, context.stdout);
  for (const one of budgets) context.stdout.write(`${wrap(raisedText(one), width).join('\n')}\n`);
}

/** Those of the scope that was named; unnamed, everybody's, or the only one that there is. */
function meantBy(flags: ScopeFlags, rules: readonly BudgetRule[]): readonly BudgetRule[] {
  const scope = scopeOf(flags);
  const found = rules.filter(({ of }) => sameScope(of, scope));
  return found.length === 0 && Object.keys(scope).length === 0 && rules.length === 1 ? rules : found;
}
