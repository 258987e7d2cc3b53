import { budgetOf, defined, effortOf, type JsonObject, type ReasoningWish } from '../../../pivot/index.ts';
import type { Rendering } from './context.ts';

/** Most thinking tokens that a model takes: more is a 400. https://ai.google.dev/gemini-api/docs/thinking */
const MOST = { pro: 32768, other: 24576 };
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
  if (wish.enabled === false) lose('reasoning', 'the model always thinks; asked for the least');
  const effort =
    wish.enabled === false
      ? 'minimal'
      : (wish.effort ?? (wish.budgetTokens === undefined ? undefined : effortOf(wish.budgetTokens)));
  if (effort === undefined) return {};
  const known = effort !== 'minimal' || target.quirks.has('effort-minimal');
  return { thinkingLevel: known ? LEVELS[effort] : LEVELS.low };
}

function budgetFor(wish: ReasoningWish, { target, lose }: Rendering): JsonObject {
  if (wish.enabled === false) {
    if (target.quirks.has('thinking-off')) return { thinkingBudget: 0 };
    // Of a model that may not think at all nothing is said: it would be a 400.
    if (target.reasons !== true) return {};
    lose('reasoning', 'the model always thinks; asked for the least');
    return { thinkingBudget: budgetOf('minimal') };
  }
  if (wish.budgetTokens === undefined && wish.effort === undefined)
    return wish.adaptive ? { thinkingBudget: -1 } : {};
  const most = target.model.includes('pro') ? MOST.pro : MOST.other;
  const budget = wish.budgetTokens ?? budgetOf(wish.effort ?? 'medium');
  if (wish.budgetTokens !== undefined && budget > most) lose('thinking budget', `clamped to ${most}`);
  return { thinkingBudget: Math.min(budget, most) };
}
