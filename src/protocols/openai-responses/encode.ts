import {
  collect,
  type FinishReason,
  type PivotError,
  type PivotEvent,
  type Usage,
} from '../../pivot/index.ts';
import { frame } from '../frame.ts';
import { TRUNCATED } from '../openai-error.ts';
import type { EncodeContext, Encoder } from '../protocol.ts';
import { createOutput } from './output.ts';
import type { Send } from './parts.ts';
import { failedResponse, response } from './response.ts';
import type { Json } from './wire.ts';

/** Usage in Responses' names. */
function encodeUsage(usage: Usage): Record<string, unknown> {
  const input = usage.input ?? 0;
  const output = usage.output ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cacheRead ?? 0,
      ...(usage.cacheWrite === undefined ? {} : { cache_write_tokens: usage.cacheWrite }),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: input + output,
  };
}

/** How a finished response says why it ended. */
function ending(reason: FinishReason): Json {
  if (reason === 'length')
    return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  if (reason === 'content-filter')
    return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };
  return { status: 'completed' };
}

/** Events to a Responses stream; sequence numbers count up, and exactly one terminal event ends it. */
export function createEncoder(context: EncodeContext): Encoder {
  let usage: Usage = {};
  let reason: FinishReason = 'stop';
  let sequence = 0;
  let started = false;
  let over = false;
  const send: Send = (type, fields) => frame({ type, sequence_number: sequence++, ...fields }, type);
  const output = createOutput(context, send);

  function head(): string {
    if (started) return '';
    started = true;
    const running = { response: response(context, {}) };
    return send('response.created', running) + send('response.in_progress', running);
  }

  function finish(): string {
    over = true;
    const begun = head() + output.closeAll();
    const fields: Json = { ...ending(reason), output: output.items(), usage: encodeUsage(usage) };
    const type = fields.status === 'completed' ? 'response.completed' : 'response.incomplete';
    return begun + send(type, { response: response(context, fields) });
  }

  function broken(error: PivotError): string {
    over = true;
    return head() + send('response.failed', { response: failedResponse(error, context, output.items()) });
  }

  function note(event: PivotEvent): void {
    if (event.type === 'usage') usage = { ...usage, ...event.usage };
    if (event.type === 'finish') reason = event.reason;
  }

  function push(event: PivotEvent): string {
    if (event.type === 'end') return finish();
    if (event.type === 'error') return broken(event.error);
    if (event.type === 'truncated') return broken(TRUNCATED);
    note(event);
    if (!('block' in event)) return '';
    return head() + output.push(event);
  }

  return { push: (event) => (over ? '' : push(event)), end: () => (over ? '' : finish()) };
}

/** A whole answer: the items that its stream would have ended with. */
export function encodeBody(events: PivotEvent[], context: EncodeContext): unknown {
  const answer = collect(events);
  const output = createOutput(context, () => '');
  for (const event of events) if ('block' in event) output.push(event);
  output.closeAll();
  const ended = ending(answer.finish ?? 'stop');
  return response(context, { ...ended, output: output.items(), usage: encodeUsage(answer.usage) });
}
