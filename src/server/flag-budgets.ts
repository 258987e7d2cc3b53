import { type BudgetRule, budgetName } from '../config/index.ts';
import type { RunBudget, ServeBudget } from './types.ts';

/** Budgets that no file holds: that of `serve --budget`, and those of runs that are attached. */
export interface FlagBudgets {
  rules(): readonly BudgetRule[];
  /** That of a run, from now on. Call what comes back when the run has ended. */
  add(budget: RunBudget): () => void;
}

const WARN_AT = 0.8;
const BLOCK = { line: null, warnAt: WARN_AT, action: 'block', to: null } as const;

/** @param now ms since 1970 */
export function createFlagBudgets(serve: ServeBudget | null, now: () => number): FlagBudgets {
  const ofServer: BudgetRule[] = serve
    ? [{ ...BLOCK, ...serve, name: `${budgetName({}, serve.span)} of this server`, of: {}, by: 'serve' }]
    : [];
  let ofRuns: readonly BudgetRule[] = [];
  return {
    rules: () => [...ofServer, ...ofRuns],
    add({ agent, project, limitNanoUsd }) {
      const of = { agent, ...(project === null ? {} : { project }) };
      const name = `${budgetName(of, 'run')}, from ${new Date(now()).toISOString()}`;
      const rule: BudgetRule = { ...BLOCK, name, of, span: 'run', by: 'run', since: now(), limitNanoUsd };
      ofRuns = [...ofRuns, rule];
      return () => {
        ofRuns = ofRuns.filter((one) => one !== rule);
      };
    },
  };
}
