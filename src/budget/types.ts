import type { BudgetRule, BudgetScope, RuleSpan } from '../config/index.ts';
import type { CostState } from '../exchange.ts';

/** A sum of money that was spent within one local day by requests that agree in everything a budget can ask for. */
export interface Spending {
  /** Start of the local day, ms since 1970. */
  day: number;
  provider: string;
  model: string;
  agent: string;
  /** A declared one (label or header), else ''. */
  project: string;
  nanoUsd: number;
}

/**
 * Two kinds of sums: `all` under no project at all (they outlive single requests), `declared` the part of them whose project
 * was declared.
 */
export type SpendingKind = 'all' | 'declared';

/** Local days, ms since 1970, `until` exclusive; the last one has no end. */
export type Days = readonly { since: number; until: number }[];

/** Who asks. A guessed project is none. */
export interface Asker {
  agent: string | null;
  project: string | null;
}

/** Where a request may go, and what it would cost there at most. */
export interface PricedTarget {
  provider: string;
  model: string;
  estimate: { nanoUsd: number | null; state: CostState };
}

/** How a budget stands at this moment. */
export interface BudgetStanding {
  name: string;
  of: BudgetScope;
  span: RuleSpan;
  /** A flag of `serve` or `run` set it; null = it stands in the file. */
  by: 'serve' | 'run' | null;
  action: BudgetRule['action'];
  to: string | null;
  line: number | null;
  /** As configured. */
  limitNanoUsd: number;
  /** What `budget raise` added for today. */
  raisedNanoUsd: number;
  warnAtNanoUsd: number;
  spentNanoUsd: number;
  /** Held back for requests on their way. */
  reservedNanoUsd: number;
  /** When it begins anew, ms since 1970; null = never. */
  resetsAt: number | null;
  state: 'ok' | 'warn' | 'reached';
}

/** A budget that counts what a request would spend. */
export interface BudgetConcern extends BudgetStanding {
  /** Neither spent nor held back. */
  leftNanoUsd: number;
  /** `provider/model` of the targets whose cost it counts. */
  targets: readonly string[];
  /** What it would do with the request now. One of a provider or model only takes its targets out of the plan. */
  effect: 'none' | 'warns' | 'blocks' | 'downgrades';
}

/** Amounts that were added for one local day, by name of the budget. */
export interface Raises {
  /** The local day, `2026-11-25`. */
  day: string;
  nanoUsd: Readonly<Record<string, number>>;
}

/** What becomes of a request. `keep` = indexes of the targets that it may go to. */
export type Verdict =
  | { do: 'go'; keep: readonly number[] }
  /** There is money left, but requests on their way may need it. */
  | { do: 'wait'; by: BudgetStanding }
  | { do: 'refuse' | 'downgrade'; by: BudgetStanding };
