import type { AssistantPart, JsonObject, Opaque, ReasoningPart, ToolCallPart } from '../../../pivot/index.ts';
import { familyOfModel, formatOfFamily } from './families.ts';
import { NO_WORD, type Notes } from './notes.ts';

/** Stands for thoughts that were not kept: DeepSeek and Kimi answer 400 to calls without any, an empty text included. */
const NOT_KEPT = '(not kept)';

type Sealed = NonNullable<ReasoningPart['sealed']>;

/** The fields of an assistant message that carry what was thought. `idOf` = a call's id as it is rendered. */
export function renderThoughts(
  parts: readonly AssistantPart[],
  idOf: (call: ToolCallPart) => string,
  notes: Notes,
): JsonObject {
  const thoughts = parts.filter((part) => part.type === 'reasoning');
  const calls = parts.filter((part) => part.type === 'tool-call');
  if (notes.has('reasoning-object')) return openRouter(thoughts, calls, idOf, notes);
  if (!notes.has('reasoning-content')) {
    if (thoughts.length > 0) notes.lose('reasoning of earlier turns', NO_WORD);
    return {};
  }
  for (const { sealed } of thoughts) if (sealed) loseSeal(sealed, notes);
  const text = thoughts.map((part) => part.text).join('');
  if (text !== '') return { reasoning_content: text };
  return calls.length === 0 ? {} : { reasoning_content: NOT_KEPT };
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
  const format = family === undefined ? undefined : formatOfFamily(family);
  const own = (opaque: Opaque | undefined): boolean => opaque !== undefined && opaque.origin === family;
  const details = [
    ...thoughts.flatMap(({ text, sealed }) => (sealed && own(sealed) ? detailsOf(text, sealed) : [])),
    ...calls.flatMap((call) => (own(call.signature) ? signatureOf(call, idOf(call)) : [])),
  ];
  const others = thoughts.filter(({ sealed }) => !own(sealed));
  for (const { sealed } of others) if (sealed) loseSeal(sealed, notes);
  const readable = others.map(({ text }) => text).join('');
  // A family that seals its thoughts takes none without a seal.
  if (readable !== '' && format !== undefined)
    notes.lose('reasoning of earlier turns', `${notes.target.model} takes only its own`);
  return {
    ...(readable === '' || format !== undefined ? {} : { reasoning: readable }),
    ...(details.length === 0
      ? {}
      : { reasoning_details: details.map((detail, index) => ({ ...detail, format, index })) }),
  };
}

function signatureOf({ signature }: ToolCallPart, id: string): JsonObject[] {
  return signature ? [{ type: 'reasoning.encrypted', data: signature.value, id }] : [];
}

function detailsOf(text: string, { origin, kind, value }: Sealed): JsonObject[] {
  if (origin === 'anthropic' && kind === 'signature')
    return [{ type: 'reasoning.text', text, signature: value }];
  const encrypted = { type: 'reasoning.encrypted', data: value };
  return text === '' ? [encrypted] : [{ type: 'reasoning.summary', summary: text }, encrypted];
}

/** Gemini's signature of a call, as Google's own Chat endpoint takes it back. */
export function callSignature({ signature }: ToolCallPart, notes: Notes): JsonObject {
  if (!signature) return {};
  if (signature.origin !== familyOfModel(notes.target.model)) {
    loseSeal(signature, notes);
    return {};
  }
  // OpenRouter takes it among the `reasoning_details`.
  if (notes.has('reasoning-object') || signature.origin !== 'google') return {};
  return { extra_content: { google: { thought_signature: signature.value } } };
}
