import {
  budgetOf,
  type Effort,
  effortOf,
  impliedEffort,
  type JsonObject,
  nearestEffort,
  type PivotRequest,
  type ReasoningWish,
  type RenderTarget,
  takenEffort,
  wishedEffort,
} from '../../../pivot/index.ts';
import type { Notes } from './notes.ts';
import { mayThink, type Turn } from './turns.ts';

/** How much of an answer may be thought. */
export interface Thinking {
  /** `thinking` and `output_config.effort`. */
  fields: { thinking?: JsonObject; effort?: Effort };
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
  // Whoever only wants to see thoughts has not asked for any.
  if (!wish || Object.keys(wish).every((name) => name === 'show'))
    return { fields: {}, maxTokens, on: false };
  const adaptive = target.quirks.has('adaptive-thinking');
  const effort = adaptive ? effortField(wish, target, notes) : {};
  const off = (said: boolean): Thinking => ({
    fields: { ...effort, ...(said && mayBeOff(target, notes) ? { thinking: { type: 'disabled' } } : {}) },
    maxTokens,
    on: false,
  });
  if (wish.enabled === false)
    return alwaysThinks(target) ? leastThinking(maxTokens, target, notes) : off(true);
  const obstacle = obstacleOf(turns, forced, adaptive, target);
  if (obstacle) {
    notes.lose('thinking', obstacle);
    // Where the model decides, only the word keeps it from thinking.
    return off(adaptive);
  }
  if (!adaptive) return withBudget(wish, maxTokens, target, notes);
  const display = wish.show === undefined ? {} : { display: wish.show ? 'summarized' : 'omitted' };
  return { fields: { thinking: { type: 'adaptive', ...display }, ...effort }, maxTokens, on: true };
}

function alwaysThinks({ quirks, reasons }: RenderTarget): boolean {
  return reasons === true && quirks.has('adaptive-thinking') && !quirks.has('thinking-off');
}

/** As little thinking as can be asked for. */
function leastThinking(maxTokens: number, target: RenderTarget, notes: Notes): Thinking {
  notes.lose('thinking', `${target.provider}/${target.model} cannot do without it`);
  return { fields: { effort: nearestEffort('minimal', target.quirks) }, maxTokens, on: false };
}

/** Whether the target can be told not to think. One that thinks whatever is said is a loss. */
function mayBeOff(target: RenderTarget, notes: Notes): boolean {
  if (target.reasons !== false && target.quirks.has('thinking-off')) return true;
  if (target.reasons === true)
    notes.lose('thinking', `${target.provider}/${target.model} cannot do without it`);
  return false;
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

/** `output_config.effort`: the wished one, or the nearest that the target knows. */
function effortField(wish: ReasoningWish, target: RenderTarget, notes: Notes): { effort?: Effort } {
  if (target.reasons === false) return {};
  const effort = takenEffort(wishedEffort(wish), wish, target.quirks, notes.lose);
  return effort === undefined ? {} : { effort };
}

/** A budget must be at least 1024 and leave room for the answer: the room grows first, then the budget shrinks. */
function withBudget(wish: ReasoningWish, maxTokens: number, target: RenderTarget, notes: Notes): Thinking {
  const wanted = wish.budgetTokens ?? budgetOf(impliedEffort(wish) ?? 'medium');
  const least = Math.max(MIN_BUDGET, wanted);
  const ceiling = Math.max(maxTokens, target.maxOutput ?? SAFE_MAX);
  const room = least < maxTokens ? maxTokens : Math.min(ceiling, least + maxTokens);
  const short = Math.floor(room * 0.75);
  // A quarter of a short room is for the answer itself, unless the client has chosen a budget that fits.
  const needed = wish.budgetTokens === undefined ? Math.min(maxTokens, room - short) : 1;
  const shrunk = least < room ? Math.max(short, MIN_BUDGET) : short;
  const budget = least + needed <= room ? least : shrunk;
  if (budget < MIN_BUDGET) {
    notes.lose('thinking', `no room for it within ${room} tokens`);
    return { fields: {}, maxTokens, on: false };
  }
  if (wish.budgetTokens === undefined ? effortOf(budget) !== effortOf(wanted) : budget !== wanted)
    notes.lose('thinking budget', `clamped to ${budget}`);
  const display = wish.show === false ? { display: 'omitted' } : {};
  return {
    fields: { thinking: { type: 'enabled', budget_tokens: budget, ...display } },
    maxTokens: room,
    on: true,
  };
}
