import type { Settings } from './schema/settings.ts';
import type { BudgetRule, BudgetScope, BudgetSpan, LineOf, RuleSpan } from './types.ts';

/** An entry of `budgets:`; that of `budget:` has no scope. */
export type BudgetSettings = NonNullable<Settings['budgets']>[number];

/** Every span, in the order in which they are told. */
export const BUDGET_SPANS = ['day', 'week', 'month'] as const satisfies readonly BudgetSpan[];

/** What may happen at a limit. */
export const BUDGET_ACTIONS = [
  'block',
  'warn',
  'downgrade',
] as const satisfies readonly BudgetRule['action'][];

/** What a budget can be limited to, in the order in which it is told. */
export const BUDGET_SCOPES = [
  'project',
  'agent',
  'provider',
  'model',
] as const satisfies readonly (keyof BudgetScope)[];

const ADJECTIVES: Readonly<Record<RuleSpan, string>> = {
  day: 'daily',
  week: 'weekly',
  month: 'monthly',
  run: "one run's",
};
const DEFAULT_WARN = '80%';
const NANO = 1_000_000_000;

/** Whether a rule of the user's could be taken for a budget, which decides under its own name. */
export const isBudgetName = (name: string): boolean => /^(daily|weekly|monthly) budget\b/.test(name);

/** `daily budget`, `daily budget of project web and model gpt-5*`. */
export function budgetName(of: BudgetScope, span: RuleSpan): string {
  const whose = BUDGET_SCOPES.flatMap((scope) => (of[scope] === undefined ? [] : [`${scope} ${of[scope]}`]));
  return `${ADJECTIVES[span]} budget${whose.length > 0 ? ` of ${whose.join(' and ')}` : ''}`;
}

/** `15/day` is short for `{ day: 15 }`. */
export function budgetEntry(given: NonNullable<Settings['budget']>): BudgetSettings {
  if (typeof given !== 'string') return given;
  const [amount, span = 'day'] = given.split('/');
  return { [span]: Number(amount) };
}

function scopeOf(entry: BudgetSettings): BudgetScope {
  return Object.fromEntries(
    BUDGET_SCOPES.flatMap((scope) => (entry[scope] === undefined ? [] : [[scope, entry[scope]]])),
  );
}

/** One rule for each amount of an entry. */
function rulesOf(entry: BudgetSettings, line: number | null): BudgetRule[] {
  const of = scopeOf(entry);
  return BUDGET_SPANS.flatMap((span): BudgetRule[] => {
    const usd = entry[span];
    if (usd === undefined) return [];
    return [
      {
        name: budgetName(of, span),
        line,
        of,
        span,
        limitNanoUsd: Math.round(usd * NANO),
        warnAt: Number.parseInt(entry.warn ?? DEFAULT_WARN, 10) / 100,
        action: entry.action ?? 'block',
        to: entry.to ?? null,
      },
    ];
  });
}

/** All budgets of a file. */
export function budgetRules({ budget, budgets = [] }: Settings, lineOf: LineOf): BudgetRule[] {
  return [
    ...(budget === undefined ? [] : rulesOf(budgetEntry(budget), lineOf(['budget']))),
    ...budgets.flatMap((entry, index) => rulesOf(entry, lineOf(['budgets', index]))),
  ];
}
