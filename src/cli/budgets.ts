import type { BudgetStanding } from '../budget/index.ts';
import { type BudgetRule, invalidConfig, loadConfig } from '../config/index.ts';
import { flushed } from './client.ts';
import type { Context } from './context.ts';

/** The budgets of the configuration file. @throws UserError `config_invalid` (exit 3) */
export async function configuredBudgets(context: Context): Promise<readonly BudgetRule[]> {
  const loaded = await loadConfig(context.paths.configFile);
  if (!loaded.ok) throw invalidConfig(loaded.problems, loaded.source);
  return loaded.config.budgets;
}

/**
 * How all budgets stand by what is in the ledger, whether or not a server runs; requests on their way are in no sum.
 * @throws UserError `config_invalid` (exit 3), and for a ledger that cannot be read
 */
export async function readBudgets(context: Context): Promise<BudgetStanding[]> {
  const rules = await configuredBudgets(context);
  if (rules.length === 0) return [];
  const { createBook, daysBefore, readRaises, standingsOf } = await import('../budget/index.ts');
  const { openLedgerReader } = await import('../ledger/index.ts');
  await flushed(context);
  const now = context.now();
  const book = createBook();
  const reader = await openLedgerReader(context.paths.ledgerFile);
  try {
    for (const kind of ['all', 'declared'] as const)
      book.fill(kind, reader?.spent({ days: daysBefore(now), declared: kind === 'declared' }) ?? []);
  } finally {
    reader?.close();
  }
  return standingsOf(rules, book, readRaises(context.paths.stateDir), now);
}
