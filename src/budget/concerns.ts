import { counts } from './book.ts';
import { leftOf } from './standing.ts';
import type { Asker, BudgetConcern, BudgetStanding } from './types.ts';

const EFFECTS: Readonly<Record<BudgetStanding['action'], BudgetConcern['effect']>> = {
  block: 'blocks',
  warn: 'warns',
  downgrade: 'downgrades',
};

/** The budgets that count what a request would spend at its targets, and what they would do with it now. */
export function concernsOf(
  standings: readonly BudgetStanding[],
  asker: Asker,
  targets: readonly { target: string; provider: string; model: string }[],
): BudgetConcern[] {
  return standings.flatMap((standing): BudgetConcern[] => {
    const counted = targets.filter(({ provider, model }) => counts(standing, { ...asker, provider, model }));
    if (counted.length === 0) return [];
    return [
      {
        ...standing,
        leftNanoUsd: Math.max(0, leftOf(standing)),
        targets: counted.map(({ target }) => target),
        effect: standing.state === 'reached' ? EFFECTS[standing.action] : 'none',
      },
    ];
  });
}
