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

/** How hard a client wants to have it thought, in words; undefined = as the model likes. */
export function wishedEffort({ effort, budgetTokens }: ReasoningWish): Effort | undefined {
  return effort ?? (budgetTokens === undefined ? undefined : effortOf(budgetTokens));
}

/** The same, where thinking that is asked for without an amount must be given one: a model may not think unless told how hard. */
export function impliedEffort(wish: ReasoningWish): Effort | undefined {
  const wished = wishedEffort(wish);
  if (wished !== undefined || wish.enabled === false) return wished;
  // What Anthropic assumes of models that decide themselves.
  if (wish.adaptive) return 'high';
  return wish.enabled ? 'medium' : undefined;
}

/** Efforts that not every model with efforts knows: the quirk that allows one, and what stands in for it. */
const BEYOND: Readonly<Partial<Record<Effort, readonly [quirk: string, instead: Effort]>>> = {
  max: ['effort-max', 'xhigh'],
  xhigh: ['effort-xhigh', 'high'],
  minimal: ['effort-minimal', 'low'],
};

/** The effort itself where a model with these quirks knows it, else the nearest one that it knows. */
export function nearestEffort(effort: Effort, quirks: ReadonlySet<string>): Effort {
  if (quirks.has('effort-high-only')) return 'high';
  const beyond = BEYOND[effort];
  return !beyond || quirks.has(beyond[0]) ? effort : nearestEffort(beyond[1], quirks);
}

/**
 * The nearest effort that a target knows, where one is asked for; a wish in words that it cannot have is a loss. A budget has
 * no word of its own: the nearest one is all that can be asked of it.
 */
export function takenEffort(
  asked: Effort | undefined,
  wish: ReasoningWish,
  quirks: ReadonlySet<string>,
  lose: (what: string, why: string) => void,
): Effort | undefined {
  if (asked === undefined) return undefined;
  const effort = nearestEffort(asked, quirks);
  if (effort !== asked && wish.effort !== undefined) lose('effort', `${asked} became ${effort}`);
  return effort;
}

/** The word as the wires write it; undefined for a word that is none of ours. */
export function readEffort(value: unknown): Effort | undefined {
  return BUDGETS.find(([effort]) => effort === value)?.[0];
}
