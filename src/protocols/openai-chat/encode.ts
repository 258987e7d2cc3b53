import {
  collect,
  type FinishReason,
  type PivotError,
  type PivotEvent,
  type Usage,
} from '../../pivot/index.ts';
import { frame } from '../frame.ts';
import { openaiError, TRUNCATED } from '../openai-error.ts';
import type { EncodeContext, Encoder } from '../protocol.ts';

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
type Write = (delta: Json) => string;

/** Events to Chat chunks: a role first, deltas, one finish chunk, the usage chunk when it was asked for, `[DONE]`. */
export function createEncoder(context: EncodeContext): Encoder {
  const envelope = base(context, 'chat.completion.chunk');
  const tools = createToolDeltas(context);
  let usage: Usage = {};
  let reason: FinishReason = 'stop';
  let started = false;
  let over = false;

  const chunk: Write = (delta) => {
    const role = started ? {} : { role: 'assistant', content: '' };
    started = true;
    return frame({ ...envelope, choices: [{ index: 0, delta: { ...role, ...delta }, finish_reason: null }] });
  };

  function finish(): string {
    over = true;
    const last = frame({
      ...envelope,
      choices: [
        { index: 0, delta: started ? {} : { role: 'assistant', content: '' }, finish_reason: FINISH[reason] },
      ],
    });
    const counts = context.includeUsage ? frame({ ...envelope, choices: [], usage: encodeUsage(usage) }) : '';
    return `${last}${counts}${frame('[DONE]')}`;
  }

  const toolChunk = (call: Json | null): string => (call ? chunk({ tool_calls: [call] }) : '');

  const on: { [T in PivotEvent['type']]?: (event: Extract<PivotEvent, { type: T }>) => string } = {
    start: () => (started ? '' : chunk({})),
    'text-delta': (event) => chunk({ content: event.text }),
    'refusal-delta': (event) => chunk({ refusal: event.text }),
    'reasoning-delta': (event) => chunk({ reasoning_content: event.text }),
    'tool-call-start': (event) => toolChunk(tools.start(event)),
    'tool-call-delta': (event) => toolChunk(tools.more(event.block, event.text)),
    'tool-call-end': (event) => toolChunk(tools.end(event.block)),
    usage: (event) => {
      usage = { ...usage, ...event.usage };
      return '';
    },
    finish: (event) => {
      reason = event.reason;
      return '';
    },
    error: (event) => {
      over = true;
      return encodeStreamError(event.error);
    },
    end: finish,
    truncated: () => {
      over = true;
      return encodeStreamError(TRUNCATED);
    },
  };

  return {
    push(event) {
      if (over) return '';
      const handle = on[event.type] as ((event: PivotEvent) => string) | undefined;
      return handle ? handle(event) : '';
    },
    end: () => (over ? '' : finish()),
  };
}

/** The `tool_calls` deltas of a stream: numbered from 0, each begun by its id, type and name. */
function createToolDeltas(context: EncodeContext): {
  start(event: PivotEvent & { type: 'tool-call-start' }): Json | null;
  more(block: number, text: string): Json | null;
  end(block: number): Json | null;
} {
  const calls = new Map<number, { index: number; custom: boolean; said: boolean }>();
  return {
    start({ block, id, name, kind }) {
      if (kind === 'server') return null;
      const index = calls.size;
      const custom = kind === 'custom';
      calls.set(block, { index, custom, said: false });
      const head = { index, id: id || `call_${context.id}_${index}` };
      return custom
        ? { ...head, type: 'custom', custom: { name, input: '' } }
        : { ...head, type: 'function', function: { name, arguments: '' } };
    },
    more(block, text) {
      const call = calls.get(block);
      if (!call) return null;
      call.said = true;
      const { index } = call;
      return call.custom ? { index, custom: { input: text } } : { index, function: { arguments: text } };
    },
    end(block) {
      const call = calls.get(block);
      // No arguments at all are not JSON, and clients parse them.
      return call && !call.said && !call.custom ? { index: call.index, function: { arguments: '{}' } } : null;
    },
  };
}

/** A whole answer. */
export function encodeBody(events: PivotEvent[], context: EncodeContext): unknown {
  const answer = collect(events);
  const texts = (type: 'text' | 'refusal' | 'reasoning'): string =>
    answer.blocks.map((b) => (b.type === type ? b.text : '')).join('');
  const calls = answer.blocks.flatMap((b) => (b.type === 'tool-call' && b.kind !== 'server' ? [b] : []));
  const toolCalls = calls.map((call, i) => ({
    id: call.id || `call_${context.id}_${i}`,
    ...(call.kind === 'custom'
      ? { type: 'custom', custom: { name: call.name, input: call.arguments } }
      : { type: 'function', function: { name: call.name, arguments: call.arguments || '{}' } }),
  }));
  const reasoning = texts('reasoning');
  const message = {
    role: 'assistant',
    content: toolCalls.length > 0 && texts('text') === '' ? null : texts('text'),
    refusal: texts('refusal') || null,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
  return {
    ...base(context, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: FINISH[answer.finish ?? 'stop'] }],
    usage: encodeUsage(answer.usage),
  };
}

/** The frame that ends a stream that broke; no `[DONE]` follows. */
export function encodeStreamError(error: PivotError): string {
  return frame({ error: openaiError(error) });
}
