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

type Write = (delta: Record<string, unknown>) => string;

/** Events to Chat chunks: a role first, deltas, one finish chunk, the usage chunk when it was asked for, `[DONE]`. */
export function createEncoder(context: EncodeContext): Encoder {
  const envelope = base(context, 'chat.completion.chunk');
  const indexes = new Map<number, number>();
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

  function toolStart(event: PivotEvent & { type: 'tool-call-start' }): string {
    if (event.kind === 'server') return '';
    const index = indexes.size;
    indexes.set(event.block, index);
    return chunk({
      tool_calls: [
        {
          index,
          id: event.id || `call_${context.id}_${index}`,
          type: 'function',
          function: { name: event.name, arguments: '' },
        },
      ],
    });
  }

  const on: { [T in PivotEvent['type']]?: (event: Extract<PivotEvent, { type: T }>) => string } = {
    start: () => (started ? '' : chunk({})),
    'text-delta': (event) => chunk({ content: event.text }),
    'refusal-delta': (event) => chunk({ refusal: event.text }),
    'reasoning-delta': (event) => chunk({ reasoning_content: event.text }),
    'tool-call-start': toolStart,
    'tool-call-delta': (event) => {
      const index = indexes.get(event.block);
      return index === undefined
        ? ''
        : chunk({ tool_calls: [{ index, function: { arguments: event.text } }] });
    },
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

/** A whole answer. */
export function encodeBody(events: PivotEvent[], context: EncodeContext): unknown {
  const answer = collect(events);
  const texts = (type: 'text' | 'refusal' | 'reasoning'): string =>
    answer.blocks.map((b) => (b.type === type ? b.text : '')).join('');
  const calls = answer.blocks.flatMap((b) => (b.type === 'tool-call' && b.kind !== 'server' ? [b] : []));
  const toolCalls = calls.map((call, i) => ({
    id: call.id || `call_${context.id}_${i}`,
    type: 'function',
    function: { name: call.name, arguments: call.arguments || '{}' },
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
