import {
  asArray,
  asObject,
  asString,
  asText,
  type Blocks,
  createBlocks,
  type FinishReason,
  type JsonObject,
  type PivotEvent,
  parseJson,
  type Usage,
} from '../../pivot/index.ts';
import { readLogprobs } from '../openai-logprobs.ts';
import { contentParts, openaiUsage, tieredUsage } from '../openai-usage.ts';
import type { Decoder, Frame } from '../protocol.ts';
import { BROKEN_FRAME, vendorError } from '../vendor-error.ts';
import { readSound } from './audio.ts';
import { baseError } from './base-resp.ts';
import { createSources, type Sources } from './citations.ts';
import { readUrl } from './data-uri.ts';
import { opaqueOf } from './reasoning-details.ts';
import { type Calls, callEvents, createCalls, signedCalls } from './tool-calls.ts';
import type { ChatChoice, ChatChunk, ChatDelta } from './wire.ts';

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
  sources: Sources;
  /** What the first piece of a sound says of its kind. */
  sound: string | null;
  calls: Calls | null;
  started: boolean;
  finish: string | null;
  ended: boolean;
  /** What was thought since the last seal. */
  thought: string;
}

function callsOf(answer: Answer): Calls {
  answer.calls ??= createCalls();
  return answer.calls;
}

function createAnswer(): Answer {
  const blocks = createBlocks();
  return {
    blocks,
    sources: createSources(blocks),
    sound: null,
    calls: null,
    started: false,
    finish: null,
    ended: false,
    thought: '',
  };
}

/** Decodes a Chat stream. A finish reason without `[DONE]` is an end too; neither of them is a cut. */
export function createDecoder(): Decoder {
  return new ChatDecoder();
}

class ChatDecoder implements Decoder {
  private readonly answer = createAnswer();

  push({ event, data }: Frame): PivotEvent[] {
    const { answer } = this;
    const text = data.trim();
    if (answer.ended || text === '') return [];
    if (text === '[DONE]') return this.close(true);
    const json = parseJson(text);
    if (typeof json !== 'object' || json === null) return [{ type: 'error', error: BROKEN_FRAME }];
    if (event === 'error' && !('error' in json))
      return [{ type: 'error', error: vendorError(200, json, text) }];
    return chunkEvents(answer, json as ChatChunk);
  }

  more(text: string): void {
    this.answer.blocks.more(text);
  }

  end(): PivotEvent[] {
    return this.answer.ended ? [] : this.close(this.answer.finish !== null);
  }

  private close(complete: boolean): PivotEvent[] {
    this.answer.ended = true;
    return closing(this.answer, complete);
  }
}

/** A whole answer: one chunk whose choices carry messages instead of deltas. */
export function decodeBody(json: unknown): PivotEvent[] {
  const answer = createAnswer();
  const body = asObject(json) as ChatChunk;
  const events = chunkEvents(answer, body);
  const complete = asArray(body.choices).length > 0 || events.some((event) => event.type === 'error');
  return [...events, ...closing(answer, complete)];
}

function closing(answer: Answer, complete: boolean): PivotEvent[] {
  answer.sources.end();
  const signed = answer.calls ? signedCalls(answer.blocks, answer.calls) : [];
  const events = [...signed, ...answer.blocks.endAll()];
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
  answer.sources.listed(chunk);
  const usage = usageOf(chunk);
  if (usage) events.push({ type: 'usage', usage });
  const error = chunk.error ?? chunk.x_groq?.error ?? baseError(chunk.base_resp);
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
  return tieredUsage(chunk.usage, chunk.service_tier) ?? openaiUsage(chunk.x_groq?.usage);
}

function choiceEvents(answer: Answer, choice: ChatChoice): PivotEvent[] {
  // Further candidates (n > 1) have decoders of their own.
  if ((choice.index ?? 0) !== 0) return [];
  const events = deltaEvents(answer, asObject(choice.delta ?? choice.message), asObject(choice.logprobs));
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

function deltaEvents(answer: Answer, delta: ChatDelta, probs: JsonObject): PivotEvent[] {
  const { blocks } = answer;
  const events = thoughtEvents(answer, delta);
  let tokens = readLogprobs(probs.content);
  for (const part of contentParts(delta.content)) {
    events.push(...blocks.delta(part.kind, part.text, part.kind === 'text' ? tokens : []));
    if (part.kind === 'text') tokens = [];
  }
  events.push(...blocks.delta('refusal', asString(delta.refusal), readLogprobs(probs.refusal)));
  for (const image of asArray(delta.images)) events.push(...imageEvents(blocks, asObject(image)));
  events.push(...audioEvents(answer, asObject(delta.audio)));
  answer.sources.annotations(delta.annotations);
  if (delta.function_call)
    events.push(...callEvents(blocks, callsOf(answer), { index: -1, function: delta.function_call }));
  for (const call of asArray(delta.tool_calls))
    events.push(...callEvents(blocks, callsOf(answer), asObject(call)));
  return events;
}

/** Servers say thoughts as plain text, as details, or both; only details carry seals. */
function thoughtEvents(answer: Answer, delta: ChatDelta): PivotEvent[] {
  const details = asArray(delta.reasoning_details).map(asObject);
  const plain = asText(delta.reasoning_content) ?? asText(delta.reasoning) ?? '';
  const told = details.map(detailText).join('');
  const sealed = details.some((detail) => asText(detail.signature) ?? asText(detail.data));
  if (!sealed) return think(answer, plain || told);
  return [
    ...(told === '' ? think(answer, plain) : []),
    ...details.flatMap((detail) => detailEvents(answer, detail)),
  ];
}

function detailText({ text, summary }: JsonObject): string {
  return asString(text) || asString(summary);
}

function think(answer: Answer, text: string): PivotEvent[] {
  answer.thought += text;
  return answer.blocks.delta('reasoning', text);
}

function detailEvents(answer: Answer, detail: JsonObject): PivotEvent[] {
  const text = detailText(detail);
  const signature = asText(detail.signature);
  const data = asText(detail.data);
  // A detail that seals may repeat the text that it seals.
  const events = text !== '' && answer.thought.endsWith(text) ? [] : think(answer, text);
  const seal = signature ?? data;
  if (seal === undefined) return events;
  const opaque = opaqueOf(seal, detail);
  const call = asText(detail.id);
  if (opaque.origin === 'google' && call !== undefined) {
    callsOf(answer).seals.set(call, opaque);
    return events;
  }
  answer.thought = '';
  const redacted = signature === undefined && opaque.origin === 'anthropic';
  return [...events, ...(redacted ? answer.blocks.redacted(opaque) : answer.blocks.endSequential(opaque))];
}

/** Pictures come as OpenRouter carries them, or as a link. */
function imageEvents(blocks: Blocks, { image_url: image }: JsonObject): PivotEvent[] {
  const url = asString(asObject(image).url);
  const source = readUrl(url, 'image/png');
  if (source.kind === 'base64') return blocks.media({ mediaType: source.mediaType, data: source.data });
  return url === '' ? [] : blocks.media({ mediaType: 'image/*', url });
}

/** A spoken answer: sound in pieces, and what it says. */
function audioEvents(answer: Answer, audio: JsonObject): PivotEvent[] {
  const data = asText(audio.data);
  const transcript = asText(audio.transcript);
  const said: PivotEvent[] = transcript === undefined ? [] : [{ type: 'transcript', text: transcript }];
  if (data === undefined) return said;
  answer.sound ??= readSound(data);
  return [...said, ...answer.blocks.media({ mediaType: answer.sound, data })];
}
