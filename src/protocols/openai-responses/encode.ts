import {
  type CollectedBlock,
  collect,
  type FinishReason,
  type PivotError,
  type PivotEvent,
  type Usage,
} from '../../pivot/index.ts';
import { frame } from '../frame.ts';
import { encodeError as encodeOpenaiError, openaiError, TRUNCATED } from '../openai-error.ts';
import type { EncodeContext, EncodedError, Encoder } from '../protocol.ts';

/** Usage in Responses' names. */
function encodeUsage(usage: Usage): Record<string, unknown> {
  const input = usage.input ?? 0;
  const output = usage.output ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead ?? 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: input + output,
  };
}

type Item = Record<string, unknown>;
type Identity = Pick<EncodeContext, 'id' | 'model' | 'created'>;

function response(context: Identity, fields: Item): Item {
  return {
    id: `resp_${context.id}`,
    object: 'response',
    created_at: context.created,
    model: context.model,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    output: [],
    parallel_tool_calls: true,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    usage: null,
    ...fields,
  };
}

/** How a finished response says why it ended. */
function ending(reason: FinishReason): Item {
  if (reason === 'length')
    return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  if (reason === 'content-filter')
    return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };
  return { status: 'completed' };
}

/** A whole output item. `done` = false gives it as it is announced, still empty. */
function itemOf(block: CollectedBlock, index: number, context: Identity, done: boolean): Item | null {
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
  if (block.type === 'reasoning') {
    const summary = done && block.text !== '' ? [{ type: 'summary_text', text: block.text }] : [];
    return { id: `rs_${id}`, type: 'reasoning', summary };
  }
  if (block.type !== 'tool-call' || block.kind === 'server') return null;
  const call = { call_id: block.id || `call_${id}`, name: block.name, status };
  if (block.kind === 'custom')
    return { id: `ctc_${id}`, type: 'custom_tool_call', ...call, input: block.arguments };
  return { id: `fc_${id}`, type: 'function_call', ...call, arguments: done ? block.arguments || '{}' : '' };
}

function partOf(block: CollectedBlock & { type: 'text' | 'refusal' }): Item {
  if (block.type === 'refusal') return { type: 'refusal', refusal: block.text };
  return { type: 'output_text', text: block.text, annotations: [], logprobs: [] };
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
  if (event.type === 'reasoning-start') return { type: 'reasoning', text: '' };
  if (event.type !== 'tool-call-start' || event.kind === 'server') return null;
  return { type: 'tool-call', id: event.id, name: event.name, kind: event.kind, arguments: '' };
}

type Send = (type: string, fields: Item) => string;

/** The output items of a stream: announced, filled, done. */
function createItems(
  context: Identity,
  send: Send,
): {
  begin(event: PivotEvent & { block: number }): string;
  change(event: PivotEvent & { block: number; text: string }): string;
  close(block: number): string;
  closeAll(): string;
  output: Item[];
} {
  const open = new Map<number, OpenItem>();
  const output: Item[] = [];
  let count = 0;

  function close(number: number): string {
    const at = open.get(number);
    if (!at) return '';
    open.delete(number);
    const item = itemOf(at.block, at.index, context, true) ?? {};
    output[at.index] = item;
    const place = { item_id: at.itemId, output_index: at.index };
    return (
      closingEvents(at.block, place, send) +
      send('response.output_item.done', { output_index: at.index, item })
    );
  }

  return {
    output,
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
    closeAll: () => [...open.keys()].map(close).join(''),
  };
}

/** Events to a Responses stream; sequence numbers count up, and exactly one terminal event ends it. */
export function createEncoder(context: EncodeContext): Encoder {
  let usage: Usage = {};
  let reason: FinishReason = 'stop';
  let sequence = 0;
  let started = false;
  let over = false;
  const send: Send = (type, fields) => frame({ type, sequence_number: sequence++, ...fields }, type);
  const items = createItems(context, send);

  function head(): string {
    if (started) return '';
    started = true;
    const running = { response: response(context, {}) };
    return send('response.created', running) + send('response.in_progress', running);
  }

  function finish(): string {
    over = true;
    const begun = head() + items.closeAll();
    const fields: Item = { ...ending(reason), output: items.output, usage: encodeUsage(usage) };
    const type = fields.status === 'completed' ? 'response.completed' : 'response.incomplete';
    return begun + send(type, { response: response(context, fields) });
  }

  function broken(error: PivotError): string {
    over = true;
    return head() + send('response.failed', { response: failedResponse(error, context, items.output) });
  }

  function note(event: PivotEvent): void {
    if (event.type === 'usage') usage = { ...usage, ...event.usage };
    if (event.type === 'finish') reason = event.reason;
  }

  function push(event: PivotEvent): string {
    if (event.type === 'end') return finish();
    if (event.type === 'error') return broken(event.error);
    if (event.type === 'truncated') return broken(TRUNCATED);
    note(event);
    if (!('block' in event)) return '';
    const begun = head();
    if (event.type.endsWith('-start')) return begun + items.begin(event);
    return begun + ('text' in event ? items.change(event) : items.close(event.block));
  }

  return { push: (event) => (over ? '' : push(event)), end: () => (over ? '' : finish()) };
}

type WireKind = 'text' | 'refusal' | 'reasoning' | 'function' | 'custom';

const DELTAS: Record<WireKind, { delta: string; place: Item }> = {
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
function openingEvents(
  block: CollectedBlock,
  place: Item,
  send: (type: string, fields: Item) => string,
): string {
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
function closingEvents(block: CollectedBlock, place: Item, send: Send): string {
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

/** A whole answer. */
export function encodeBody(events: PivotEvent[], context: EncodeContext): unknown {
  const answer = collect(events);
  const output = answer.blocks.flatMap((block, index) => itemOf(block, index, context, true) ?? []);
  return response(context, { ...ending(answer.finish ?? 'stop'), output, usage: encodeUsage(answer.usage) });
}

function failedResponse(error: PivotError, context: Identity, output: Item[]): Item {
  // Codex shows an `invalid_prompt` at once, in these very words, and does not retry it.
  const userOnly = error.kind === 'config' || error.kind === 'budget';
  const code = userOnly ? 'invalid_prompt' : String(openaiError(error).code);
  return response(context, { status: 'failed', error: { code, message: error.message }, output });
}

/** An error before anything was sent. Problems that only the user can fix are a 200 stream that fails: Codex retries every status but 400. */
export function encodeError(error: PivotError, context: Identity & { stream: boolean }): EncodedError {
  const userOnly = error.kind === 'config' || error.kind === 'budget';
  const encoded = encodeOpenaiError(error);
  if (!userOnly || !context.stream) return encoded;
  const created = frame(
    { type: 'response.created', sequence_number: 0, response: response(context, {}) },
    'response.created',
  );
  const failed = frame(
    { type: 'response.failed', sequence_number: 1, response: failedResponse(error, context, []) },
    'response.failed',
  );
  return {
    status: 200,
    headers: { ...encoded.headers, 'content-type': 'text/event-stream; charset=utf-8' },
    body: created + failed,
  };
}

/** The frame that ends a stream that broke; no response.completed follows. */
export function encodeStreamError(error: PivotError, context: Identity): string {
  return frame({ type: 'response.failed', response: failedResponse(error, context, []) }, 'response.failed');
}
