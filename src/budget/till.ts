import type { BudgetRule } from '../config/index.ts';
import { counts, createBook, kindOf, type Spender } from './book.ts';
import { daysBefore, spanOf } from './spans.ts';
import type { Days, Spending, SpendingKind } from './types.ts';

/** What counting needs from outside. */
export interface TillDeps {
  /** The present ones: another list when the configuration is another one. */
  rules(): readonly BudgetRule[];
  /** What was spent before this process began; null = the ledger cannot be read. */
  before(days: Days, kind: SpendingKind): Promise<readonly Spending[] | null>;
  /** ms since 1970 */
  now(): number;
}

/** What was spent under each budget in its present span. */
export interface Till {
  /** Resolves when the ledger was read, as far as there is anything to count. */
  ready(): Promise<void>;
  add(spender: Spender, time: number, nanoUsd: number): void;
  spent(rule: BudgetRule): number;
  /** The ledger could not be read: what was spent before is missing. */
  unread(): boolean;
}

/** Creates one. The ledger is read once of each kind, when there is a first budget to count for. */
export function createTill(deps: TillDeps): Till {
  const book = createBook();
  const loading = new Map<SpendingKind, Promise<void>>();
  let unread = false;
  // A budget of another configuration or another day starts anew.
  let sums = new Map<BudgetRule, { since: number; spent: number }>();

  async function load(kind: SpendingKind): Promise<void> {
    const before = await deps.before(daysBefore(deps.now()), kind);
    if (before === null) unread = true;
    else book.fill(kind, before);
    // The book knows whole days only: what a run has spent stands here.
    sums = new Map([...sums].filter(([{ span }]) => span === 'run'));
  }

  function loadOnce(kind: SpendingKind): Promise<void> {
    const loaded = loading.get(kind) ?? load(kind);
    loading.set(kind, loaded);
    return loaded;
  }

  return {
    async ready() {
      await Promise.all([...new Set(deps.rules().map(kindOf))].map(loadOnce));
    },
    add(spender, time, nanoUsd) {
      book.add(spender, time, nanoUsd);
      for (const [rule, sum] of sums) if (time >= sum.since && counts(rule, spender)) sum.spent += nanoUsd;
    },
    spent(rule) {
      const { since } = spanOf(rule, deps.now());
      const known = sums.get(rule);
      if (known?.since === since) return known.spent;
      const spent = book.spent(rule, since);
      sums.set(rule, { since, spent });
      return spent;
    },
    unread: () => unread,
  };
}
