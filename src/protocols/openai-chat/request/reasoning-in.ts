import {
  asArray,
  asObject,
  asString,
  asText,
  type JsonObject,
  type Opaque,
  type ReasoningPart,
  unsealText,
} from '../../../pivot/index.ts';
import { opaqueOf } from '../reasoning-details.ts';

/** What was thought in an assistant message, and Gemini's signatures of the calls in it by their ids. */
export interface Thoughts {
  parts: ReasoningPart[];
  /** A signature that names no call belongs to the first one: its key is the empty text. */
  calls: ReadonlyMap<string, Opaque>;
}

/** Reads it from the most telling of its spellings: `reasoning_details`, Anthropic's blocks, plain text. */
export function readThoughts(message: JsonObject): Thoughts {
  const thoughts = readDetails(asArray(message.reasoning_details));
  const plain = asText(message.reasoning_content) ?? asText(message.reasoning) ?? '';
  if (thoughts.parts.some((part) => part.text !== '')) return thoughts;
  const blocks = readBlocks(asArray(message.thinking_blocks));
  if (blocks.length > 0) return { ...thoughts, parts: blocks };
  return { ...thoughts, parts: withText(thoughts.parts, plain) };
}

/** Gives the plain text to the only part, when that has none of its own; else it is a part by itself. */
function withText(parts: ReasoningPart[], text: string): ReasoningPart[] {
  if (text === '') return parts;
  const [only, ...others] = parts;
  return only?.sealed?.kind === 'signature' && others.length === 0
    ? [{ ...only, text }]
    : [{ type: 'reasoning', text }, ...parts];
}

interface Open extends ReasoningPart {
  /** What tells fragments of one part from the next. */
  place: unknown;
}

function readDetails(details: unknown[]): Thoughts {
  const parts: Open[] = [];
  const calls = new Map<string, Opaque>();
  for (const value of details) {
    const detail = asObject(value);
    const text = asString(detail.text) || asString(detail.summary);
    const place = detail.index ?? detail.id ?? null;
    const signature = asText(detail.signature);
    const data = asText(detail.data);
    if (text !== '') partFor(parts, place).text += text;
    if (signature !== undefined)
      // In streams the signature comes last, in a fragment that may leave out where it belongs.
      partFor(parts, text === '' ? parts.at(-1)?.place : place).sealed = {
        ...opaqueOf(signature, detail),
        kind: 'signature',
      };
    if (data !== undefined) addEncrypted(parts, calls, opaqueOf(data, detail), detail);
  }
  return { parts: parts.map(({ place: _place, ...part }) => part), calls };
}

/** The part that a fragment goes on with, or a new one. */
function partFor(parts: Open[], place: unknown): Open {
  const last = parts.at(-1);
  if (last && last.place === place && !last.sealed) return last;
  const fresh: Open = { type: 'reasoning', text: '', place };
  parts.push(fresh);
  return fresh;
}

/** Encrypted reasoning: OpenAI's seals the summary before it, Google's signs a call, Anthropic's stands alone. */
function addEncrypted(
  parts: Open[],
  calls: Map<string, Opaque>,
  opaque: Opaque,
  { id, index }: JsonObject,
): void {
  if (opaque.origin === 'google') {
    calls.set(asString(id), opaque);
    return;
  }
  const last = parts.at(-1);
  if (opaque.origin === 'openai' && last && !last.sealed) last.sealed = { ...opaque, kind: 'signature' };
  else
    parts.push({
      type: 'reasoning',
      text: '',
      sealed: { ...opaque, kind: opaque.origin === 'anthropic' ? 'redacted' : 'signature' },
      place: index ?? id ?? null,
    });
}

/** LiteLLM hands Anthropic's own blocks through. */
function readBlocks(blocks: unknown[]): ReasoningPart[] {
  return blocks.flatMap((value): ReasoningPart[] => {
    const block = asObject(value);
    const data = asText(block.data);
    if (data !== undefined)
      return [
        { type: 'reasoning', text: '', sealed: { ...unsealText(data, 'anthropic'), kind: 'redacted' } },
      ];
    const signature = asText(block.signature);
    const text = asString(block.thinking);
    if (signature === undefined) return text === '' ? [] : [{ type: 'reasoning', text }];
    const sealed = { ...unsealText(signature, 'anthropic'), kind: 'signature' as const };
    return [{ type: 'reasoning', text, sealed }];
  });
}
