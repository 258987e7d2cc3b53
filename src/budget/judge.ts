import type { BudgetScope } from '../config/index.ts';
import { limitOf } from './standing.ts';
import type { BudgetStanding, PricedTarget, Verdict } from './types.ts';

/** A target with the budgets that count what is spent there. */
export interface Judged {
  target: PricedTarget;
  budgets: readonly BudgetStanding[];
}

/** Costs that are a known zero: no budget stands in their way. */
const FREE: ReadonlySet<string> = new Set(['free', 'local', 'demo', 'none']);

/** It is not who asks that is out of money, but where it would go. */
const ofPlace = ({ provider, model }: BudgetScope): boolean => provider !== undefined || model !== undefined;

/** The budget that stands in the way of a target: one that is used up before one that is only held back. */
function obstacle({ target, budgets }: Judged): BudgetStanding | null {
  if (FREE.has(target.estimate.state) || target.estimate.nanoUsd === 0) return null;
  const strict = budgets.filter(({ action }) => action !== 'warn');
  const full = strict.filter((one) => one.spentNanoUsd >= limitOf(one));
  return (
    // Whoever is refused by one budget is not sent elsewhere by another.
    full.find(({ action }) => action === 'block') ??
    full[0] ??
    strict.find((one) => one.spentNanoUsd + one.reservedNanoUsd >= limitOf(one)) ??
    null
  );
}

/**
 * Whether a request may go, and where. It goes as long as something is left and nothing on its way may need the rest: what
 * is spent beyond a limit is therefore never more than what was reserved. A budget of a provider or model only takes that
 * target out of the plan; every other one decides over the request.
 */
export function judge(targets: readonly Judged[]): Verdict {
  const obstacles = targets.map(obstacle);
  const keep = obstacles.flatMap((one, index) => (one === null ? [index] : []));
  const first = obstacles[0] ?? null;
  if (first === null || (ofPlace(first.of) && keep.length > 0)) return { do: 'go', keep };
  if (first.spentNanoUsd < limitOf(first)) return { do: 'wait', by: first };
  return { do: first.action === 'downgrade' ? 'downgrade' : 'refuse', by: first };
}
