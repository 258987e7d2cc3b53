import {
  type AssistantPart,
  EARLIER_THOUGHTS,
  type JsonObject,
  type Opaque,
  type ReasoningPart,
  type TextPart,
  type ToolCallPart,
} from '../../../pivot/index.ts';
import { callDetail, detailsOf, familyOfModel } from '../reasoning-details.ts';
import { NO_WORD, type Notes } from './notes.ts';

/** Stands for thoughts that were not kept: DeepSeek and Kimi answer 400 to calls without any, an empty text included. */
const NOT_KEPT = '(not kept)';

/** The fields of an assistant message that carry what was thought. `idOf` = a call's id as it is rendered. */
export function renderThoughts(
  parts: readonly AssistantPart[],
  idOf: (call: ToolCallPart) => string,
  notes: Notes,
): JsonObject {
  const thoughts = parts.filter((part) => part.type === 'reasoning');
  const calls = parts.filter((part) => part.type === 'tool-call');
  if (notes.has('reasoning-object')) return openRouter(thoughts, calls, idOf, notes);
  if (notes.has('think-tags')) {
    for (const { sealed } of thoughts) if (sealed) loseSeal(sealed, notes);
    return {};
  }
  if (!notes.has('reasoning-content')) {
    if (thoughts.length > 0) notes.lose(EARLIER_THOUGHTS, NO_WORD);
    return {};
  }
  for (const { sealed } of thoughts) if (sealed) loseSeal(sealed, notes);
  const text = thoughts.map((part) => part.text).join('');
  if (text !== '') return { reasoning_content: text };
  return calls.length === 0 ? {} : { reasoning_content: NOT_KEPT };
}

/** What was thought, as text of the answer itself, where the target wants it so. */
export function taggedThoughts(parts: readonly AssistantPart[], notes: Notes): TextPart[] {
  const text = parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
  return notes.has('think-tags') && text !== '' ? [{ type: 'text', text: `<think>${text}</think>\n` }] : [];
}

/** Notes that an opaque value is left out. */
export function loseSeal({ origin }: Opaque, notes: Notes): void {
  notes.lose('thinking signature', `made by ${origin}`);
}

/** `reasoning_details` for what the model's own family sealed, `reasoning` for what may be read without a seal. */
function openRouter(
  thoughts: readonly ReasoningPart[],
  calls: readonly ToolCallPart[],
  idOf: (call: ToolCallPart) => string,
  notes: Notes,
): JsonObject {
  const family = familyOfModel(notes.target.model);
  const own = (opaque: Opaque | undefined): boolean => opaque !== undefined && opaque.origin === family;
  const details = [
    ...thoughts.flatMap(({ text, sealed }) => (sealed && own(sealed) ? detailsOf(text, sealed) : [])),
    ...calls.flatMap((call) =>
      call.signature && own(call.signature) ? [callDetail(call.signature, idOf(call))] : [],
    ),
  ];
  const others = thoughts.filter(({ sealed }) => !own(sealed));
  for (const { sealed } of others) if (sealed) loseSeal(sealed, notes);
  const readable = others.map(({ text }) => text).join('');
  // A family that seals its thoughts takes none without a seal.
  if (readable !== '' && family !== undefined)
    notes.lose(EARLIER_THOUGHTS, `${notes.target.model} takes only its own`);
  return {
    ...(readable === '' || family !== undefined ? {} : { reasoning: readable }),
    ...(details.length === 0
      ? {}
      : { reasoning_details: details.map((detail, index) => ({ ...detail, index })) }),
  };
}

/** Gemini's signature of a call, as Google's own Chat endpoint takes it back. */
export function callSignature({ signature }: ToolCallPart, notes: Notes): JsonObject {
  if (!signature) return {};
  const family = familyOfModel(notes.target.model);
  if (signature.origin !== family) loseSeal(signature, notes);
  // OpenRouter takes it among the `reasoning_details`.
  if (signature.origin !== family || family !== 'google' || notes.has('reasoning-object')) return {};
  return { extra_content: { google: { thought_signature: signature.value } } };
}
