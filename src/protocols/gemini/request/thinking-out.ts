import { budgetOf, defined, effortOf, type JsonObject, type ReasoningWish } from '../../../pivot/index.ts';
import type { Rendering } from './context.ts';

/** Most thinking tokens that a model takes: more is a 400. https://ai.google.dev/gemini-api/docs/thinking */
const MOST = { pro: 32768, other: 24576 };
/** Models that always think, at least so much. */
const ALWAYS = /gemini-2\.5-pro/;
const LEAST = 128;

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

const LEVELS: Readonly<Record<NonNullable<ReasoningWish['effort']>, string>> = {
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};

function levelOf(wish: ReasoningWish, { target, lose }: Rendering): JsonObject {
  if (wish.enabled === false) lose('reasoning', 'the model always thinks');
  const effort =
    wish.enabled === false
      ? 'minimal'
      : (wish.effort ?? (wish.budgetTokens === undefined ? undefined : effortOf(wish.budgetTokens)));
  if (effort === undefined) return {};
  // Only the fast models know the lowest level.
  const level = effort === 'minimal' && !target.model.includes('flash') ? 'LOW' : LEVELS[effort];
  return { thinkingLevel: level };
}

function budgetFor(wish: ReasoningWish, { target, lose }: Rendering): JsonObject {
  if (wish.enabled === false) {
    if (!ALWAYS.test(target.model)) return { thinkingBudget: 0 };
    lose('reasoning', 'the model always thinks');
    return { thinkingBudget: LEAST };
  }
  if (wish.budgetTokens === undefined && wish.effort === undefined)
    return wish.adaptive ? { thinkingBudget: -1 } : {};
  const most = target.model.includes('pro') ? MOST.pro : MOST.other;
  const budget = wish.budgetTokens ?? budgetOf(wish.effort ?? 'medium');
  if (wish.budgetTokens !== undefined && budget > most) lose('thinking budget', `clamped to ${most}`);
  return { thinkingBudget: Math.min(budget, most) };
}
