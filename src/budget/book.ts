import type { BudgetRule } from '../config/index.ts';
import { matchesGlob } from '../router/index.ts';
import { midnight } from './spans.ts';
import type { Asker, Spending, SpendingKind } from './types.ts';

/** Where money went: what a budget's scope is compared with. */
export interface Spender extends Asker {
  provider: string;
  model: string;
}

/** What was spent, by day. */
export interface Book {
  add(spender: Spender, time: number, nanoUsd: number): void;
  /** What the ledger knows of the time before. */
  fill(kind: SpendingKind, before: readonly Spending[]): void;
  /** Spent under a budget since a local midnight. */
  spent(rule: BudgetRule, since: number): number;
}

const named = (pattern: string | undefined, name: string | null): boolean =>
  pattern === undefined || (name !== null && name !== '' && matchesGlob(pattern, name));

/** Whether a budget counts what this asker spends, as far as it is about askers. */
const countsAsker = ({ of }: Pick<BudgetRule, 'of'>, { agent, project }: Asker): boolean =>
  named(of.project, project) && named(of.agent, agent);

/** Whether a budget counts this asker wherever the money goes. */
export const countsAll = (rule: Pick<BudgetRule, 'of'>, asker: Asker): boolean =>
  rule.of.provider === undefined && rule.of.model === undefined && countsAsker(rule, asker);

/** Whether a budget counts what this one spends. */
export function counts(rule: Pick<BudgetRule, 'of'>, spender: Spender): boolean {
  const { of } = rule;
  const { provider, model } = spender;
  return (
    countsAsker(rule, spender) &&
    named(of.provider, provider) &&
    (named(of.model, model) || named(of.model, `${provider}/${model}`))
  );
}

/** Which sums a budget is about. */
export const kindOf = ({ of }: BudgetRule): SpendingKind => (of.project === undefined ? 'all' : 'declared');

/** Creates an empty one. */
export function createBook(): Book {
  const shelves = { all: createShelf(), declared: createShelf() };
  return {
    add({ agent, project, provider, model }, time, nanoUsd) {
      const one = { day: midnight(time), provider, model, agent: agent ?? '', nanoUsd };
      shelves.all.add({ ...one, project: '' });
      if (project !== null) shelves.declared.add({ ...one, project });
    },
    fill(kind, before) {
      for (const one of before) shelves[kind].add(one);
    },
    spent: (rule, since) => shelves[kindOf(rule)].spent(rule, since),
  };
}

interface Shelf {
  add(one: Spending): void;
  spent(rule: BudgetRule, since: number): number;
}

/** Sums of one kind; requests that agree in everything are one. */
function createShelf(): Shelf {
  const sums = new Map<string, Spending>();
  return {
    add(one) {
      const key = JSON.stringify([one.day, one.provider, one.model, one.agent, one.project]);
      const known = sums.get(key);
      if (known) known.nanoUsd += one.nanoUsd;
      else sums.set(key, { ...one });
    },
    spent(rule, since) {
      let total = 0;
      for (const one of sums.values()) if (one.day >= since && counts(rule, one)) total += one.nanoUsd;
      return total;
    },
  };
}
