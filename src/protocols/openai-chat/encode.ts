import {
  byCandidate,
  type CollectedBlock,
  collect,
  defined,
  type FinishReason,
  type PivotError,
  type PivotEvent,
  perCandidate,
  type Usage,
  unwrapInput,
} from '../../pivot/index.ts';
import { contextOf } from '../candidates.ts';
import { frame } from '../frame.ts';
import { openaiError, TRUNCATED } from '../openai-error.ts';
import { writeLogprobs } from '../openai-logprobs.ts';
import type { EncodeContext, Encoder } from '../protocol.ts';
import { imageOf, sealedThoughts, spokenOf } from './answer-parts.ts';
import { annotationOf } from './citations.ts';
import { createDeltas } from './deltas.ts';
import { asOffered, signatureField } from './tool-deltas.ts';

const FINISH: Record<FinishReason, string> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'stop',
};

/** Usage in OpenAI's convention: totals with details beside. Unknown counts stay away. */
export function encodeUsage(usage: Usage): Record<string, unknown> {
  const input = usage.input ?? 0;
  const output = usage.output ?? 0;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead ?? 0,
      ...(usage.cacheWrite === undefined ? {} : { cache_write_tokens: usage.cacheWrite }),
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
  };
}

function base(context: EncodeContext, object: string): Record<string, unknown> {
  return { id: `chatcmpl-${context.id}`, object, created: context.created, model: context.model };
}

type Json = Record<string, unknown>;

/** One choice of a stream: a role first, deltas, a finish reason. Everything that it says is a chunk. */
interface Choice {
  /** Begins it, unless it has begun. */
  start(): string;
  push(event: PivotEvent): string;
  finish(): string;
}

function createChoice(index: number, context: EncodeContext): Choice {
  const envelope = base(context, 'chat.completion.chunk');
  const deltas = createDeltas(contextOf(context, index));
  let reason: FinishReason = 'stop';
  let started = false;

  function chunk(delta: Json, finish: string | null = null, beside: Json = {}): string {
    const role = started ? {} : { role: 'assistant', content: '' };
    started = true;
    return frame({
      ...envelope,
      choices: [{ index, delta: { ...role, ...delta }, ...beside, finish_reason: finish }],
    });
  }

  return {
    start: () => (started ? '' : chunk({})),
    push(event) {
      if (event.type === 'finish') ({ reason } = event);
      const delta = deltas.of(event);
      return delta ? chunk(delta, null, probsOf(event)) : '';
    },
    finish: () => chunk({}, FINISH[reason]),
  };
}

/** Events to Chat chunks: those of its choices, the usage chunk when it was asked for, `[DONE]`. */
export function createEncoder(context: EncodeContext): Encoder {
  const choices = perCandidate((index) => createChoice(index, context));
  let usage: Usage = {};
  let over = false;

  function finish(): string {
    over = true;
    const last = choices.all().map(([, choice]) => choice.finish());
    const envelope = base(context, 'chat.completion.chunk');
    const counts = context.includeUsage ? frame({ ...envelope, choices: [], usage: encodeUsage(usage) }) : '';
    return `${last.join('')}${counts}${frame('[DONE]')}`;
  }

  function broken(error: PivotError): string {
    over = true;
    return encodeStreamError(error);
  }

  const lifecycle: { [T in PivotEvent['type']]?: (event: Extract<PivotEvent, { type: T }>) => string } = {
    start: ({ candidate }) => choices.of(candidate).start(),
    usage(event) {
      usage = { ...usage, ...event.usage };
      return '';
    },
    error: (event) => broken(event.error),
    truncated: () => broken(TRUNCATED),
    end: finish,
  };

  function push(event: PivotEvent): string {
    const handle = lifecycle[event.type] as ((event: PivotEvent) => string) | undefined;
    return handle ? handle(event) : choices.of(event.candidate).push(event);
  }

  return { push: (event) => (over ? '' : push(event)), end: () => (over ? '' : finish()), steady: true };
}

/** The `logprobs` of a choice, where its text comes with some. */
function probsOf(event: PivotEvent | CollectedBlock): Json {
  if (!('logprobs' in event) || !event.logprobs) return {};
  const tokens = writeLogprobs(event.logprobs);
  const refused = event.type === 'refusal' || event.type === 'refusal-delta';
  return { logprobs: refused ? { content: null, refusal: tokens } : { content: tokens, refusal: null } };
}

/** The same of a whole answer; null = there are none. */
function wholeProbs(blocks: readonly CollectedBlock[]): Json | null {
  const tokens = (type: 'text' | 'refusal'): Json[] | null =>
    listed(blocks.flatMap((b) => (b.type === type ? writeLogprobs(b.logprobs) : []))) ?? null;
  const probs = { content: tokens('text'), refusal: tokens('refusal') };
  return probs.content || probs.refusal ? probs : null;
}

/** A whole answer. */
export function encodeBody(events: PivotEvent[], context: EncodeContext): unknown {
  return {
    ...base(context, 'chat.completion'),
    choices: byCandidate(events).map(([index, own]) => wholeChoice(index, own, contextOf(context, index))),
    usage: encodeUsage(collect(events).usage),
  };
}

function wholeChoice(index: number, events: PivotEvent[], context: EncodeContext): Json {
  const answer = collect(events);
  const { blocks } = answer;
  const texts = (type: 'text' | 'refusal' | 'reasoning'): string =>
    blocks.map((b) => (b.type === type ? b.text : '')).join('');
  const calls = blocks.flatMap((b) => (b.type === 'tool-call' && b.kind !== 'server' ? [b] : []));
  const toolCalls = calls.map((call, i) => wholeCall(call, `call_${context.id}_${i}`, context));
  const audio = spokenOf(blocks, events, context);
  const annotations = blocks.flatMap((b) =>
    b.type === 'text' ? b.citations.flatMap((one) => annotationOf(one) ?? []) : [],
  );
  const message = defined<Json>({
    role: 'assistant',
    content: toolCalls.length > 0 && texts('text') === '' ? null : texts('text'),
    refusal: texts('refusal') || null,
    reasoning_content: texts('reasoning') || undefined,
    reasoning_details: numbered(blocks.flatMap(sealedThoughts)),
    images: numbered(blocks.map(imageOf).filter((image) => image !== undefined)),
    audio,
    annotations: listed(annotations),
    tool_calls: listed(toolCalls),
  });
  return { index, message, logprobs: wholeProbs(blocks), finish_reason: FINISH[answer.finish ?? 'stop'] };
}

/** Lists of OpenRouter's have numbers, by which fragments of streams are put together. */
function numbered(list: Json[]): Json[] | undefined {
  return listed(list.map((one, index) => ({ ...one, index })));
}

function listed<T>(list: T[]): T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function wholeCall(
  call: CollectedBlock & { type: 'tool-call' },
  fallbackId: string,
  context: EncodeContext,
): Json {
  const { name, kind, wrapped } = asOffered(call, context);
  const head = { id: call.id || fallbackId, type: kind };
  const input = wrapped ? unwrapInput(call.arguments) : call.arguments;
  const body =
    kind === 'custom' ? { custom: { name, input } } : { function: { name, arguments: input || '{}' } };
  return { ...head, ...body, ...signatureField(call.signature) };
}

/** The frame that ends a stream that broke; no `[DONE]` follows. */
export function encodeStreamError(error: PivotError): string {
  return frame({ error: openaiError(error) });
}
