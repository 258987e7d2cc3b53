import type { CollectedBlock, PivotEvent, TokenChoice } from '../../pivot/index.ts';
import { writeLogprobs } from '../openai-logprobs.ts';
import { type ClientCall, callItem, callText, clientCall } from './calls.ts';
import { annotationOf } from './citations.ts';
import { sealReasoning } from './seal.ts';
import type { Json } from './wire.ts';

/** Writes one numbered event. */
export type Send = (type: string, fields: Json) => string;

type Text = CollectedBlock & { type: 'text' | 'refusal' };

type Thought = CollectedBlock & { type: 'reasoning' };
type Call = CollectedBlock & { type: 'tool-call' };

/** An output item between its announcement and its end. */
export interface OpenItem {
  block: Text | Thought | Call;
  /** Of calls: how the client knows it. */
  call?: ClientCall;
  index: number;
  /** Behind the prefixes of ids. */
  suffix: string;
  /** Of text: how much of it stood in items before. */
  from: number;
  /** Its first part was announced. */
  begun: boolean;
}

/** A whole output item; `done` = false gives it as it is announced, still empty. */
export function itemOf({ block, call, suffix, from }: OpenItem, done: boolean): Json {
  if (block.type === 'tool-call') return callItem(call ?? clientCall(block, undefined), block, suffix, done);
  if (block.type === 'reasoning')
    return { id: `rs_${suffix}`, type: 'reasoning', ...(done ? thought(block) : { summary: [] }) };
  const status = done ? 'completed' : 'in_progress';
  const content = done ? [partOf(block, from)] : [];
  return { id: `msg_${suffix}`, type: 'message', role: 'assistant', status, content };
}

/** What was thought: a summary that people may read, and the sealed original for the family that made it. */
function thought({ text, signature, redacted }: Thought): Json {
  const sealed = signature ?? redacted;
  const seal = sealed
    ? { encrypted_content: sealReasoning(sealed, signature ? 'signature' : 'redacted') }
    : {};
  return { summary: text === '' ? [] : [{ type: 'summary_text', text }], ...seal };
}

function partOf(block: Text, from: number): Json {
  if (block.type === 'refusal') return { type: 'refusal', refusal: block.text };
  const annotations = block.citations.flatMap((one) => annotationOf(one, from) ?? []);
  return { type: 'output_text', text: block.text, annotations, logprobs: writeLogprobs(block.logprobs) };
}

const DELTAS: Record<string, { delta: string; place: Json }> = {
  text: { delta: 'response.output_text.delta', place: { content_index: 0 } },
  refusal: { delta: 'response.refusal.delta', place: { content_index: 0 } },
  reasoning: { delta: 'response.reasoning_summary_text.delta', place: { summary_index: 0 } },
  function: { delta: 'response.function_call_arguments.delta', place: {} },
  custom: { delta: 'response.custom_tool_call_input.delta', place: {} },
};

/** What is added to an item. */
export interface More {
  text: string;
  logprobs?: TokenChoice[];
}

/** More of an item. */
export function deltaOf(
  { block, call }: OpenItem,
  place: Json,
  { text, logprobs }: More,
  send: Send,
): string {
  const kind = DELTAS[call?.form ?? block.type];
  if (!kind || (text === '' && !logprobs)) return '';
  const probs = block.type === 'text' ? { logprobs: writeLogprobs(logprobs) } : {};
  return send(kind.delta, { ...place, ...kind.place, ...probs, delta: text });
}

/** The event that announces an item's first part; a thought has one only when there is something to read. */
export function openingEvents({ block, from }: OpenItem, place: Json, send: Send): string {
  if (block.type === 'tool-call') return '';
  if (block.type === 'reasoning')
    return send('response.reasoning_summary_part.added', {
      ...place,
      summary_index: 0,
      part: { type: 'summary_text', text: '' },
    });
  return send('response.content_part.added', { ...place, content_index: 0, part: partOf(block, from) });
}

function textClosing(block: Text, from: number, place: Json, send: Send): string {
  const text =
    block.type === 'text'
      ? send('response.output_text.done', {
          ...place,
          content_index: 0,
          text: block.text,
          logprobs: writeLogprobs(block.logprobs),
        })
      : send('response.refusal.done', { ...place, content_index: 0, refusal: block.text });
  return text + send('response.content_part.done', { ...place, content_index: 0, part: partOf(block, from) });
}

function thoughtClosing({ text }: Thought, place: Json, send: Send): string {
  const part = { type: 'summary_text', text };
  return (
    send('response.reasoning_summary_text.done', { ...place, summary_index: 0, text }) +
    send('response.reasoning_summary_part.done', { ...place, summary_index: 0, part })
  );
}

function callClosing(at: OpenItem, call: ClientCall, said: string, place: Json, send: Send): string {
  if (call.form === 'search') return '';
  const text = callText(call, said);
  const late = call.whole ? deltaOf(at, place, { text }, send) : '';
  return call.form === 'custom'
    ? late + send('response.custom_tool_call_input.done', { ...place, input: text })
    : late + send('response.function_call_arguments.done', { ...place, name: call.name, arguments: text });
}

/** The events that end an item's parts, before the item itself is done. */
export function closingEvents(at: OpenItem, place: Json, send: Send): string {
  const { block, call, begun } = at;
  if (block.type === 'tool-call') return call ? callClosing(at, call, block.arguments, place, send) : '';
  if (block.type === 'reasoning') return begun ? thoughtClosing(block, place, send) : '';
  return textClosing(block, at.from, place, send);
}

/** What a block is when it starts. */
export function startedBlock(event: PivotEvent): OpenItem['block'] | null {
  if (event.type === 'text-start') return { type: 'text', text: '', citations: [] };
  if (event.type === 'refusal-start') return { type: 'refusal', text: '' };
  if (event.type === 'reasoning-start')
    return { type: 'reasoning', text: '', ...(event.redacted ? { redacted: event.redacted } : {}) };
  if (event.type !== 'tool-call-start' || event.kind === 'server') return null;
  return { type: 'tool-call', id: event.id, name: event.name, kind: event.kind, arguments: '' };
}
