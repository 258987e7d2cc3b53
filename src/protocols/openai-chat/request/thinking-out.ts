import {
  budgetOf,
  defined,
  impliedEffort,
  type JsonObject,
  nearestEffort,
  type ReasoningWish,
  takenEffort,
  wishedEffort,
} from '../../../pivot/index.ts';
import type { Notes } from './notes.ts';

/** One way to be told how much to think. */
interface Spelling {
  /** Of targets that know it. */
  quirk: string;
  /** It has words or numbers for how much, not only on and off. */
  amounts: boolean;
  /** `thinks` = the client asked for thinking; undefined = as the model likes. */
  fields(wish: ReasoningWish, thinks: boolean | undefined, notes: Notes): JsonObject;
}

const toggle =
  (say: (on: boolean) => JsonObject): Spelling['fields'] =>
  (_wish, thinks) =>
    thinks === undefined ? {} : say(thinks);

/** A target may know several; OpenRouter's, which stands for all of them, is apart. */
const SPELLINGS: readonly Spelling[] = [
  { quirk: 'reasoning-effort', amounts: true, fields: effortField },
  {
    quirk: 'effort-switch',
    amounts: false,
    fields: toggle((on) => ({ reasoning_effort: on ? 'default' : 'none' })),
  },
  {
    quirk: 'reasoning-switch',
    amounts: false,
    fields: toggle((enabled) => ({ reasoning: { enabled } })),
  },
  {
    quirk: 'thinking-object',
    amounts: false,
    fields: toggle((on) => ({ thinking: { type: on ? 'enabled' : 'disabled' } })),
  },
  { quirk: 'enable-thinking', amounts: true, fields: enableThinking },
  {
    quirk: 'template-thinking',
    amounts: false,
    // Templates have two names for it, and ignore what they do not know.
    fields: toggle((on) => ({ chat_template_kwargs: { enable_thinking: on, thinking: on } })),
  },
];

/** How much to think, in each spelling that the target knows. */
export function renderReasoning(wish: ReasoningWish | undefined, notes: Notes): JsonObject {
  if (!wish) return {};
  const { has } = notes;
  const thinks = thinking(wish);
  const spellings = SPELLINGS.filter(({ quirk }) => has(quirk));
  if (thinks === false && !has('thinking-off')) return stillThinks(spellings, notes);
  if (has('reasoning-object')) return { reasoning: reasoningObject(wish, notes) };
  if (thinks) noteUnsaid(wish, spellings, notes);
  return Object.assign({}, ...spellings.map(({ fields }) => fields(wish, thinks, notes)));
}

function noteUnsaid(
  wish: ReasoningWish,
  spellings: readonly Spelling[],
  { target: { provider, model }, lose }: Notes,
): void {
  if (spellings.length === 0) lose('reasoning', `${provider}/${model} has no setting for it`);
  else if (wishedEffort(wish) !== undefined && !spellings.some(({ amounts }) => amounts))
    lose('effort', `${provider}/${model} knows only on and off`);
}

/** Whether the client asked for thinking; undefined = as the model likes. */
function thinking({ enabled, effort, budgetTokens, adaptive }: ReasoningWish): boolean | undefined {
  if (enabled !== undefined) return enabled;
  return effort !== undefined || budgetTokens !== undefined || adaptive ? true : undefined;
}

/** Thinking cannot be switched off: as little of it as can be asked for. */
function stillThinks(spellings: readonly Spelling[], { target, has, lose }: Notes): JsonObject {
  const object = has('reasoning-object');
  // Most models do not think: only for one that is known to, or that has a setting, is something lost.
  if (target.reasons === false || !(target.reasons || object || spellings.length > 0)) return {};
  lose('reasoning off', `${target.provider}/${target.model} always thinks`);
  const effort = nearestEffort('minimal', target.quirks);
  if (object) return { reasoning: { effort } };
  return has('reasoning-effort') ? { reasoning_effort: effort } : {};
}

function effortField(wish: ReasoningWish, _thinks: boolean | undefined, notes: Notes): JsonObject {
  const { has } = notes;
  const apart = has('thinking-object') || has('enable-thinking');
  // Servers with a switch of its own want no effort beside it.
  if (wish.enabled === false) return apart ? {} : { reasoning_effort: 'none' };
  const asked = has('thinking-off') && !apart ? impliedEffort(wish) : wishedEffort(wish);
  return defined<JsonObject>({ reasoning_effort: takenEffort(asked, wish, notes.target.quirks, notes.lose) });
}

/** The most that `thinking_budget` may be everywhere. https://docs.siliconflow.com/en/api-reference */
const MOST_BUDGET = 32768;

function enableThinking(
  { budgetTokens, effort }: ReasoningWish,
  thinks: boolean | undefined,
  { lose }: Notes,
): JsonObject {
  if (!thinks) return defined<JsonObject>({ enable_thinking: thinks });
  const asked = budgetTokens ?? (effort === undefined ? undefined : budgetOf(effort));
  if (asked === undefined) return { enable_thinking: true };
  if (budgetTokens !== undefined && budgetTokens > MOST_BUDGET)
    lose('thinking budget', `clamped to ${MOST_BUDGET}`);
  return { enable_thinking: true, thinking_budget: Math.min(asked, MOST_BUDGET) };
}

/** OpenRouter maps efforts and budgets to what each model knows. It takes one of the two. */
function reasoningObject(wish: ReasoningWish, notes: Notes): JsonObject {
  const { enabled, budgetTokens, adaptive, show } = wish;
  if (enabled === false) return { enabled: false };
  const amount =
    budgetTokens !== undefined
      ? { max_tokens: budgetTokens }
      : defined<JsonObject>({ effort: takenEffort(wish.effort, wish, notes.target.quirks, notes.lose) });
  const asked = Object.keys(amount).length > 0;
  return {
    ...amount,
    ...(!asked && (enabled || adaptive) ? { enabled: true } : {}),
    ...(show === undefined ? {} : { exclude: !show }),
  };
}
