import type { CollectedBlock, Opaque, PivotEvent } from '../../pivot/index.ts';
import type { Identity } from './response.ts';
import type { Json } from './wire.ts';

const ORIGIN = 'openai';

/** A whole output item. `done` = false gives it as it is announced, still empty. */
export function itemOf(block: CollectedBlock, index: number, context: Identity, done: boolean): Json | null {
  const id = `${context.id}_${index}`;
  const status = done ? 'completed' : 'in_progress';
  if (block.type === 'text' || block.type === 'refusal') {
    return {
      id: `msg_${id}`,
      type: 'message',
      role: 'assistant',
      status,
      content: done ? [partOf(block)] : [],
    };
  }
  if (block.type === 'reasoning')
    return { id: `rs_${id}`, type: 'reasoning', ...(done ? thought(block) : { summary: [] }) };
  if (block.type !== 'tool-call' || block.kind === 'server') return null;
  const call = { call_id: block.id || `call_${id}`, name: block.name, status };
  if (block.kind === 'custom')
    return { id: `ctc_${id}`, type: 'custom_tool_call', ...call, input: block.arguments };
  return { id: `fc_${id}`, type: 'function_call', ...call, arguments: done ? block.arguments || '{}' : '' };
}

/** What was thought: a summary that people may read, and the sealed original for the family that made it. */
function thought({ text, signature, redacted }: CollectedBlock & { type: 'reasoning' }): Json {
  const sealed = signature ?? redacted;
  return {
    summary: text === '' ? [] : [{ type: 'summary_text', text }],
    ...(sealed?.origin === ORIGIN ? { encrypted_content: sealed.value } : {}),
  };
}

function partOf(block: CollectedBlock & { type: 'text' | 'refusal' }): Json {
  if (block.type === 'refusal') return { type: 'refusal', refusal: block.text };
  return { type: 'output_text', text: block.text, annotations: [], logprobs: [] };
}

type WireKind = 'text' | 'refusal' | 'reasoning' | 'function' | 'custom';

const DELTAS: Record<WireKind, { delta: string; place: Json }> = {
  text: { delta: 'response.output_text.delta', place: { content_index: 0, logprobs: [] } },
  refusal: { delta: 'response.refusal.delta', place: { content_index: 0 } },
  reasoning: { delta: 'response.reasoning_summary_text.delta', place: { summary_index: 0 } },
  function: { delta: 'response.function_call_arguments.delta', place: {} },
  custom: { delta: 'response.custom_tool_call_input.delta', place: {} },
};

function wireKind(block: CollectedBlock): WireKind {
  if (block.type === 'tool-call') return block.kind === 'custom' ? 'custom' : 'function';
  return block.type === 'media' ? 'text' : block.type;
}

/** The event that announces an item's first part. */
function openingEvents(block: CollectedBlock, place: Json, send: Send): string {
  if (block.type === 'text' || block.type === 'refusal') {
    return send('response.content_part.added', { ...place, content_index: 0, part: partOf(block) });
  }
  if (block.type !== 'reasoning') return '';
  return send('response.reasoning_summary_part.added', {
    ...place,
    summary_index: 0,
    part: { type: 'summary_text', text: '' },
  });
}

/** The events that end an item's parts, before the item itself is done. */
function closingEvents(block: CollectedBlock, place: Json, send: Send): string {
  if (block.type === 'text' || block.type === 'refusal') {
    const part = partOf(block);
    const text =
      block.type === 'text'
        ? send('response.output_text.done', { ...place, content_index: 0, text: block.text, logprobs: [] })
        : send('response.refusal.done', { ...place, content_index: 0, refusal: block.text });
    return text + send('response.content_part.done', { ...place, content_index: 0, part });
  }
  if (block.type === 'reasoning') {
    const part = { type: 'summary_text', text: block.text };
    return (
      send('response.reasoning_summary_text.done', { ...place, summary_index: 0, text: block.text }) +
      send('response.reasoning_summary_part.done', { ...place, summary_index: 0, part })
    );
  }
  if (block.type !== 'tool-call') return '';
  if (block.kind === 'custom')
    return send('response.custom_tool_call_input.done', { ...place, input: block.arguments });
  return send('response.function_call_arguments.done', {
    ...place,
    name: block.name,
    arguments: block.arguments || '{}',
  });
}

interface OpenItem {
  block: CollectedBlock;
  index: number;
  itemId: string;
}

/** What a block is when it starts. */
function startedBlock(event: PivotEvent): CollectedBlock | null {
  if (event.type === 'text-start') return { type: 'text', text: '', citations: [] };
  if (event.type === 'refusal-start') return { type: 'refusal', text: '', citations: [] };
  if (event.type === 'reasoning-start')
    return { type: 'reasoning', text: '', ...(event.redacted ? { redacted: event.redacted } : {}) };
  if (event.type !== 'tool-call-start' || event.kind === 'server') return null;
  return { type: 'tool-call', id: event.id, name: event.name, kind: event.kind, arguments: '' };
}

/** Writes one numbered event. */
export type Send = (type: string, fields: Json) => string;

/** The output items of a stream: announced, filled, done. */
export function createOutput(
  context: Identity,
  send: Send,
): {
  begin(event: PivotEvent & { block: number }): string;
  change(event: PivotEvent & { block: number; text: string }): string;
  close(block: number, signature?: Opaque): string;
  closeAll(): string;
  /** The items that are done, in their order. */
  items(): Json[];
} {
  const open = new Map<number, OpenItem>();
  const output: (Json | undefined)[] = [];
  let count = 0;

  function close(number: number, signature?: Opaque): string {
    const at = open.get(number);
    if (!at) return '';
    open.delete(number);
    if (at.block.type === 'reasoning' && signature) at.block.signature = signature;
    const item = itemOf(at.block, at.index, context, true) ?? {};
    output[at.index] = item;
    const place = { item_id: at.itemId, output_index: at.index };
    return (
      closingEvents(at.block, place, send) +
      send('response.output_item.done', { output_index: at.index, item })
    );
  }

  return {
    items: () => output.filter((item) => item !== undefined),
    begin(event) {
      const block = startedBlock(event);
      if (!block) return '';
      const index = count++;
      const item = itemOf(block, index, context, false) ?? {};
      const itemId = String(item.id);
      open.set(event.block, { block, index, itemId });
      const added = send('response.output_item.added', { output_index: index, item });
      return added + openingEvents(block, { item_id: itemId, output_index: index }, send);
    },
    change(event) {
      const at = open.get(event.block);
      if (!at || at.block.type === 'media') return '';
      if (at.block.type === 'tool-call') at.block.arguments += event.text;
      else at.block.text += event.text;
      const { delta, place } = DELTAS[wireKind(at.block)];
      return send(delta, { item_id: at.itemId, output_index: at.index, ...place, delta: event.text });
    },
    close,
    closeAll: () => [...open.keys()].map((block) => close(block)).join(''),
  };
}
