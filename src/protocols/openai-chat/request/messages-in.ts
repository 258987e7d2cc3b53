import {
  type AssistantPart,
  asArray,
  asObject,
  asText,
  type JsonObject,
  type Opaque,
  objectOrNothing,
  type PivotMessage,
  type TextPart,
  type ToolCallPart,
  unsealText,
  type VendorPart,
} from '../../../pivot/index.ts';
import { readUrl } from '../data-uri.ts';
import { type Calls, createCalls } from './calls.ts';
import { readContent } from './parts-in.ts';
import { readThoughts } from './reasoning-in.ts';

const ORIGIN = 'openai-chat';

type Reader = (message: JsonObject, calls: Calls) => PivotMessage;

const ROLES: Readonly<Record<string, Reader>> = {
  system: (message) => ({ role: 'system', from: 'system', content: systemContent(message) }),
  developer: (message) => ({ role: 'system', from: 'developer', content: systemContent(message) }),
  user: (message) => ({ role: 'user', content: spoken(readContent(message), message) }),
  assistant: (message, calls) => ({ role: 'assistant', content: assistantContent(message, calls) }),
  tool: (message, calls) => toolResult(message, calls.answer(message.tool_call_id, message.name)),
  // Of the days before tools: named after the function, without an id.
  function: (message, calls) => toolResult(message, calls.answer(undefined, message.name)),
};

/** The conversation. Messages that say nothing are left out; a run of tool messages is one. */
export function readMessages(list: unknown[]): PivotMessage[] {
  const calls = createCalls();
  const messages: PivotMessage[] = [];
  for (const value of list) {
    const message = asObject(value);
    const role = asText(message.role) ?? '';
    const read = Object.hasOwn(ROLES, role) ? ROLES[role] : undefined;
    const next = read?.(message, calls);
    const last = messages.at(-1);
    if (next?.role === 'tool' && last?.role === 'tool') last.content.push(...next.content);
    else if (next && next.content.length > 0) messages.push(next);
  }
  return messages;
}

function systemContent(message: JsonObject): (TextPart | VendorPart)[] {
  return readContent(message).filter((part) => part.type === 'text' || part.type === 'vendor');
}

/** Who of several users speaks: only this wire can say it. */
function spoken<T>(parts: T[], { name }: JsonObject): (T | VendorPart)[] {
  const said = asText(name);
  if (said === undefined || parts.length === 0) return parts;
  return [...parts, { type: 'vendor', origin: ORIGIN, name: 'name', value: said }];
}

function toolResult(message: JsonObject, call: ReturnType<Calls['answer']>): PivotMessage {
  return { role: 'tool', content: [{ type: 'tool-result', ...call, content: readContent(message) }] };
}

function assistantContent(message: JsonObject, calls: Calls): AssistantPart[] {
  const thoughts = readThoughts(message);
  const content = asArray(message.content).some((part) =>
    ASSISTANT_TYPES.has(asText(asObject(part).type) ?? ''),
  )
    ? asArray(message.content).flatMap((part) => ownPart(asObject(part)))
    : readContent(message).flatMap((part) => (part.type === 'document' ? [] : [part]));
  const refusal = asText(message.refusal);
  const parts: AssistantPart[] = [
    ...thoughts.parts,
    ...content,
    ...(refusal === undefined ? [] : [{ type: 'refusal' as const, text: refusal }]),
    ...images(message),
    ...earlierAudio(message),
    ...toolCalls(message, calls),
  ];
  return signed(spoken(parts, message), thoughts.calls);
}

/** Parts that only assistants say; among them the others are read one by one. */
const ASSISTANT_TYPES: ReadonlySet<string> = new Set(['refusal', 'thinking', 'output_text']);

function ownPart(part: JsonObject): AssistantPart[] {
  const text = asText(part.text);
  if (part.type === 'output_text') return text === undefined ? [] : [{ type: 'text', text }];
  const refusal = asText(part.refusal);
  if (part.type === 'refusal') return refusal === undefined ? [] : [{ type: 'refusal', text: refusal }];
  if (part.type !== 'thinking')
    return readContent({ content: [part] }).flatMap((one) => (one.type === 'document' ? [] : [one]));
  // Mistral wraps thoughts in a list of text parts.
  const thought =
    asText(part.thinking) ??
    asArray(part.thinking)
      .map((one) => asText(asObject(one).text) ?? '')
      .join('');
  return thought === '' ? [] : [{ type: 'reasoning', text: thought }];
}

/** Pictures that the model made, as OpenRouter carries them. */
function images({ images: list }: JsonObject): AssistantPart[] {
  return asArray(list).flatMap((image): AssistantPart[] => {
    const url = asText(asObject(asObject(image).image_url).url);
    return url === undefined ? [] : [{ type: 'image', source: readUrl(url, 'image/png') }];
  });
}

/** An answer that was spoken is told to OpenAI by its id. */
function earlierAudio({ audio }: JsonObject): AssistantPart[] {
  const value = objectOrNothing(audio);
  return value ? [{ type: 'vendor', origin: ORIGIN, name: 'audio', value }] : [];
}

function toolCalls(message: JsonObject, calls: Calls): ToolCallPart[] {
  const old = objectOrNothing(message.function_call);
  const all = [...asArray(message.tool_calls), ...(old ? [{ function: old }] : [])];
  return all.flatMap((value): ToolCallPart[] => {
    const call = asObject(value);
    const custom = objectOrNothing(call.custom);
    const fn = custom ?? asObject(call.function);
    const name = asText(fn.name);
    if (name === undefined) return [];
    const kind = custom ? 'custom' : 'function';
    const id = calls.made(call.id, name, kind);
    const args = custom ? text(custom.input) : text(fn.arguments) || '{}';
    const google = asObject(asObject(call.extra_content).google);
    const signature = asText(google.thought_signature);
    return [
      {
        type: 'tool-call',
        id,
        name,
        kind,
        arguments: args,
        ...(signature === undefined ? {} : { signature: unsealText(signature, 'google') }),
      },
    ];
  });
}

/** Arguments are text; some clients send the object itself. */
function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** Puts Gemini's signatures where they were made: on the call that they name, else on the first call, else on the text. */
function signed(parts: AssistantPart[], signatures: ReadonlyMap<string, Opaque>): AssistantPart[] {
  const left = new Map(signatures);
  const take = (id: string): Opaque | undefined => {
    const signature = left.get(id);
    left.delete(id);
    return signature;
  };
  const named = parts.map((part) => {
    const signature = part.type === 'tool-call' ? (part.signature ?? take(part.id)) : undefined;
    return signature ? { ...part, signature } : part;
  });
  const [unnamed] = left.values();
  if (!unnamed) return named;
  const call = named.findIndex((part) => part.type === 'tool-call');
  const at = call < 0 ? named.findLastIndex((part) => part.type === 'text') : call;
  const part = named[at];
  if (part?.type !== 'tool-call' && part?.type !== 'text') return named;
  return part.signature ? named : named.with(at, { ...part, signature: unnamed });
}
