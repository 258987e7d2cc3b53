import {
  asArray,
  asObject,
  asString,
  asText,
  type Blocks,
  codePoints,
  createBlocks,
  type FinishReason,
  flatToolName,
  type PivotEvent,
  parseJson,
  type TokenChoice,
} from '../../pivot/index.ts';
import { readLogprobs } from '../openai-logprobs.ts';
import { contentParts } from '../openai-usage.ts';
import type { Decoder, Frame } from '../protocol.ts';
import { BROKEN_FRAME, vendorError } from '../vendor-error.ts';
import { cite } from './citations.ts';
import { createItems, type Item, type Items } from './items.ts';
import { responseUsage } from './usage.ts';
import type { WireEvent, WireItem, WireResponse } from './wire.ts';

const ORIGIN = 'openai';
const INCOMPLETE: ReadonlyMap<string, FinishReason> = new Map([
  ['content_filter', 'content-filter'],
  ['max_output_tokens', 'length'],
  ['max_tokens', 'length'],
]);

/** Answers that go on elsewhere (`background: true`): the bytes are over, the answer is not. */
const RUNNING: ReadonlySet<string> = new Set(['queued', 'in_progress']);

/** State of one answer while its events come. */
interface Answer {
  blocks: Blocks;
  items: Items;
  started: boolean;
  ended: boolean;
}

function newAnswer(): Answer {
  return { blocks: createBlocks(), items: createItems(), started: false, ended: false };
}

type Handler = (answer: Answer, event: WireEvent) => PivotEvent[];

const started: Handler = (answer, { response }) => {
  if (answer.started || !response) return [];
  answer.started = true;
  return [startOf(asObject(response) as WireResponse)];
};

const ended: Handler = (answer, { response }) => {
  answer.ended = true;
  return closing(answer, asObject(response) as WireResponse);
};

const textDelta =
  (kind: 'text' | 'refusal' | 'reasoning'): Handler =>
  ({ blocks, items }, event) => {
    const item = items.of(event);
    const text = asString(event.delta);
    item.told = true;
    item.from ??= blocks.textLength();
    const apart = text !== '' && item.paragraph ? '\n\n' : '';
    if (text !== '') item.paragraph = false;
    return blocks.delta(kind, apart + text, kind === 'text' ? readLogprobs(event.logprobs) : []);
  };

/** Summaries have parts, each with a heading: run together nobody could read them. */
const summaryPart: Handler = ({ items }, event) => {
  const item = items.of(event);
  item.paragraph = item.told;
  return [];
};

/** Where a part begins that is not the first is known only at the item's end, which repeats all of them. */
const annotation: Handler = ({ blocks, items }, event) => {
  const item = items.of(event);
  if ((event.content_index ?? 0) === 0) cite(blocks, [event.annotation], item.from ?? blocks.textLength());
  return [];
};

const argumentsDelta: Handler = ({ blocks, items }, event) => {
  const item = items.of(event);
  item.told = true;
  return blocks.toolDelta(item.key, asString(event.delta));
};

/** Event types to what they mean; the many others repeat or announce what these say. */
const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['response.created', started],
  ['response.in_progress', started],
  ['response.queued', started],
  [
    'response.output_item.added',
    (answer, event) => itemStart(answer, asObject(event.item) as WireItem, answer.items.of(event)),
  ],
  ['response.output_text.delta', textDelta('text')],
  ['response.refusal.delta', textDelta('refusal')],
  ['response.reasoning_summary_text.delta', textDelta('reasoning')],
  ['response.reasoning_text.delta', textDelta('reasoning')],
  ['response.reasoning_summary_part.added', summaryPart],
  ['response.output_text.annotation.added', annotation],
  ['response.function_call_arguments.delta', argumentsDelta],
  ['response.custom_tool_call_input.delta', argumentsDelta],
  [
    'response.output_item.done',
    (answer, event) => itemDone(answer, asObject(event.item) as WireItem, answer.items.of(event)),
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

/** Decodes a Responses stream. Exactly one terminal event ends it; `[DONE]` behind it is ignored. */
export function createDecoder(): Decoder {
  const answer = newAnswer();
  return {
    push({ event, data }: Frame) {
      const text = data.trim();
      if (answer.ended || text === '' || text === '[DONE]') return [];
      const json = parseJson(text);
      if (typeof json !== 'object' || json === null) return [{ type: 'error', error: BROKEN_FRAME }];
      const wire = asObject(json) as WireEvent;
      const type = asText(wire.type) ?? event ?? '';
      const handle =
        HANDLERS.get(type) ??
        (wire.error !== undefined && wire.error !== null ? HANDLERS.get('error') : undefined);
      return handle?.(answer, wire) ?? [];
    },
    more: (text) => answer.blocks.more(text),
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

/** Calls that the provider itself runs. Codex' own search for tools is the client's. */
const SERVER_ITEM = /^(?!tool_search_|local_shell_|custom_tool_|function_|image_generation_)[a-z_]+_call$/;

function itemStart({ blocks }: Answer, wire: WireItem, item: Item): PivotEvent[] {
  const kind = TOOL_ITEMS.get(wire.type ?? '');
  if (!kind || item.started) return [];
  item.started = true;
  const id = asText(wire.call_id) ?? asString(wire.id);
  const namespace = asText(wire.namespace);
  const name = namespace === undefined ? asString(wire.name) : flatToolName(namespace, asString(wire.name));
  return blocks.startTool(item.key, { id, name, kind });
}

/** The end of an item: what its deltas did not tell, and what only the end knows (encrypted reasoning). */
function itemDone(answer: Answer, wire: WireItem, item: Item): PivotEvent[] {
  if (item.done) return [];
  item.done = true;
  const { blocks } = answer;
  const from = item.from ?? blocks.textLength();
  const events = [
    ...itemStart(answer, wire, item),
    ...(item.told ? [] : itemContent(answer, wire, item.key)),
  ];
  if (wire.type === 'message') citeParts(blocks, wire, from);
  if (TOOL_ITEMS.has(wire.type ?? '')) return [...events, ...blocks.endTool(item.key)];
  const seal = wire.type === 'reasoning' ? asText(wire.encrypted_content) : undefined;
  const sealed = seal === undefined ? undefined : { origin: ORIGIN, value: seal };
  return [...events, ...blocks.endSequential(sealed)];
}

function itemContent({ blocks }: Answer, item: WireItem, key: string): PivotEvent[] {
  if (item.type === 'message')
    return messageParts(item).flatMap(({ kind, text, logprobs }) => blocks.delta(kind, text, logprobs));
  if (item.type === 'reasoning') {
    const parts = [...asArray(item.summary), ...asArray(item.content)];
    const texts = parts.flatMap((part) => asText(asObject(part).text) ?? []);
    return blocks.delta('reasoning', texts.join('\n\n'));
  }
  if (item.type === 'image_generation_call' && asText(item.result))
    return blocks.media({ mediaType: 'image/png', data: asString(item.result) });
  if (SERVER_ITEM.test(item.type ?? ''))
    return [{ type: 'vendor', origin: 'openai-responses', name: asString(item.type) }];
  return TOOL_ITEMS.has(item.type ?? '')
    ? blocks.toolDelta(key, asText(item.arguments) ?? asString(item.input))
    : [];
}

/** The sources of a message's texts, the first of which begins at `from`. */
function citeParts(blocks: Blocks, item: WireItem, from: number): void {
  let at = from;
  for (const one of asArray(item.content)) {
    const part = asObject(one);
    if (part.type !== 'output_text') continue;
    cite(blocks, part.annotations, at);
    at += codePoints(asString(part.text));
  }
}

interface MessagePart {
  kind: 'text' | 'refusal' | 'reasoning';
  text: string;
  logprobs?: TokenChoice[];
}

function messageParts(item: WireItem): MessagePart[] {
  return asArray(item.content).flatMap((part) => {
    const { type, text, logprobs } = asObject(part);
    return type === 'output_text' && typeof text === 'string'
      ? [{ kind: 'text' as const, text, logprobs: readLogprobs(logprobs) }]
      : contentParts([part]);
  });
}

/** The last response object: items that no event told, usage, how it ended. */
function closing(answer: Answer, response: WireResponse): PivotEvent[] {
  const events = started(answer, { response });
  for (const [index, item] of asArray(response.output).entries()) {
    const wire = asObject(item) as WireItem;
    const known = answer.items.ofOutput(wire, index);
    if (known) events.push(...itemDone(answer, wire, known));
  }
  events.push(...answer.blocks.endAll());
  const usage = responseUsage(response);
  if (usage) events.push({ type: 'usage', usage });
  return [...events, ...outcome(answer, response), { type: 'end' }];
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
    const reason = asText(asObject(why).reason);
    return [
      {
        type: 'finish',
        reason: reason === undefined ? 'length' : (INCOMPLETE.get(reason) ?? 'other'),
        raw: reason ?? status,
      },
    ];
  }
  if (RUNNING.has(status ?? '')) return [];
  return [{ type: 'finish', reason: blocks.sawTools() ? 'tool-calls' : 'stop', raw: asText(status) ?? null }];
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
  return closing(newAnswer(), response);
}
