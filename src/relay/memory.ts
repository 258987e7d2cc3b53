import { createHash } from 'node:crypto';
import {
  type AssistantPart,
  type CollectedBlock,
  defined,
  type Opaque,
  type PivotMessage,
  type PivotRequest,
  type ReasoningPart,
  type ToolCallPart,
} from '../pivot/index.ts';
import { createBounded } from './bounded.ts';

/**
 * What providers want back and clients do not keep: the reasoning in front of a tool call and the call's own signature
 * (Gemini answers 400 without its signatures, DeepSeek and Kimi without `reasoning_content`, Anthropic without the
 * thinking of the turn that goes on).
 *
 * The one rule: **an answer is remembered by the ids of its tool calls, as the client was given them; an assistant
 * message that comes back with such a call gets what it lost, and nothing that it still has.** Whoever made an opaque
 * value stays written on it, so rendering drops what the target's family did not make. Ids that other conversations may
 * use too (`call_0`, `functions.ls:0`) count only together with the session and the call's arguments, and are not
 * remembered for clients that name no session.
 */
export interface Memory {
  /** Notes an answer's blocks once it is whole. */
  remember(blocks: readonly CollectedBlock[], session: string | null): void;
  /** The request with what its assistant messages lost. The given one is left as it is. */
  restore(request: PivotRequest, session: string | null): PivotRequest;
}

/** What stood before one call. */
interface Trace {
  reasoning: ReasoningPart[];
  /** It was the beginning of its answer. */
  first: boolean;
  signature?: Opaque;
  /** Of the text right before it: Gemini signs texts, too. */
  textSignature?: Opaque;
}

const MAX_ENTRIES = 10_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Counters instead of random ids (`call_1_0`: by turn and place, as Gemini's calls without ids are counted). */
const REPEATED = /^.{0,7}$|:\d+$|^[a-z]+[_-]?\d{1,8}(?:[_-]\d{1,8})?$/i;

function keyOf(call: { id: string; arguments: string }, session: string | null): string | null {
  if (call.id === '') return null;
  if (!REPEATED.test(call.id)) return call.id;
  if (session === null) return null;
  return createHash('sha256')
    .update(JSON.stringify([session, call.id, sameText(call.arguments)]))
    .digest('base64');
}

/** JSON in one spelling: clients parse arguments and write them again. */
function sameText(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text === '' ? '{}' : text));
  } catch {
    return text;
  }
}

/** A block of an answer as the part that it is in a history; null = it does not come back. */
export function reasoningPart(block: CollectedBlock & { type: 'reasoning' }): ReasoningPart {
  const { text, signature, redacted } = block;
  const sealed = redacted
    ? { ...redacted, kind: 'redacted' as const }
    : signature && { ...signature, kind: 'signature' as const };
  return { type: 'reasoning', text, ...(sealed ? { sealed } : {}) };
}

function sizeOf({ reasoning, signature, textSignature }: Trace): number {
  const texts = reasoning.map((part) => part.text.length + (part.sealed?.value.length ?? 0));
  const signatures = [signature, textSignature].map((opaque) => opaque?.value.length ?? 0);
  return [...texts, ...signatures].reduce((sum, n) => sum + n, 200);
}

type CallBlock = CollectedBlock & { type: 'tool-call' };

/** What stood before each call of an answer, as far as something did. */
function tracesOf(blocks: readonly CollectedBlock[]): { call: CallBlock; trace: Trace }[] {
  const found: { call: CallBlock; trace: Trace }[] = [];
  let reasoning: ReasoningPart[] = [];
  let textSignature: Opaque | undefined;
  let first = blocks[0]?.type === 'reasoning';
  for (const block of blocks) {
    if (block.type === 'reasoning') reasoning.push(reasoningPart(block));
    if (block.type === 'text') textSignature = block.signature;
    if (block.type !== 'tool-call') continue;
    const { signature } = block;
    found.push({ call: block, trace: defined<Trace>({ reasoning, first, signature, textSignature }) });
    reasoning = [];
    textSignature = undefined;
    first = false;
  }
  return found.filter(
    ({ trace }) => trace.reasoning.length > 0 || trace.signature !== undefined || trace.textSignature,
  );
}

/** Creates an empty one. It lies in this process and ends with it. */
export function createMemory(): Memory {
  const traces = createBounded<Trace>({ entries: MAX_ENTRIES, bytes: MAX_BYTES });

  function recall(call: ToolCallPart, session: string | null): Trace | undefined {
    const key = keyOf(call, session);
    return key === null ? undefined : traces.get(key);
  }

  return {
    remember(blocks, session) {
      for (const { call, trace } of tracesOf(blocks)) {
        const key = keyOf(call, session);
        if (key !== null) traces.set(key, trace, sizeOf(trace));
      }
    },
    restore(request, session) {
      const messages = request.messages.map((message) =>
        message.role === 'assistant' ? restored(message, (call) => recall(call, session)) : message,
      );
      const changed = messages.some((message, i) => message !== request.messages[i]);
      return changed ? { ...request, messages } : request;
    },
  };
}

type Assistant = PivotMessage & { role: 'assistant' };

function restored(message: Assistant, recall: (call: ToolCallPart) => Trace | undefined): Assistant {
  const traces = new Map<AssistantPart, Trace>();
  for (const part of message.content) {
    const trace = part.type === 'tool-call' ? recall(part) : undefined;
    if (trace) traces.set(part, trace);
  }
  if (traces.size === 0) return message;
  const known = [...traces.values()];
  const lost = lostReasoning(message, known);
  const signatures = textSignatures(message, traces);
  const content = message.content.flatMap((part): AssistantPart[] => {
    const trace = traces.get(part);
    const signature = signatures.get(part);
    if (part.type === 'text' && signature) return [{ ...part, signature }];
    if (part.type === 'reasoning') return lost ? [] : [part];
    if (part.type !== 'tool-call' || !trace) return [part];
    return [...(lost && !trace.first ? trace.reasoning : []), signed(part, trace)];
  });
  const opening = lost ? known.filter((trace) => trace.first).flatMap((trace) => trace.reasoning) : [];
  return { ...message, content: [...opening, ...content] };
}

/** The texts right before calls, whose signatures were lost. */
function textSignatures(
  { content }: Assistant,
  traces: ReadonlyMap<AssistantPart, Trace>,
): ReadonlyMap<AssistantPart, Opaque> {
  const found = new Map<AssistantPart, Opaque>();
  let text: AssistantPart | undefined;
  for (const part of content) {
    const signature = traces.get(part)?.textSignature;
    if (part.type === 'text') text = part;
    if (part.type !== 'tool-call') continue;
    if (text?.type === 'text' && !text.signature && signature) found.set(text, signature);
    text = undefined;
  }
  return found;
}

function signed(call: ToolCallPart, { signature }: Trace): ToolCallPart {
  return call.signature || !signature ? call : { ...call, signature };
}

/** The message has no reasoning of its own, or only the text of what is remembered with its seal. */
function lostReasoning({ content }: Assistant, traces: readonly Trace[]): boolean {
  const own = content.filter((part) => part.type === 'reasoning');
  if (own.length === 0) return true;
  if (own.some((part) => part.sealed)) return false;
  const known = traces.flatMap((trace) => trace.reasoning);
  const text = (parts: readonly ReasoningPart[]): string =>
    parts
      .map((part) => part.text)
      .join('')
      .trim();
  return known.some((part) => part.sealed) && text(known) === text(own);
}
