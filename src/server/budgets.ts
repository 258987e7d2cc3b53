import { type Budgets, createBudgets, readRaises } from '../budget/index.ts';
import type { Recorder } from '../exchange.ts';
import type { Parts } from './parts.ts';
import { declaredProject } from './route-request.ts';
import { wait } from './wait.ts';

/** The budgets of a server: they count from what the ledger knows of the time before it. */
export function openBudgets(
  parts: Pick<Parts, 'options' | 'shelves' | 'ledger' | 'startedAt' | 'flagBudgets'>,
): Budgets {
  const { options, shelves, ledger, startedAt, flagBudgets } = parts;
  return createBudgets({
    rules: () => [...shelves.now().config.budgets, ...flagBudgets.rules()],
    async before(days, kind) {
      // Requests of this process are counted as they end.
      const past = days
        .filter(({ since }) => since < startedAt)
        .map((day) => ({ ...day, until: Math.min(day.until, startedAt) }));
      return ledger.spent({ days: past, declared: kind === 'declared' });
    },
    raises: () => readRaises(options.paths.stateDir),
    now: Date.now,
    wait,
    onWarning: (text) => options.notice('warn', text),
    prefix: options.prefix,
  });
}

/** Tells budgets what requests came to. The demo's prices are invented: no budget counts them. */
export function budgetListener(budgets: Pick<Budgets, 'settle'>): Pick<Recorder, 'finish'> {
  return {
    finish(exchange) {
      const { id, time, agent, attempts, demo } = exchange;
      const project = declaredProject(exchange);
      // Each provider that sends a bill has spent its own part of it.
      const spent = attempts.flatMap(({ provider, model, billed }) =>
        billed && !demo
          ? [{ spender: { agent, project, provider, model }, nanoUsd: billed.cost.nanoUsd }]
          : [],
      );
      budgets.settle({ id, time, spent });
    },
  };
}
