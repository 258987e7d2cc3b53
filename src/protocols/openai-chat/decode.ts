import {
  asArray,
  asObject,
  asString,
  asText,
  type Blocks,
  createBlocks,
  type FinishReason,
  objectOrNothing,
  type PivotEvent,
  parseJson,
  type Usage,
} from '../../pivot/index.ts';
import { contentParts, openaiUsage } from '../openai-usage.ts';
import type { Decoder, Frame } from '../protocol.ts';
import { BROKEN_FRAME, vendorError } from '../vendor-error.ts';
import { createToolKeys, type ToolKeys } from './tool-keys.ts';
import type { ChatChoice, ChatChunk, ChatDelta, ChatToolCall } from './wire.ts';

/** Finish words of the many servers that speak Chat. */
const FINISH: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['STOP', 'stop'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['MAX_TOKENS', 'length'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['tool_use', 'tool-calls'],
  ['content_filter', 'content-filter'],
  ['safety', 'content-filter'],
  ['SAFETY', 'content-filter'],
  ['sensitive', 'content-filter'],
  ['refusal', 'content-filter'],
]);

/** Finish words that are errors in disguise. */
const FAILED: ReadonlySet<string> = new Set(['error', 'network_error', 'insufficient_system_resource']);

/** State of one answer while its chunks come. */
interface Answer {
  blocks: Blocks;
  tools: ToolKeys;
  started: boolean;
  finish: string | null;
  ended: boolean;
}

/** Decodes a Chat stream. A finish reason without `[DONE]` is an end too; neither of them is a cut. */
export function createDecoder(): Decoder {
  const answer: Answer = {
    blocks: createBlocks(),
    tools: createToolKeys(),
    started: false,
    finish: null,
    ended: false,
  };

  function end(): PivotEvent[] {
    if (answer.ended) return [];
    answer.ended = true;
    return closing(answer, true);
  }

  return {
    push({ event, data }: Frame) {
      const text = data.trim();
      if (answer.ended || text === '') return [];
      if (text === '[DONE]') return end();
      const json = parseJson(text);
      if (typeof json !== 'object' || json === null) return [{ type: 'error', error: BROKEN_FRAME }];
      if (event === 'error' && !('error' in json))
        return [{ type: 'error', error: vendorError(200, json, text) }];
      return chunkEvents(answer, json as ChatChunk);
    },
    end() {
      if (answer.ended) return [];
      answer.ended = true;
      return closing(answer, answer.finish !== null);
    },
  };
}

/** A whole answer: one chunk whose choices carry messages instead of deltas. */
export function decodeBody(json: unknown): PivotEvent[] {
  const answer: Answer = {
    blocks: createBlocks(),
    tools: createToolKeys(),
    started: false,
    finish: null,
    ended: false,
  };
  const body = asObject(json) as ChatChunk;
  const events = chunkEvents(answer, body);
  const complete = asArray(body.choices).length > 0 || events.some((event) => event.type === 'error');
  return [...events, ...closing(answer, complete)];
}

function closing(answer: Answer, complete: boolean): PivotEvent[] {
  const events = answer.blocks.endAll();
  if (answer.finish !== null) {
    const reason = FINISH.get(answer.finish) ?? 'other';
    // Servers say "stop" although they gave tool calls; agents would end their turn.
    events.push({
      type: 'finish',
      reason: reason === 'stop' && answer.blocks.sawTools() ? 'tool-calls' : reason,
      raw: answer.finish,
    });
  }
  return [...events, complete ? { type: 'end' } : { type: 'truncated' }];
}

function chunkEvents(answer: Answer, chunk: ChatChunk): PivotEvent[] {
  const events: PivotEvent[] = [];
  if (!answer.started && (asText(chunk.id) ?? asText(chunk.model)) !== undefined) {
    answer.started = true;
    events.push(startOf(chunk));
  }
  for (const choice of asArray(chunk.choices))
    events.push(...choiceEvents(answer, asObject(choice) as ChatChoice));
  const usage = usageOf(chunk);
  if (usage) events.push({ type: 'usage', usage });
  const error = chunk.error ?? chunk.x_groq?.error;
  if (error !== undefined && error !== null)
    events.push({ type: 'error', error: vendorError(200, { error }, 'the provider reported an error') });
  return events;
}

function startOf(chunk: ChatChunk): PivotEvent {
  const id = asText(chunk.id);
  const model = asText(chunk.model);
  return { type: 'start', ...(id === undefined ? {} : { id }), ...(model === undefined ? {} : { model }) };
}

function usageOf(chunk: ChatChunk): Usage | undefined {
  return openaiUsage(chunk.usage) ?? openaiUsage(chunk.x_groq?.usage);
}

function choiceEvents(answer: Answer, choice: ChatChoice): PivotEvent[] {
  // Further candidates (n > 1) have no place in one list of events; their tokens are in the usage.
  if ((choice.index ?? 0) !== 0) return [];
  const events = deltaEvents(answer, asObject(choice.delta ?? choice.message));
  const raw = asText(choice.finish_reason);
  const failed =
    choice.error ?? (raw && FAILED.has(raw) ? { message: `the provider ended with "${raw}"` } : null);
  if (failed !== null && failed !== undefined)
    events.push({
      type: 'error',
      error: vendorError(200, { error: failed }, 'the provider reported an error'),
    });
  if (raw) answer.finish = raw;
  return events;
}

function deltaEvents({ blocks, tools }: Answer, delta: ChatDelta): PivotEvent[] {
  const events: PivotEvent[] = [];
  const reasoning =
    asText(delta.reasoning_content) ?? asText(delta.reasoning) ?? detailsText(delta.reasoning_details);
  if (reasoning) events.push(...blocks.delta('reasoning', reasoning));
  for (const part of contentParts(delta.content)) events.push(...blocks.delta(part.kind, part.text));
  events.push(...blocks.delta('refusal', asString(delta.refusal)));
  if (delta.function_call)
    events.push(...callEvents(blocks, tools, { index: -1, function: delta.function_call }));
  for (const call of asArray(delta.tool_calls)) events.push(...callEvents(blocks, tools, asObject(call)));
  return events;
}

function detailsText(details: unknown): string | undefined {
  const text = asArray(details)
    .map((detail) => asText(asObject(detail).text) ?? asText(asObject(detail).summary) ?? '')
    .join('');
  return text === '' ? undefined : text;
}

function callEvents(blocks: Blocks, tools: ToolKeys, call: ChatToolCall): PivotEvent[] {
  const fn = asObject(call.function);
  const custom = objectOrNothing(call.custom);
  const id = asString(call.id);
  const name = asString(fn.name) || asString(custom?.name);
  const text = argumentsText(custom ? custom.input : fn.arguments);
  // An empty legacy `function_call` is not a call.
  if (call.index === -1 && name === '' && text === '') return [];
  const { key, fresh } = tools.find({ index: call.index, id, name, text });
  const start = fresh ? blocks.startTool(key, { id, name, kind: custom ? 'custom' : 'function' }) : [];
  return [...start, ...blocks.toolDelta(key, text)];
}

/** Arguments are JSON text; some servers send the object itself. */
function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
