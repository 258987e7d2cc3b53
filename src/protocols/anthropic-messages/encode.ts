import {
  collect,
  type FailureKind,
  type FinishReason,
  type PivotError,
  type PivotEvent,
  type Usage,
} from '../../pivot/index.ts';
import { frame } from '../frame.ts';
import { TRUNCATED } from '../openai-error.ts';
import type { EncodeContext, EncodedError, Encoder } from '../protocol.ts';
import { errorHeaders } from '../vendor-error.ts';
import { createBlockWriter, send, wholeBlock } from './blocks-out.ts';
import { createLanes } from './lanes.ts';

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

/** Events to a Messages stream: message_start, numbered blocks, message_delta with the totals, message_stop. */
export function createEncoder(context: EncodeContext): Encoder {
  const lanes = createLanes();
  const blocks = createBlockWriter(context);
  let usage: Usage = {};
  let reason: FinishReason = 'stop';
  let raw: string | null = null;
  let started = false;
  let over = false;

  function head(): string {
    if (started) return '';
    started = true;
    // The exact numbers come at the end; clients show these until then.
    const input = usage.input ?? context.inputEstimate;
    const first = { ...usage, ...(input === undefined ? {} : { input }), output: 0 };
    return send('message_start', { message: message(context, [], null, first) });
  }

  function finish(): string {
    over = true;
    const open = lanes.closeAll(blocks.tail);
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

  function ofBlock(event: PivotEvent & { block: number }): string {
    const { block } = event;
    if (event.type === 'media')
      return head() + lanes.open(block, blocks.media(event)) + lanes.close(block, '');
    if (event.type === 'citation') return lanes.add(block, blocks.citation(event));
    if (event.type.endsWith('-start')) {
      const text = blocks.head(event);
      return text === '' ? '' : head() + lanes.open(block, text);
    }
    if (event.type.endsWith('-delta')) return lanes.add(block, blocks.piece(event));
    return event.type.endsWith('-end') ? lanes.close(block, blocks.tail(block, event)) : '';
  }

  function push(event: PivotEvent): string {
    if (event.type === 'end') return finish();
    if (event.type === 'error') return broken(event.error);
    if (event.type === 'truncated') return broken(TRUNCATED);
    note(event);
    return 'block' in event ? ofBlock(event) : '';
  }

  return { push: (event) => (over ? '' : push(event)), end: () => (over ? '' : finish()), steady: true };
}

/** A whole answer. */
export function encodeBody(events: PivotEvent[], context: EncodeContext): unknown {
  const answer = collect(events);
  const content = answer.blocks.flatMap((block, i) => wholeBlock(block, `toolu_${context.id}_${i}`, context));
  return message(context, content, stopReason(answer.finish ?? 'stop', answer.rawFinish), answer.usage);
}

/** Types and statuses of https://docs.anthropic.com/en/api/errors; 424 and 402 are shown by Claude Code at once and not retried. */
const TYPES: Record<FailureKind, { type: string; status?: number }> = {
  auth: { type: 'authentication_error' },
  quota: { type: 'rate_limit_error', status: 429 },
  'rate-limit': { type: 'rate_limit_error' },
  overloaded: { type: 'overloaded_error', status: 529 },
  'context-too-long': { type: 'invalid_request_error', status: 400 },
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

/** The API's own words for types; another vendor's mean nothing to a client of this wire. */
const OWN_TYPES: ReadonlySet<string> = new Set([
  ...Object.values(TYPES).map(({ type }) => type),
  'permission_error',
  'request_too_large',
  'billing_error',
]);

/** Claude Code compacts a conversation when it reads these words, and by no other sign. */
const TOO_LONG = 'prompt is too long';

function errorValue(error: PivotError): Record<string, unknown> {
  const { type: usual } = TYPES[error.kind];
  const tooLong = error.kind === 'context-too-long';
  const type = !tooLong && error.type !== undefined && OWN_TYPES.has(error.type) ? error.type : usual;
  const message =
    tooLong && !error.message.includes(TOO_LONG) ? `${TOO_LONG}: ${error.message}` : error.message;
  const details =
    error.kind === 'quota' ? { details: { error_code: error.code ?? 'insufficient_quota' } } : {};
  return { type: 'error', error: { type, message, ...details } };
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
