import {
  budgetOf,
  defined,
  type JsonObject,
  nearestEffort,
  type ReasoningWish,
  takenEffort,
  wishedEffort,
} from '../../../pivot/index.ts';
import type { Rendering } from './context.ts';

/** Fewest and most thinking tokens that a model takes. https://ai.google.dev/gemini-api/docs/thinking */
const RANGES: readonly { named: string; least: number; most: number }[] = [
  { named: 'pro', least: 128, most: 32768 },
  { named: 'flash-lite', least: 512, most: 24576 },
];
const USUAL = { least: 128, most: 24576 };

function rangeOf(model: string): { least: number; most: number } {
  return RANGES.find(({ named }) => model.includes(named)) ?? USUAL;
}

/** `thinkingConfig`: a level for Gemini 3, else a budget. */
export function writeThinking(wish: ReasoningWish | undefined, rendering: Rendering): JsonObject | undefined {
  if (!wish) return undefined;
  const { target } = rendering;
  if (target.reasons === false) {
    if (wish.enabled !== false)
      rendering.lose('reasoning', `${target.provider}/${target.model} does not think`);
    return undefined;
  }
  const amount = rendering.modern ? levelOf(wish, rendering) : budgetFor(wish, rendering);
  // Who says how much to think reads the thoughts, unless it says otherwise.
  const asked = wish.enabled === true || wish.adaptive === true || wish.budgetTokens !== undefined;
  const config = defined<JsonObject>({ ...amount, includeThoughts: wish.show ?? (asked ? true : undefined) });
  return Object.keys(config).length === 0 ? undefined : config;
}

function levelOf(wish: ReasoningWish, { target, lose }: Rendering): JsonObject {
  if (wish.enabled === false) {
    lose('reasoning off', `${target.provider}/${target.model} always thinks`);
    return { thinkingLevel: nearestEffort('minimal', target.quirks).toUpperCase() };
  }
  const effort = takenEffort(wishedEffort(wish), wish, target.quirks, lose);
  return effort === undefined ? {} : { thinkingLevel: effort.toUpperCase() };
}

function budgetFor(wish: ReasoningWish, { target, lose }: Rendering): JsonObject {
  if (wish.enabled === false) {
    if (target.quirks.has('thinking-off')) return { thinkingBudget: 0 };
    // Of a model that may not think at all nothing is said: it would be a 400.
    if (target.reasons !== true) return {};
    lose('reasoning off', `${target.provider}/${target.model} always thinks`);
    return { thinkingBudget: rangeOf(target.model).least };
  }
  if (wish.budgetTokens === undefined && wish.effort === undefined)
    return wish.adaptive ? { thinkingBudget: -1 } : {};
  const { least, most } = rangeOf(target.model);
  const asked = wish.budgetTokens ?? budgetOf(wish.effort ?? 'medium');
  const budget = Math.max(least, Math.min(asked, most));
  if (wish.budgetTokens !== undefined && budget !== asked) lose('thinking budget', `clamped to ${budget}`);
  return { thinkingBudget: budget };
}
