import type { FakeAnswer } from '../fake-upstream.ts';
import {
  bodyOf,
  brokenEnd,
  FINAL,
  frame,
  json,
  MODELS,
  RETRY_AT_ONCE,
  type Script,
  sse,
  TEXT,
  TOOL,
  USAGE,
  words,
} from './script.ts';

type Json = Record<string, unknown>;

/** Cache writes beside the reads, so that the convention (input leaves both out) is put to the test. */
export const CACHE_WRITE = 32;

const INPUT_WIRE = {
  input_tokens: USAGE.input - USAGE.cacheRead - CACHE_WRITE,
  cache_creation_input_tokens: CACHE_WRITE,
  cache_read_input_tokens: USAGE.cacheRead,
};

const message = (content: Json[], stop: string | null, output: number): Json => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm-2026',
  content,
  stop_reason: stop,
  stop_sequence: null,
  usage: { ...INPUT_WIRE, output_tokens: output },
});

const event = (type: string, fields: Json): string => frame({ type, ...fields }, type);

function beginning(block: Json): string[] {
  return [
    event('message_start', { message: message([], null, 1) }),
    event('content_block_start', { index: 0, content_block: block }),
    event('ping', {}),
  ];
}

function streamed(block: Json, deltas: Json[], stop: string): FakeAnswer {
  return sse([
    ...beginning(block),
    ...deltas.map((delta) => event('content_block_delta', { index: 0, delta })),
    event('content_block_stop', { index: 0 }),
    event('message_delta', {
      delta: { stop_reason: stop, stop_sequence: null },
      usage: { ...INPUT_WIRE, output_tokens: USAGE.output },
    }),
    event('message_stop', {}),
  ]);
}

function returnsTool(body: Json): boolean {
  const last = (body.messages as Json[]).at(-1);
  return Array.isArray(last?.content) && last.content.some((part: Json) => part.type === 'tool_result');
}

function answer(body: Json): FakeAnswer {
  const returned = returnsTool(body);
  const calls = body.tools !== undefined && !returned;
  const text = returned ? FINAL : TEXT;
  const textDeltas = words(text).map((word) => ({ type: 'text_delta', text: word }));
  const broken = brokenEnd(body.model);
  if (broken)
    return sse(
      [
        ...beginning({ type: 'text', text: '' }),
        ...textDeltas.map((delta) => event('content_block_delta', { index: 0, delta })),
      ],
      broken,
    );
  const tool = { type: 'tool_use', id: TOOL.id, name: TOOL.name };
  if (body.stream !== true)
    return json(
      calls
        ? message([{ ...tool, input: TOOL.args }], 'tool_use', USAGE.output)
        : message([{ type: 'text', text }], 'end_turn', USAGE.output),
    );
  const args = JSON.stringify(TOOL.args);
  const parts = ['', args.slice(0, 8), args.slice(8)];
  return calls
    ? streamed(
        { ...tool, input: {} },
        parts.map((part) => ({ type: 'input_json_delta', partial_json: part })),
        'tool_use',
      )
    : streamed({ type: 'text', text: '' }, textDeltas, 'end_turn');
}

/** A provider that speaks Messages. */
export const anthropicScript: Script = (request) => {
  if (request.method === 'GET')
    return json({
      data: MODELS.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' })),
      has_more: false,
    });
  const body = bodyOf(request);
  if (body.model === 'm-limited')
    return json(
      { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' }, request_id: 'req_1' },
      429,
      RETRY_AT_ONCE,
    );
  if (request.url.endsWith('/messages/count_tokens')) return json({ input_tokens: 77 });
  return answer(body);
};
