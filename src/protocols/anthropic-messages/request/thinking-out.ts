import {
  budgetOf,
  effortOf,
  type JsonObject,
  type PivotRequest,
  type ReasoningWish,
  type RenderTarget,
} from '../../../pivot/index.ts';
import type { Notes } from './notes.ts';
import { mayThink, type Turn } from './turns.ts';

/** How much of an answer may be thought. */
export interface Thinking {
  /** `thinking` and `output_config.effort`. */
  fields: { thinking?: JsonObject; effort?: string };
  maxTokens: number;
  /** Thinking shuts out some other settings. */
  on: boolean;
}

const MIN_BUDGET = 1024;
/** No model that thinks answers shorter than this; used where the longest answer is not known. */
const SAFE_MAX = 32000;

/** Decides on thinking: what was wished, what the target can, and what the conversation allows. */
export function writeThinking(
  request: PivotRequest,
  turns: readonly Turn[],
  forced: boolean,
  maxTokens: number,
  target: RenderTarget,
  notes: Notes,
): Thinking {
  const wish = request.reasoning;
  const off = (thinking?: JsonObject): Thinking => ({
    fields: { ...effortFor(wish, target), ...(thinking ? { thinking } : {}) },
    maxTokens,
    on: false,
  });
  if (!wish) return off();
  const adaptive = target.quirks.has('adaptive-thinking');
  const disabled = { type: 'disabled' };
  if (wish.enabled === false) return off(target.reasons === false ? undefined : disabled);
  const obstacle = obstacleOf(turns, forced, adaptive, target);
  if (obstacle) {
    notes.lose('thinking', obstacle);
    // Where the model decides, only the word keeps it from thinking.
    return off(adaptive && target.reasons !== false ? disabled : undefined);
  }
  if (adaptive) return { fields: adaptiveFields(wish, target), maxTokens, on: true };
  return withBudget(wish, maxTokens, target, notes);
}

function obstacleOf(
  turns: readonly Turn[],
  forced: boolean,
  adaptive: boolean,
  target: RenderTarget,
): string | undefined {
  if (target.reasons === false) return `${target.provider}/${target.model} does not think`;
  if (forced) return 'a tool is forced, which shuts thinking out';
  // Servers that ask for the text of thoughts do not check where they stand; nor does the adaptive mode.
  if (adaptive || target.quirks.has('reasoning-content') || mayThink(turns)) return undefined;
  return 'the answer that goes on has no thinking of this family';
}

/** Effort is a word of its own only where thinking is adaptive; `minimal` is none of its words. */
function effortFor(wish: ReasoningWish | undefined, target: RenderTarget): { effort?: string } {
  if (!wish || !target.quirks.has('adaptive-thinking') || target.reasons === false) return {};
  const effort = wish.effort ?? (wish.budgetTokens === undefined ? undefined : effortOf(wish.budgetTokens));
  return effort === undefined ? {} : { effort: effort === 'minimal' ? 'low' : effort };
}

function adaptiveFields(wish: ReasoningWish, target: RenderTarget): Thinking['fields'] {
  const display = wish.show === undefined ? {} : { display: wish.show ? 'summarized' : 'omitted' };
  return { thinking: { type: 'adaptive', ...display }, ...effortFor(wish, target) };
}

/** A budget must be at least 1024 and leave room for the answer: the room grows first, then the budget shrinks. */
function withBudget(wish: ReasoningWish, maxTokens: number, target: RenderTarget, notes: Notes): Thinking {
  const wanted = wish.budgetTokens ?? budgetOf(wish.effort ?? (wish.adaptive ? 'high' : 'medium'));
  const least = Math.max(MIN_BUDGET, wanted);
  const ceiling = Math.max(maxTokens, target.maxOutput ?? SAFE_MAX);
  const room = least < maxTokens ? maxTokens : Math.min(ceiling, least + maxTokens);
  // Whatever the budget, a quarter of a short room is for the answer itself.
  const budget = least < room ? least : Math.floor(room * 0.75);
  if (budget < MIN_BUDGET) {
    notes.lose('thinking', `no room for it within ${room} tokens`);
    return { fields: {}, maxTokens, on: false };
  }
  if (budget !== wanted) notes.lose('thinking budget', `clamped to ${budget}`);
  const display = wish.show === false ? { display: 'omitted' } : {};
  return {
    fields: { thinking: { type: 'enabled', budget_tokens: budget, ...display } },
    maxTokens: room,
    on: true,
  };
}
