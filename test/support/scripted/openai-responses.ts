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

const USAGE_WIRE = {
  input_tokens: USAGE.input,
  input_tokens_details: { cached_tokens: USAGE.cacheRead },
  output_tokens: USAGE.output,
  output_tokens_details: { reasoning_tokens: USAGE.reasoning },
  total_tokens: USAGE.input + USAGE.output,
};

const response = (fields: Json): Json => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  model: 'm-2026',
  output: [],
  usage: null,
  ...fields,
});

const message = (text: string): Json => ({
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
});
const CALL = {
  id: 'fc_1',
  type: 'function_call',
  status: 'completed',
  call_id: TOOL.id,
  name: TOOL.name,
  arguments: JSON.stringify(TOOL.args),
};

/** Numbers the events as the wire does. */
function numbered(events: Json[]): string[] {
  return events.map((event, n) => frame({ ...event, sequence_number: n }, String(event.type)));
}

const beginning: Json[] = [
  { type: 'response.created', response: response({}) },
  { type: 'response.in_progress', response: response({}) },
];

function textEvents(text: string): Json[] {
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const part = { type: 'output_text', text: '', annotations: [], logprobs: [] };
  return [
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...message(''), status: 'in_progress', content: [] },
    },
    { type: 'response.content_part.added', ...place, part },
    ...words(text).map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part: { ...part, text } },
    { type: 'response.output_item.done', output_index: 0, item: message(text) },
  ];
}

function callEvents(): Json[] {
  const place = { item_id: CALL.id, output_index: 0 };
  const text = CALL.arguments;
  const deltas = [text.slice(0, 9), text.slice(9)];
  return [
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...CALL, status: 'in_progress', arguments: '' },
    },
    ...deltas.map((delta) => ({ type: 'response.function_call_arguments.delta', ...place, delta })),
    { type: 'response.function_call_arguments.done', ...place, name: CALL.name, arguments: text },
    { type: 'response.output_item.done', output_index: 0, item: CALL },
  ];
}

function answer(body: Json): FakeAnswer {
  const last = Array.isArray(body.input) ? (body.input.at(-1) as Json) : {};
  const returned = last.type === 'function_call_output';
  const calls = body.tools !== undefined && !returned;
  const text = returned ? FINAL : TEXT;
  const broken = brokenEnd(body.model);
  if (broken) return sse(numbered([...beginning, ...textEvents(text).slice(0, 4)]), broken);
  const completed = response({
    status: 'completed',
    output: [calls ? CALL : message(text)],
    usage: USAGE_WIRE,
  });
  if (body.stream !== true) return json(completed);
  const events = calls ? callEvents() : textEvents(text);
  return sse(numbered([...beginning, ...events, { type: 'response.completed', response: completed }]));
}

/** A provider that speaks Responses. */
export const openaiResponsesScript: Script = (request) => {
  if (request.method === 'GET')
    return json({ object: 'list', data: MODELS.map((id) => ({ id, object: 'model' })) });
  const body = bodyOf(request);
  if (body.model === 'm-limited')
    return json(
      {
        error: { message: 'Slow down.', type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' },
      },
      429,
      RETRY_AT_ONCE,
    );
  return answer(body);
};
