import {
  asArray,
  asObject,
  asText,
  type Blocks,
  createBlocks,
  type FinishReason,
  type PivotEvent,
  parseJson,
} from '../../pivot/index.ts';
import { contentParts, openaiUsage } from '../openai-usage.ts';
import type { Decoder, Frame } from '../protocol.ts';
import { BROKEN_FRAME, vendorError } from '../vendor-error.ts';
import type { WireEvent, WireItem, WireResponse } from './wire.ts';

const ORIGIN = 'openai';
const INCOMPLETE: ReadonlyMap<string, FinishReason> = new Map([
  ['content_filter', 'content-filter'],
  ['max_output_tokens', 'length'],
  ['max_tokens', 'length'],
]);

/** State of one answer while its events come. */
interface Answer {
  blocks: Blocks;
  /** Items whose deltas were seen: their `done` repeats nothing. */
  told: Set<string>;
  started: boolean;
  ended: boolean;
}

type Handler = (answer: Answer, event: WireEvent) => PivotEvent[];

const started: Handler = (answer, { response }) => {
  if (answer.started || !response) return [];
  answer.started = true;
  return [startOf(response)];
};

const ended: Handler = (answer, { response }) => {
  answer.ended = true;
  return closing(answer, response ?? {});
};

const textDelta =
  (kind: 'text' | 'refusal' | 'reasoning'): Handler =>
  (answer, event) => {
    answer.told.add(keyOf(event));
    return answer.blocks.delta(kind, event.delta ?? '');
  };

const argumentsDelta: Handler = (answer, event) => {
  answer.told.add(keyOf(event));
  return answer.blocks.toolDelta(keyOf(event), event.delta ?? '');
};

/** Event types to what they mean; the many others repeat or announce what these say. */
const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['response.created', started],
  ['response.in_progress', started],
  ['response.queued', started],
  [
    'response.output_item.added',
    (answer, event) => (event.item ? itemStart(answer, event.item, keyOf(event)) : []),
  ],
  ['response.output_text.delta', textDelta('text')],
  ['response.refusal.delta', textDelta('refusal')],
  ['response.reasoning_summary_text.delta', textDelta('reasoning')],
  ['response.reasoning_text.delta', textDelta('reasoning')],
  ['response.function_call_arguments.delta', argumentsDelta],
  ['response.custom_tool_call_input.delta', argumentsDelta],
  [
    'response.output_item.done',
    (answer, event) => (event.item ? itemDone(answer, event.item, keyOf(event)) : []),
  ],
  ['response.completed', ended],
  ['response.incomplete', ended],
  ['response.failed', ended],
  ['response.cancelled', ended],
  ['response.done', ended],
  [
    'error',
    (_answer, event) => [{ type: 'error', error: vendorError(200, event, 'the provider reported an error') }],
  ],
]);

function keyOf(event: WireEvent): string {
  return event.output_index === undefined ? (event.item_id ?? event.item?.id ?? '') : `${event.output_index}`;
}

/** Decodes a Responses stream. Exactly one terminal event ends it; `[DONE]` behind it is ignored. */
export function createDecoder(): Decoder {
  const answer: Answer = { blocks: createBlocks(), told: new Set(), started: false, ended: false };
  return {
    push({ event, data }: Frame) {
      const text = data.trim();
      if (answer.ended || text === '' || text === '[DONE]') return [];
      const json = parseJson(text);
      if (typeof json !== 'object' || json === null) return [{ type: 'error', error: BROKEN_FRAME }];
      const wire = asObject(json) as WireEvent;
      const type = wire.type ?? event ?? '';
      const handle =
        HANDLERS.get(type) ??
        (wire.error !== undefined && wire.error !== null ? HANDLERS.get('error') : undefined);
      return handle?.(answer, wire) ?? [];
    },
    end() {
      if (answer.ended) return [];
      answer.ended = true;
      return [...answer.blocks.endAll(), { type: 'truncated' }];
    },
  };
}

function startOf(response: WireResponse): PivotEvent {
  const id = asText(response.id);
  const model = asText(response.model);
  return { type: 'start', ...(id === undefined ? {} : { id }), ...(model === undefined ? {} : { model }) };
}

const TOOL_ITEMS: ReadonlyMap<string, 'function' | 'custom'> = new Map([
  ['function_call', 'function'],
  ['custom_tool_call', 'custom'],
]);

function itemStart({ blocks }: Answer, item: WireItem, key: string): PivotEvent[] {
  const kind = TOOL_ITEMS.get(item.type ?? '');
  return kind
    ? blocks.startTool(key, { id: item.call_id ?? item.id ?? '', name: item.name ?? '', kind })
    : [];
}

/** The end of an item: what its deltas did not tell, and what only the end knows (encrypted reasoning). */
function itemDone(answer: Answer, item: WireItem, key: string): PivotEvent[] {
  const { blocks, told } = answer;
  const events: PivotEvent[] = told.has(key) ? [] : itemContent(answer, item, key);
  told.add(key);
  if (TOOL_ITEMS.has(item.type ?? '')) return [...events, ...blocks.endTool(key)];
  const sealed =
    item.type === 'reasoning' && item.encrypted_content
      ? { origin: ORIGIN, value: item.encrypted_content }
      : undefined;
  const closed = blocks.endSequential(sealed);
  return closed.length === 0 && sealed ? [...events, ...blocks.redacted(sealed)] : [...events, ...closed];
}

function itemContent({ blocks }: Answer, item: WireItem, key: string): PivotEvent[] {
  if (item.type === 'message')
    return messageParts(item).flatMap(({ kind, text }) => blocks.delta(kind, text));
  if (item.type === 'reasoning') {
    const parts = [...asArray(item.summary), ...asArray(item.content)];
    return parts.flatMap((part) => blocks.delta('reasoning', asText(asObject(part).text) ?? ''));
  }
  if (item.type === 'image_generation_call' && item.result)
    return [
      { type: 'media', block: 10_000 + Number.parseInt(key, 10), mediaType: 'image/png', data: item.result },
    ];
  const kind = TOOL_ITEMS.get(item.type ?? '');
  const text = item.arguments ?? item.input ?? '';
  return kind ? blocks.toolDelta(key, text) : [];
}

function messageParts(item: WireItem): { kind: 'text' | 'refusal' | 'reasoning'; text: string }[] {
  return asArray(item.content).flatMap((part) => {
    const { type, text } = asObject(part);
    return type === 'output_text' && typeof text === 'string'
      ? [{ kind: 'text' as const, text }]
      : contentParts([part]);
  });
}

/** The last response object: items that no event told, usage, how it ended. */
function closing(answer: Answer, response: WireResponse): PivotEvent[] {
  const events = started(answer, { response });
  for (const [index, item] of asArray(response.output).entries()) {
    const key = `${index}`;
    if (!answer.told.has(key))
      events.push(
        ...itemStartIfNew(answer, asObject(item) as WireItem, key),
        ...itemDone(answer, asObject(item) as WireItem, key),
      );
  }
  events.push(...answer.blocks.endAll());
  const usage = openaiUsage(response.usage);
  if (usage) events.push({ type: 'usage', usage });
  return [...events, ...outcome(answer, response), { type: 'end' }];
}

function itemStartIfNew(answer: Answer, item: WireItem, key: string): PivotEvent[] {
  return answer.told.size === 0 ? itemStart(answer, item, key) : [];
}

function outcome({ blocks }: Answer, { status, error, incomplete_details: why }: WireResponse): PivotEvent[] {
  if (status === 'failed' || status === 'cancelled') {
    return [
      {
        type: 'error',
        error: vendorError(
          200,
          { error: error ?? { message: `the response was ${status}` } },
          `the response ${status}`,
        ),
      },
    ];
  }
  if (status === 'incomplete') {
    const reason = why?.reason;
    return [
      {
        type: 'finish',
        reason: reason === undefined ? 'length' : (INCOMPLETE.get(reason) ?? 'other'),
        raw: reason ?? status,
      },
    ];
  }
  return [{ type: 'finish', reason: blocks.sawTools() ? 'tool-calls' : 'stop', raw: status ?? null }];
}

/** A whole answer. One that is still running (`background`) is an end without a finish reason. */
export function decodeBody(json: unknown): PivotEvent[] {
  const response = asObject(json) as WireResponse;
  if (response.error !== undefined && response.error !== null && !Array.isArray(response.output)) {
    return [
      { type: 'error', error: vendorError(200, json, 'the provider reported an error') },
      { type: 'end' },
    ];
  }
  if (!Array.isArray(response.output) && response.status === undefined) return [{ type: 'truncated' }];
  const answer: Answer = { blocks: createBlocks(), told: new Set(), started: false, ended: false };
  const items = asArray(response.output).flatMap((item, index) => {
    const wire = asObject(item) as WireItem;
    return [...itemStart(answer, wire, `${index}`), ...itemDone(answer, wire, `${index}`)];
  });
  return [...started(answer, { response }), ...items, ...closing(answer, { ...response, output: [] })];
}
