import type { Budgets } from '../budget/index.ts';
import type { Recorder } from '../exchange.ts';
import { declaredProject } from './route-request.ts';

/** Tells budgets what requests came to. The demo's prices are invented: no budget counts them. */
export function budgetListener(budgets: Pick<Budgets, 'settle'>): Pick<Recorder, 'finish'> {
  return {
    finish(exchange) {
      const { id, time, agent, provider, model, cost, demo } = exchange;
      const spender =
        provider === null || model === null
          ? null
          : { agent, project: declaredProject(exchange), provider, model };
      budgets.settle({ id, time, spender, nanoUsd: demo ? null : cost.nanoUsd });
    },
  };
}
