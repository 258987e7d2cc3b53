import type { ReasoningWish } from './request.ts';

/** How hard to think, in words. */
export type Effort = NonNullable<ReasoningWish['effort']>;

/** What each word is worth in thinking tokens, from the least to the most. */
const BUDGETS: readonly (readonly [Effort, number])[] = [
  ['minimal', 1024],
  ['low', 2048],
  ['medium', 8192],
  ['high', 16384],
  ['xhigh', 32768],
  ['max', 63999],
];

/** Thinking tokens that an effort stands for. */
export function budgetOf(effort: Effort): number {
  return new Map(BUDGETS).get(effort) ?? 1024;
}

/**
 * The effort that a budget comes nearest to, as a ratio (4000 is `low`, 10000 `medium`, 31999 `xhigh`). Inverse of
 * `budgetOf`. A budget of 0 means no thinking at all: ask for that before.
 */
export function effortOf(budget: number): Effort {
  // Between two words the border is their geometric mean: budget² against the product, without rounding of roots.
  const next = BUDGETS.findIndex(
    ([, tokens], i) => budget * budget < tokens * (BUDGETS[i + 1]?.[1] ?? Infinity),
  );
  return BUDGETS[next]?.[0] ?? 'max';
}

/** The word as the wires write it; undefined for a word that is none of ours. */
export function readEffort(value: unknown): Effort | undefined {
  return BUDGETS.find(([effort]) => effort === value)?.[0];
}
