import type { PivotError } from '../../pivot/index.ts';
import { frame } from '../frame.ts';
import { encodeError as encodeOpenaiError, openaiError } from '../openai-error.ts';
import type { EncodeContext, EncodedError } from '../protocol.ts';
import type { Json } from './wire.ts';

/** Who an answer is. */
export type Identity = Pick<EncodeContext, 'id' | 'model' | 'created'>;

/** A response object; `fields` over an empty one in progress. */
export function response(context: Identity, fields: Json): Json {
  return {
    id: `resp_${context.id}`,
    object: 'response',
    created_at: context.created,
    model: context.model,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    output: [],
    parallel_tool_calls: true,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    usage: null,
    ...fields,
  };
}

/** A response that failed. */
export function failedResponse(error: PivotError, context: Identity, output: Json[]): Json {
  // Codex shows an `invalid_prompt` at once, in these very words, and does not retry it.
  const userOnly = error.kind === 'config' || error.kind === 'budget';
  const code = userOnly ? 'invalid_prompt' : String(openaiError(error).code);
  return response(context, { status: 'failed', error: { code, message: error.message }, output });
}

/** An error before anything was sent. Problems that only the user can fix are a 200 stream that fails: Codex retries every status but 400. */
export function encodeError(error: PivotError, context: Identity & { stream: boolean }): EncodedError {
  const userOnly = error.kind === 'config' || error.kind === 'budget';
  const encoded = encodeOpenaiError(error);
  if (!userOnly || !context.stream) return encoded;
  const created = frame(
    { type: 'response.created', sequence_number: 0, response: response(context, {}) },
    'response.created',
  );
  const failed = frame(
    { type: 'response.failed', sequence_number: 1, response: failedResponse(error, context, []) },
    'response.failed',
  );
  return {
    status: 200,
    headers: { ...encoded.headers, 'content-type': 'text/event-stream; charset=utf-8' },
    body: created + failed,
  };
}

/** The frame that ends a stream that broke; no response.completed follows. */
export function encodeStreamError(error: PivotError, context: Identity): string {
  return frame({ type: 'response.failed', response: failedResponse(error, context, []) }, 'response.failed');
}
