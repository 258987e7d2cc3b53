import type { BudgetRule } from '../config/index.ts';
import type { Signal } from '../signal.ts';
import { counts, type Spender } from './book.ts';
import { judge } from './judge.ts';
import { standing } from './standing.ts';
import { createTill, type TillDeps } from './till.ts';
import type { Asker, BudgetStanding, PricedTarget, Raises, Verdict } from './types.ts';
import { createWaiting } from './waiting.ts';
import { budgetWarning } from './words.ts';

/** What budgets need from outside. */
export interface BudgetsDeps extends TillDeps {
  raises(): Raises;
  /** Waits; rejects when the signal is aborted. */
  wait(ms: number, signal: Signal): Promise<void>;
  /** A budget has come to its warning or its end: once each. */
  onWarning(text: string): void;
  prefix: string;
}

/** A request that wants to go. */
export interface Admission {
  id: string;
  asker: Asker;
  targets: readonly PricedTarget[];
  /** It was sent here by a budget: those that downgrade let it pass. */
  downgraded: boolean;
  /** Aborted when its client goes away. */
  signal: Signal;
}

/** What became of a request that wanted to go. */
export type Decision = Exclude<Verdict, { do: 'wait' }>;

/** What is limited, what was spent, and what is held back for requests on their way. */
export interface Budgets {
  /** Whether there are any. */
  any(): boolean;
  /**
   * Decides over a request, and reserves its estimate when it goes. Waits where only requests on their way stand in its
   * way, but not for long; a client that leaves meanwhile ends it.
   */
  admit(request: Admission): Promise<Decision>;
  /** A request has ended: what it cost, and where, in place of what was reserved. Without a price nothing is known to be spent. */
  settle(end: {
    id: string;
    time: number;
    spent: readonly { spender: Spender; nanoUsd: number | null }[];
  }): void;
  /** A request is over without having been recorded; after `settle` it changes nothing. */
  release(id: string): void;
  /** Resolves when the ledger was read, as far as there is anything to count. */
  ready(): Promise<void>;
  standings(): BudgetStanding[];
  /** Sentences about budgets that are nearly or wholly used up, and about a ledger that could not be read. */
  warnings(): string[];
  /** Configuration or raises have changed: whoever waits is looked at again. */
  reload(): void;
}

/** How long a request waits for those before it to end. Clients give up after a minute or more. */
const MOST_WAIT_MS = 20_000;

/** Creates the budgets of one server. */
export function createBudgets(deps: BudgetsDeps): Budgets {
  const till = createTill(deps);
  const waiting = createWaiting(deps.wait);
  const held = createHeld();
  const tell = createTeller(deps.onWarning);
  let raises = deps.raises();

  function standingOf(rule: BudgetRule): BudgetStanding {
    return standing(rule, { spent: till.spent(rule), reserved: held.under(rule), raises, now: deps.now() });
  }

  function judged({ asker, targets, downgraded }: Admission): Verdict {
    const rules = deps.rules().filter(({ action }) => !(downgraded && action === 'downgrade'));
    const standings = rules.map((rule) => ({ rule, one: standingOf(rule) }));
    return judge(
      targets.map((target) => ({
        target,
        budgets: standings.flatMap(({ rule, one }) => (counts(rule, { ...asker, ...target }) ? [one] : [])),
      })),
    );
  }

  async function admit(request: Admission): Promise<Decision> {
    await till.ready();
    const until = deps.now() + MOST_WAIT_MS;
    for (;;) {
      const verdict = judged(request);
      if (verdict.do === 'go') held.hold(request, verdict.keep);
      if (verdict.do !== 'wait') return verdict;
      if (!(await waiting.changed(Math.max(0, until - deps.now()), request.signal)))
        return { do: verdict.by.action === 'downgrade' ? 'downgrade' : 'refuse', by: verdict.by };
    }
  }

  function release(id: string): void {
    if (held.drop(id)) waiting.wakeAll();
  }

  const warningOf = (one: BudgetStanding): string | null => budgetWarning(one, deps.now(), deps.prefix);
  const standings = (): BudgetStanding[] => deps.rules().map(standingOf);

  return {
    any: () => deps.rules().length > 0,
    admit,
    settle({ id, time, spent }) {
      for (const { spender, nanoUsd } of spent) if (nanoUsd) till.add(spender, time, nanoUsd);
      if (spent.length > 0) for (const one of standings()) tell(one, warningOf(one));
      release(id);
    },
    release,
    ready: till.ready,
    standings,
    warnings: () => [
      ...(till.unread() && deps.rules().length > 0 ? [UNREAD] : []),
      ...standings().flatMap((one) => warningOf(one) ?? []),
    ],
    reload() {
      raises = deps.raises();
      void till.ready().then(waiting.wakeAll);
    },
  };
}

const UNREAD = 'budgets count from the start of this server only: the ledger cannot be read';

/** Reservations, by the id of their exchange. */
function createHeld() {
  const held = new Map<string, { spender: Spender; nanoUsd: number }>();
  return {
    /** For the first target that it may go to. */
    hold({ id, asker, targets }: Admission, keep: readonly number[]): void {
      const target = targets[keep[0] ?? 0];
      if (target === undefined) return;
      const { provider, model, estimate } = target;
      held.set(id, { spender: { ...asker, provider, model }, nanoUsd: estimate.nanoUsd ?? 0 });
    },
    /** false = there was none. */
    drop: (id: string): boolean => held.delete(id),
    under(rule: BudgetRule): number {
      let sum = 0;
      for (const { spender, nanoUsd } of held.values()) if (counts(rule, spender)) sum += nanoUsd;
      return sum;
    },
  };
}

/** Tells each warning of a budget once in its span; after a raise once more. */
function createTeller(onWarning: (text: string) => void) {
  const told = new Set<string>();
  return ({ name, resetsAt, raisedNanoUsd, state }: BudgetStanding, text: string | null): void => {
    const key = JSON.stringify([name, resetsAt, raisedNanoUsd, state]);
    if (text === null || told.has(key)) return;
    told.add(key);
    onWarning(text);
  };
}
