import type { BudgetStanding } from '../../../budget/index.ts';
import { BUDGET_SCOPES, BUDGET_SPANS, type BudgetScope, type BudgetSpan } from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { usageError } from '../../usage-error.ts';

/** Whose budget is meant, as it was typed. */
export type ScopeFlags = BudgetScope;

/** Flags of `budget set` as they were typed. */
export interface SetFlags extends ScopeFlags {
  warn?: string;
  action?: string;
  to?: string;
}

/** Only what says whose it is, in the order of the file. */
export function scopeOf(flags: ScopeFlags): BudgetScope {
  return Object.fromEntries(
    BUDGET_SCOPES.flatMap((scope) => (flags[scope] === undefined ? [] : [[scope, flags[scope]]])),
  );
}

/** Whether both mean the same spending. */
export const sameScope = (a: BudgetScope, b: BudgetScope): boolean =>
  BUDGET_SCOPES.every((scope) => a[scope] === b[scope]);

/** @throws UserError (exit 2) */
export function readSpan(text: string): BudgetSpan {
  const span = BUDGET_SPANS.find((one) => one === text);
  if (!span) throw usageError(`a budget is of a day, week or month, not of "${text}"`, '{cmd} budget rm day');
  return span;
}

/** What the file counts in US dollars is counted in nano-dollars elsewhere. */
export const NANO_PER_USD = 1_000_000_000;

/** US dollars as nano-dollars. @throws UserError (exit 2) */
export function readUsd(text: string): number {
  const [, amount] = /^\$?(\d{1,6}(?:\.\d{1,6})?)$/.exec(text) ?? [];
  if (amount === undefined) throw usageError(`"${text}" is no amount of US dollars`, '{cmd} budget raise 5');
  return Math.round(Number(amount) * NANO_PER_USD);
}

/** `10/day`, `10/d`, `10` (a day) as nano-dollars. @throws UserError (exit 2) */
export function readAmount(text: string): { limitNanoUsd: number; span: BudgetSpan } {
  const [, amount, letters = 'day'] = /^\$?(\d{1,6}(?:\.\d{1,6})?)(?:\/([a-z]+))?$/.exec(text) ?? [];
  const span = BUDGET_SPANS.find((one) => one.startsWith(letters));
  if (amount === undefined || span === undefined)
    throw usageError(`"${text}" is no budget`, '{cmd} budget set 10/day', 'also: 50/week, 200/month');
  return { limitNanoUsd: Math.round(Number(amount) * NANO_PER_USD), span };
}

/** Nothing of the kind is in the file. */
export function noSuchBudget(known: readonly Pick<BudgetStanding, 'name'>[]): UserError {
  return new UserError({
    code: 'no_such_budget',
    exit: EXIT.nothingFound,
    message: known.length > 0 ? 'there is no such budget' : 'there is no budget yet',
    ...(known.length > 0 ? { why: `there are: ${known.map(({ name }) => name).join(', ')}` } : {}),
    fix: [known.length > 0 ? '{cmd} budget list' : '{cmd} budget set 10/day'],
  });
}
