import type { AssistantPart, JsonObject, Opaque, ReasoningPart, ToolCallPart } from '../../../pivot/index.ts';
import { argumentsOf } from '../arguments.ts';
import { wireName } from '../names.ts';
import { FAMILY, NO_SIGNATURE } from '../seal.ts';
import type { Rendering } from './context.ts';
import { writeMedia, writeVendor } from './media-out.ts';
import type { Called } from './results-out.ts';

/** Models of before signatures: they demand none, and a made-up one is not for them. */
const UNSIGNED = /gemini-[12](?:\D|$)/;

/** One turn of the model, and what it called. */
export interface ModelTurn {
  parts: JsonObject[];
  calls: Called[];
}

/**
 * A turn of the model. Signatures of this family are byte-exact on the part that they came on. A signature without any
 * text is what is left of a call's own on wires where calls cannot be signed: it goes back onto the call behind it. The
 * first call of a turn must be signed; where another model made it, the documented word for none stands there.
 */
export function writeModelTurn(content: readonly AssistantPart[], rendering: Rendering): ModelTurn {
  const parts: JsonObject[] = [];
  const calls: Called[] = [];
  let waiting: string | undefined;

  function flush(): void {
    if (waiting !== undefined) parts.push({ text: '', thought: true, thoughtSignature: waiting });
    waiting = undefined;
  }

  for (const part of content) {
    if (part.type === 'tool-call') {
      const own = ownSignature(part.signature, 'tool call signature', rendering) ?? waiting;
      const call = writeCall(part);
      parts.push({ ...call, ...signed(own ?? skipped(calls, rendering)) });
      calls.push({ id: part.id, name: wireName(part.namespace, part.name) });
      waiting = undefined;
      continue;
    }
    const seal = part.type === 'reasoning' && part.text === '' ? sealOf(part, rendering) : undefined;
    if (part.type === 'reasoning' && part.text === '' && seal === undefined) continue;
    flush();
    if (seal === undefined) parts.push(...writePart(part, rendering));
    else waiting = seal;
  }
  flush();
  return { parts, calls };
}

function skipped(calls: readonly Called[], { target }: Rendering): string | undefined {
  return calls.length === 0 && !UNSIGNED.test(target.model) ? NO_SIGNATURE : undefined;
}

function signed(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : { thoughtSignature: signature };
}

function ownSignature(signature: Opaque | undefined, what: string, rendering: Rendering): string | undefined {
  if (!signature || signature.origin === FAMILY) return signature?.value;
  rendering.lose(what, `made by ${signature.origin}`);
  return undefined;
}

function sealOf({ sealed }: ReasoningPart, rendering: Rendering): string | undefined {
  return ownSignature(
    sealed,
    sealed?.kind === 'redacted' ? 'redacted thinking' : 'thinking signature',
    rendering,
  );
}

function writeCall(part: ToolCallPart): JsonObject {
  const name = wireName(part.namespace, part.name);
  const args = part.kind === 'custom' ? { input: part.arguments } : argumentsOf(part.arguments);
  return { functionCall: { ...(part.id === '' ? {} : { id: part.id }), name, args } };
}

/** A part of the model's that is no call. */
function writePart(part: Exclude<AssistantPart, ToolCallPart>, rendering: Rendering): JsonObject[] {
  switch (part.type) {
    case 'text': {
      const signature = signed(ownSignature(part.signature, 'text signature', rendering));
      return part.text === '' && signature.thoughtSignature === undefined
        ? []
        : [{ text: part.text, ...signature }];
    }
    case 'refusal':
      return part.text === '' ? [] : [{ text: part.text }];
    case 'reasoning':
      return [{ text: part.text, thought: true, ...signed(sealOf(part, rendering)) }];
    case 'vendor':
      return writeVendor(part, rendering);
    default:
      return [writeMedia(part, rendering)];
  }
}
