import {
  asObject,
  type CollectedBlock,
  collect,
  type FailureKind,
  type FinishReason,
  type PivotError,
  type PivotEvent,
  parseJson,
  type Usage,
} from '../../pivot/index.ts';
import { frame } from '../frame.ts';
import { TRUNCATED } from '../openai-error.ts';
import type { EncodeContext, EncodedError, Encoder } from '../protocol.ts';
import { errorHeaders } from '../vendor-error.ts';

const FINISH: Record<FinishReason, string> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  other: 'end_turn',
};

/** Reasons of this wire that say more than ours: they stay when they came from it. */
const OWN_REASONS: ReadonlySet<string> = new Set([
  'stop_sequence',
  'pause_turn',
  'model_context_window_exceeded',
]);

function stopReason(reason: FinishReason, raw: string | null): string {
  return raw !== null && OWN_REASONS.has(raw) ? raw : FINISH[reason];
}

/** Usage in Anthropic's convention: input without cache reads and writes. */
export function encodeUsage(usage: Usage): Record<string, unknown> {
  const read = usage.cacheRead ?? 0;
  const write = usage.cacheWrite ?? 0;
  return {
    input_tokens: Math.max(0, (usage.input ?? 0) - read - write),
    cache_creation_input_tokens: write,
    cache_read_input_tokens: read,
    ...(usage.cacheWrite1h === undefined
      ? {}
      : {
          cache_creation: {
            ephemeral_5m_input_tokens: Math.max(0, write - usage.cacheWrite1h),
            ephemeral_1h_input_tokens: usage.cacheWrite1h,
          },
        }),
    output_tokens: usage.output ?? 0,
    ...(usage.reasoning === undefined ? {} : { output_tokens_details: { thinking_tokens: usage.reasoning } }),
  };
}

function message(
  context: EncodeContext,
  content: unknown[],
  stop: string | null,
  usage: Usage,
): Record<string, unknown> {
  return {
    id: `msg_${context.id}`,
    type: 'message',
    role: 'assistant',
    model: context.model,
    content,
    stop_reason: stop,
    stop_sequence: null,
    usage: encodeUsage(usage),
  };
}

/** What a block starts as, by the event that starts it. */
function startBlock(event: PivotEvent, fallbackId: string): Record<string, unknown> | null {
  if (event.type === 'text-start' || event.type === 'refusal-start') return { type: 'text', text: '' };
  if (event.type === 'reasoning-start') {
    return event.redacted
      ? { type: 'redacted_thinking', data: event.redacted.value }
      : { type: 'thinking', thinking: '', signature: '' };
  }
  if (event.type === 'tool-call-start' && event.kind !== 'server')
    return { type: 'tool_use', id: event.id || fallbackId, name: event.name, input: {} };
  return null;
}

/** What a delta says, by its event. */
function blockDelta(event: PivotEvent): Record<string, unknown> | null {
  if (event.type === 'text-delta' || event.type === 'refusal-delta')
    return { type: 'text_delta', text: event.text };
  if (event.type === 'reasoning-delta') return { type: 'thinking_delta', thinking: event.text };
  return event.type === 'tool-call-delta' ? { type: 'input_json_delta', partial_json: event.text } : null;
}

/** Events to a Messages stream: message_start, numbered blocks, message_delta with the totals, message_stop. */
export function createEncoder(context: EncodeContext): Encoder {
  const indexes = new Map<number, number>();
  let usage: Usage = {};
  let reason: FinishReason = 'stop';
  let raw: string | null = null;
  let started = false;
  let over = false;
  let opened = 0;

  const send = (type: string, fields: Record<string, unknown>): string => frame({ type, ...fields }, type);

  function head(): string {
    if (started) return '';
    started = true;
    return send('message_start', { message: message(context, [], null, { ...usage, output: 0 }) });
  }

  function open(event: PivotEvent & { block: number }): string {
    const block = startBlock(event, `toolu_${context.id}_${opened}`);
    if (!block) return '';
    const index = opened++;
    indexes.set(event.block, index);
    return head() + send('content_block_start', { index, content_block: block });
  }

  function change(event: PivotEvent & { block: number }): string {
    const index = indexes.get(event.block);
    const delta = blockDelta(event);
    return index === undefined || !delta ? '' : send('content_block_delta', { index, delta });
  }

  function close(event: PivotEvent & { block: number }): string {
    const index = indexes.get(event.block);
    if (index === undefined) return '';
    indexes.delete(event.block);
    const signed = event.type === 'reasoning-end' && event.signature;
    const signature = signed
      ? send('content_block_delta', { index, delta: { type: 'signature_delta', signature: signed.value } })
      : '';
    return signature + send('content_block_stop', { index });
  }

  function finish(): string {
    over = true;
    const open = [...indexes.values()].map((index) => send('content_block_stop', { index })).join('');
    const delta = { stop_reason: stopReason(reason, raw), stop_sequence: null };
    return (
      head() + open + send('message_delta', { delta, usage: encodeUsage(usage) }) + send('message_stop', {})
    );
  }

  function note(event: PivotEvent): void {
    if (event.type === 'usage') usage = { ...usage, ...event.usage };
    if (event.type === 'finish') ({ reason, raw } = event);
  }

  function broken(error: PivotError): string {
    over = true;
    return encodeStreamError(error);
  }

  function push(event: PivotEvent): string {
    if (event.type === 'end') return finish();
    if (event.type === 'error') return broken(event.error);
    if (event.type === 'truncated') return broken(TRUNCATED);
    note(event);
    if (!('block' in event)) return '';
    if (event.type.endsWith('-start')) return open(event);
    return event.type.endsWith('-delta') ? change(event) : close(event);
  }

  return { push: (event) => (over ? '' : push(event)), end: () => (over ? '' : finish()) };
}

function wholeBlock(block: CollectedBlock, fallbackId: string): Record<string, unknown>[] {
  if (block.type === 'text' || block.type === 'refusal')
    return block.text === '' ? [] : [{ type: 'text', text: block.text }];
  if (block.type === 'reasoning') {
    if (block.redacted) return [{ type: 'redacted_thinking', data: block.redacted.value }];
    return [{ type: 'thinking', thinking: block.text, signature: block.signature?.value ?? '' }];
  }
  if (block.type !== 'tool-call' || block.kind === 'server') return [];
  const input = asObject(parseJson(block.arguments));
  return [{ type: 'tool_use', id: block.id || fallbackId, name: block.name, input }];
}

/** A whole answer. */
export function encodeBody(events: PivotEvent[], context: EncodeContext): unknown {
  const answer = collect(events);
  const content = answer.blocks.flatMap((block, i) => wholeBlock(block, `toolu_${context.id}_${i}`));
  return message(context, content, stopReason(answer.finish ?? 'stop', answer.rawFinish), answer.usage);
}

/** Types and statuses of https://docs.anthropic.com/en/api/errors; 424 and 402 are shown by Claude Code at once and not retried. */
const TYPES: Record<FailureKind, { type: string; status?: number }> = {
  auth: { type: 'authentication_error' },
  quota: { type: 'rate_limit_error', status: 429 },
  'rate-limit': { type: 'rate_limit_error' },
  overloaded: { type: 'overloaded_error', status: 529 },
  'context-too-long': { type: 'invalid_request_error' },
  'bad-request': { type: 'invalid_request_error' },
  'not-found': { type: 'not_found_error' },
  network: { type: 'api_error' },
  timeout: { type: 'timeout_error' },
  malformed: { type: 'api_error' },
  config: { type: 'invalid_request_error', status: 424 },
  budget: { type: 'invalid_request_error', status: 402 },
  client: { type: 'invalid_request_error' },
  internal: { type: 'api_error', status: 500 },
};

function errorValue(error: PivotError): Record<string, unknown> {
  const type = error.type?.endsWith('_error') ? error.type : TYPES[error.kind].type;
  const details =
    error.kind === 'quota' ? { details: { error_code: error.code ?? 'insufficient_quota' } } : {};
  return { type: 'error', error: { type, message: error.message, ...details } };
}

/** An error before anything was sent. */
export function encodeError(error: PivotError, context: { id: string }): EncodedError {
  const status = TYPES[error.kind].status ?? error.status;
  const body = JSON.stringify({ ...errorValue(error), request_id: `req_${context.id}` });
  return { status, headers: errorHeaders(error), body };
}

/** The frame that ends a stream that broke; no message_stop follows. */
export function encodeStreamError(error: PivotError): string {
  return frame(errorValue(error), 'error');
}
