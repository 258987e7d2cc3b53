import {
  asArray,
  asObject,
  asString,
  asText,
  type Blocks,
  createBlocks,
  type FinishReason,
  type JsonObject,
  type Opaque,
  type PivotEvent,
  parseJson,
  unsealText,
} from '../../pivot/index.ts';
import type { Decoder, Frame } from '../protocol.ts';
import { BROKEN_FRAME, vendorError } from '../vendor-error.ts';
import { readCitation, serverResult } from './citations.ts';
import { billedUsage, mergeWire, saysUsage } from './usage.ts';
import type { WireBlock, WireDelta, WireEvent, WireMessage } from './wire.ts';

const ORIGIN = 'anthropic';

/** https://docs.anthropic.com/en/api/handling-stop-reasons */
const FINISH: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['tool_use', 'tool-calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'content-filter'],
]);

type Handlers = { [T in WireEvent['type']]: (event: Extract<WireEvent, { type: T }>) => PivotEvent[] };

/** Decodes a Messages stream: one handler per wire event, in the order the wire sends them. */
export function createDecoder(): Decoder {
  const blocks = createBlocks();
  const open = createOpenBlocks(blocks);
  let usage: JsonObject = {};
  let raw: string | null = null;
  let ended = false;

  function counted(value: unknown): PivotEvent[] {
    // Nothing new is no count: the placeholder of the start would be taken for the end's.
    if (!saysUsage(value)) return [];
    usage = mergeWire(usage, value);
    const total = billedUsage(usage);
    return total ? [{ type: 'usage', usage: total }] : [];
  }

  function finish(complete: boolean): PivotEvent[] {
    ended = true;
    const reason: PivotEvent[] =
      raw === null ? [] : [{ type: 'finish', reason: FINISH.get(raw) ?? 'other', raw }];
    return [...blocks.endAll(), ...reason, complete ? { type: 'end' } : { type: 'truncated' }];
  }

  const on: Handlers = {
    message_start({ message }) {
      const start = asObject(message) as WireMessage;
      raw = asText(start.stop_reason) ?? raw;
      // Some gateways put a whole answer into the start.
      const early = asArray(start.content).flatMap((block, i) =>
        wholeBlock(blocks, asObject(block) as WireBlock, `early-${i}`),
      );
      return [startOf(start), ...counted(start.usage), ...early];
    },
    content_block_start: ({ index, content_block }) =>
      open.start(`${index}`, asObject(content_block) as WireBlock),
    content_block_delta: ({ index, delta }) => open.change(`${index}`, asObject(delta) as WireDelta),
    content_block_stop: ({ index }) => open.stop(`${index}`),
    message_delta({ delta, usage: totals }) {
      // Totals so far, not an increment: fields it names replace what message_start said.
      raw = asText(asObject(delta).stop_reason) ?? raw;
      return counted(totals);
    },
    message_stop: () => finish(true),
    ping: () => [],
    error: ({ error }) => [
      { type: 'error', error: vendorError(200, { error }, 'the provider reported an error') },
    ],
  };

  return {
    push({ event, data }: Frame) {
      const text = data.trim();
      if (ended || text === '' || text === '[DONE]') return [];
      const json = parseJson(text);
      if (typeof json !== 'object' || json === null) return [{ type: 'error', error: BROKEN_FRAME }];
      const type = asText(asObject(json).type) ?? event ?? '';
      const handle = Object.hasOwn(on, type)
        ? (on[type as WireEvent['type']] as (event: unknown) => PivotEvent[])
        : undefined;
      return handle ? handle(json) : [];
    },
    more: (text) => blocks.more(text),
    // A stop reason without message_stop is still an answer that is over.
    end: () => (ended ? [] : finish(raw !== null)),
  };
}

/** The wire's numbered blocks: what is known of one before it ends. */
function createOpenBlocks(blocks: Blocks): {
  start(key: string, block: WireBlock): PivotEvent[];
  change(key: string, delta: WireDelta): PivotEvent[];
  stop(key: string): PivotEvent[];
} {
  const seals = new Map<string, string>();
  /** Arguments that came whole with the start of their block; deltas speak louder. */
  const inputs = new Map<string, string>();
  return {
    start(key, block) {
      inputs.set(key, inputText(block.input));
      seals.set(key, asString(block.signature));
      return blockStart(blocks, key, block);
    },
    change(key, delta) {
      if (delta.type === 'signature_delta')
        seals.set(key, (seals.get(key) ?? '') + asString(delta.signature));
      if (asString(delta.partial_json) !== '') inputs.delete(key);
      return deltaEvents(blocks, key, delta);
    },
    stop(key) {
      const seal = seals.get(key);
      seals.delete(key);
      return [
        ...blocks.toolDelta(key, inputs.get(key) ?? ''),
        ...blocks.endTool(key),
        ...blocks.endSequential(signatureOf(seal)),
      ];
    },
  };
}

function startOf(message: WireMessage): PivotEvent {
  const id = asText(message.id);
  const model = asText(message.model);
  return { type: 'start', ...(id === undefined ? {} : { id }), ...(model === undefined ? {} : { model }) };
}

/** Block types that the provider itself runs: their results are in the answer, and no client may run them. */
const SERVER_TOOLS: ReadonlySet<string> = new Set(['server_tool_use', 'mcp_tool_use']);

function blockStart(blocks: Blocks, key: string, block: WireBlock): PivotEvent[] {
  if (block.type === 'text') return textStart(blocks, block);
  if (block.type === 'thinking') return blocks.delta('reasoning', asString(block.thinking));
  if (block.type === 'redacted_thinking') return blocks.redacted(unsealText(asString(block.data), ORIGIN));
  const result = serverResult(block);
  if (result !== undefined) return [{ type: 'vendor', origin: 'anthropic-messages', name: result }];
  if (block.type !== 'tool_use' && !SERVER_TOOLS.has(block.type ?? '')) return [];
  return blocks.startTool(key, {
    id: asString(block.id),
    name: asString(block.name),
    kind: block.type === 'tool_use' ? 'function' : 'server',
  });
}

function textStart(blocks: Blocks, block: WireBlock): PivotEvent[] {
  const text = blocks.delta('text', asString(block.text));
  for (const one of asArray(block.citations)) cite(blocks, one);
  return text;
}

function cite(blocks: Blocks, value: unknown): PivotEvent[] {
  const citation = readCitation(value);
  if (citation) blocks.cite(citation);
  return [];
}

function deltaEvents(blocks: Blocks, key: string, delta: WireDelta): PivotEvent[] {
  if (delta.type === 'text_delta') return blocks.delta('text', asString(delta.text));
  if (delta.type === 'citations_delta') return cite(blocks, delta.citation);
  if (delta.type === 'thinking_delta') return blocks.delta('reasoning', asString(delta.thinking));
  return delta.type === 'input_json_delta' ? blocks.toolDelta(key, asString(delta.partial_json)) : [];
}

/** The seal of a thinking block. Behind another unorouter stand other families, and thinking that nobody signed. */
function signatureOf(seal: string | undefined): Opaque | undefined {
  const opaque = unsealText(seal ?? '', ORIGIN);
  return opaque.value === '' ? undefined : opaque;
}

/** A tool's input as JSON text. An empty one says nothing: streams send no text for it either. */
function inputText(input: unknown): string {
  return Object.keys(asObject(input)).length === 0 ? '' : JSON.stringify(input);
}

function wholeBlock(blocks: Blocks, block: WireBlock, key: string): PivotEvent[] {
  const start = blockStart(blocks, key, block);
  return [
    ...start,
    ...blocks.toolDelta(key, inputText(block.input)),
    ...blocks.endTool(key),
    ...blocks.endSequential(signatureOf(asString(block.signature))),
  ];
}

/** A whole answer. */
export function decodeBody(json: unknown): PivotEvent[] {
  const message = asObject(json) as WireMessage;
  if (message.type === 'error' || (message.error !== undefined && message.content === undefined)) {
    return [
      { type: 'error', error: vendorError(200, json, 'the provider reported an error') },
      { type: 'end' },
    ];
  }
  const blocks = createBlocks();
  const usage = billedUsage(mergeWire({}, message.usage));
  const raw = asText(message.stop_reason);
  return [
    startOf(message),
    ...asArray(message.content).flatMap((block, i) =>
      wholeBlock(blocks, asObject(block) as WireBlock, `${i}`),
    ),
    ...(usage ? [{ type: 'usage' as const, usage }] : []),
    ...(raw ? [{ type: 'finish' as const, reason: FINISH.get(raw) ?? ('other' as const), raw }] : []),
    Array.isArray(message.content) ? { type: 'end' } : { type: 'truncated' },
  ];
}
