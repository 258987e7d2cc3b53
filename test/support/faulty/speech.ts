import type { ProtocolId } from '../../../src/protocols/protocol.ts';

type Json = Record<string, unknown>;

/** Token counts as a provider writes them; anything, because some faults write nonsense. Absent = it does not say. */
export interface Counts {
  input?: unknown;
  output?: unknown;
}

/** How a provider of one wire says things: every member of a list is one SSE event, ready to be written. */
export interface Speech {
  start(model: string): string[];
  text(text: string): string[];
  /** A tool call whose arguments never close (Gemini's calls are whole in one event). */
  halfCall(): string[];
  /** The last events without the end marker; `counts` undefined = no usage. */
  finish(said: string, counts: Counts | undefined): string[];
  /** The end marker; Gemini has none, Responses' is its finish. */
  marker: string[];
  ping: string;
  /** An error as an event. */
  error(type: string, message: string): string[];
  /** The whole answer as JSON. */
  whole(model: string, said: string, counts: Counts | undefined): Json;
  /** The body of an error status. */
  refusal(status: number, type: string, message: string, details?: Json): Json;
}

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const named = (value: Json): string => `event: ${String(value.type)}\n${data(value)}`;
const openaiRefusal = (_status: number, type: string, message: string): Json => ({
  error: { message, type, param: null, code: type },
});

const chatChunk = (delta: Json, finish: string | null = null): string =>
  data({
    id: 'chatcmpl-7',
    object: 'chat.completion.chunk',
    created: 7,
    model: 'upstream-model',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
const chatUsage = ({ input, output }: Counts): Json => ({ prompt_tokens: input, completion_tokens: output });
/** Usage in every frame is a habit of some servers: the counts so far. */
export const chatTextWithUsage = (text: string, counts: Counts): string =>
  data({
    id: 'chatcmpl-7',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content: text }, finish_reason: null }],
    usage: chatUsage(counts),
  });

const chat: Speech = {
  start: () => [chatChunk({ role: 'assistant', content: '' })],
  text: (text) => [chatChunk({ content: text })],
  halfCall: () => [
    chatChunk({
      tool_calls: [
        { index: 0, id: 'call_7', type: 'function', function: { name: 'height', arguments: '{"port' } },
      ],
    }),
  ],
  finish: (_said, counts) => [
    chatChunk({}, 'stop'),
    ...(counts ? [data({ id: 'chatcmpl-7', choices: [], usage: chatUsage(counts) })] : []),
  ],
  marker: ['data: [DONE]\n\n'],
  ping: ': still here\n\n',
  error: (type, message) => [data(openaiRefusal(0, type, message))],
  whole: (model, said, counts) => ({
    id: 'chatcmpl-7',
    object: 'chat.completion',
    created: 7,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' }],
    ...(counts ? { usage: chatUsage(counts) } : {}),
  }),
  refusal: openaiRefusal,
};

const messageItem = (said: string): Json => ({
  id: 'msg_7',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text: said, annotations: [] }],
});
const responseOf = (
  model: string,
  status: string,
  output: Json[],
  counts: Counts | undefined | null,
): Json => ({
  id: 'resp_7',
  object: 'response',
  created_at: 7,
  status,
  model,
  output,
  usage: counts ? { input_tokens: counts.input, output_tokens: counts.output } : null,
});

const responses: Speech = {
  start: (model) => [
    named({ type: 'response.created', response: responseOf(model, 'in_progress', [], null) }),
    named({
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...messageItem(''), status: 'in_progress', content: [] },
    }),
    named({
      type: 'response.content_part.added',
      item_id: 'msg_7',
      output_index: 0,
      content_index: 0,
      part: { type: 'output_text', text: '', annotations: [] },
    }),
  ],
  text: (delta) => [
    named({
      type: 'response.output_text.delta',
      item_id: 'msg_7',
      output_index: 0,
      content_index: 0,
      delta,
    }),
  ],
  halfCall: () => [
    named({
      type: 'response.output_item.added',
      output_index: 1,
      item: {
        id: 'fc_7',
        type: 'function_call',
        status: 'in_progress',
        call_id: 'call_7',
        name: 'height',
        arguments: '',
      },
    }),
    named({
      type: 'response.function_call_arguments.delta',
      item_id: 'fc_7',
      output_index: 1,
      delta: '{"port',
    }),
  ],
  finish: (said, counts) => [
    named({ type: 'response.output_item.done', output_index: 0, item: messageItem(said) }),
    named({
      type: 'response.completed',
      response: responseOf('upstream-model', 'completed', [messageItem(said)], counts),
    }),
  ],
  marker: [],
  ping: ': still here\n\n',
  error: (code, message) => [named({ type: 'error', code, message, param: null })],
  whole: (model, said, counts) => responseOf(model, 'completed', [messageItem(said)], counts),
  refusal: openaiRefusal,
};

/** Prompt tokens in `message_start`, which a real provider always has. */
export const STARTED_INPUT = 11;

const messages: Speech = {
  start: (model) => [
    named({
      type: 'message_start',
      message: {
        id: 'msg_7',
        type: 'message',
        role: 'assistant',
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: STARTED_INPUT, output_tokens: 1 },
      },
    }),
    named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  ],
  text: (text) => [named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })],
  halfCall: () => [
    named({ type: 'content_block_stop', index: 0 }),
    named({
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'tool_use', id: 'toolu_7', name: 'height', input: {} },
    }),
    named({
      type: 'content_block_delta',
      index: 1,
      delta: { type: 'input_json_delta', partial_json: '{"port' },
    }),
  ],
  finish: (_said, counts) => [
    named({ type: 'content_block_stop', index: 0 }),
    named({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      ...(counts ? { usage: { input_tokens: counts.input, output_tokens: counts.output } } : {}),
    }),
  ],
  marker: [named({ type: 'message_stop' })],
  ping: named({ type: 'ping' }),
  error: (type, message) => [named({ type: 'error', error: { type, message } })],
  whole: (model, said, counts) => ({
    id: 'msg_7',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: said }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    ...(counts ? { usage: { input_tokens: counts.input, output_tokens: counts.output } } : {}),
  }),
  refusal: (_status, type, message, details) => ({
    type: 'error',
    error: { type, message, ...(details ? { details } : {}) },
  }),
};

const geminiChunk = (model: string, parts: Json[], finish: string | null, counts?: Counts): Json => ({
  candidates: [{ index: 0, content: { role: 'model', parts }, ...(finish ? { finishReason: finish } : {}) }],
  modelVersion: model,
  responseId: 'g7',
  ...(counts
    ? { usageMetadata: { promptTokenCount: counts.input, candidatesTokenCount: counts.output } }
    : {}),
});
/** Google's word for a status; others are said by number only. */
const GOOGLE_WORD: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const gemini: Speech = {
  start: () => [],
  text: (text) => [data(geminiChunk('upstream-model', [{ text }], null))],
  halfCall: () => [
    data(
      geminiChunk('upstream-model', [{ functionCall: { name: 'height', args: { port: 'Dover' } } }], null),
    ),
  ],
  finish: (_said, counts) => [data(geminiChunk('upstream-model', [{ text: '' }], 'STOP', counts))],
  marker: [],
  ping: ': still here\n\n',
  error: (_type, message) => [data({ error: { code: 503, message, status: 'UNAVAILABLE' } })],
  whole: (model, said, counts) => geminiChunk(model, [{ text: said }], 'STOP', counts),
  refusal: (status, type, message) => ({
    error: { code: status, message: `${message} (${type})`, status: GOOGLE_WORD[status] ?? 'UNKNOWN' },
  }),
};

/** The four wires. */
export const SPEECH: Readonly<Record<ProtocolId, Speech>> = {
  'openai-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': messages,
  gemini,
};
