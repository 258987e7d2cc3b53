import { type Collected, collect } from '../../src/pivot/index.ts';
import { protocolOf } from '../../src/protocols/index.ts';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import type { FakeAnswer } from './fake-upstream.ts';
import { decodeChunks } from './fixtures.ts';

type Json = Record<string, unknown>;

/** What a wire looks like, written by hand: requests of a client and answers of a provider. */
export interface Wire {
  /** Path of a generation request, for a client of the gateway. */
  path(model: string, stream: boolean): string;
  /** Where a provider of this wire is asked. */
  upstreamPath(model: string, stream: boolean): string;
  /** "How high at Dover?" with one tool. */
  ask(model: string, stream: boolean): Json;
  /** The same, with the answer of `called` and the result of the tool behind it. What is not in `keep` was forgotten. */
  askAgain(model: string, answer: Collected): Json;
  /** Thinks ("The moon pulls."), speaks ("High water."). */
  spoken: { stream: string[]; whole: Json };
  /** Thinks, calls `height({"port":"Dover"})`. */
  called: { stream: string[]; whole: Json };
  /** An error inside a stream that has begun. */
  errorFrame: string;
  /** The body of an error status. */
  error(status: number, message: string): Json;
  /** The system prompt, the user's words, the tool's name and the longest answer as the provider was asked. */
  asked(body: Json): { text: string; tools: string[] };
}

const SCHEMA = { type: 'object', properties: { port: { type: 'string' } }, required: ['port'] };
const QUESTION = 'How high at Dover?';
const RESULT = '6.8 m';
export const THOUGHT = 'The moon pulls.';
export const SPEECH = 'High water.';

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const named = (value: Json): string => `event: ${String(value.type)}\n${data(value)}`;
const callOf = (answer: Collected): { id: string; name: string; arguments: string } => {
  const call = answer.blocks.find((block) => block.type === 'tool-call');
  if (call?.type !== 'tool-call') throw new Error('no call in the answer');
  return call;
};

const chatUsage = { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 };
const chunk = (delta: Json, finish: string | null = null): string =>
  data({
    id: 'c1',
    object: 'chat.completion.chunk',
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
const completion = (message: Json, finish: string): Json => ({
  id: 'c1',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
  usage: chatUsage,
});
const chatEnd = [data({ id: 'c1', choices: [], usage: chatUsage }), 'data: [DONE]\n\n'];
const chatCall = {
  id: 'call_chat_0123456789',
  type: 'function',
  function: { name: 'height', arguments: '{"port":"Dover"}' },
};
const chatAsk = (model: string, stream: boolean): Json => ({
  model,
  stream,
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: QUESTION },
  ],
  tools: [{ type: 'function', function: { name: 'height', description: 'Tide', parameters: SCHEMA } }],
});

const chat: Wire = {
  path: () => '/v1/chat/completions',
  upstreamPath: () => '/v1/chat/completions',
  ask: (model, stream) => ({
    ...chatAsk(model, stream),
    ...(stream ? { stream_options: { include_usage: true } } : {}),
  }),
  askAgain(model, answer) {
    const { id, name, arguments: args } = callOf(answer);
    const asked = chatAsk(model, false);
    const call = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id, type: 'function', function: { name, arguments: args } }],
    };
    const result = { role: 'tool', tool_call_id: id, content: RESULT };
    return { ...asked, messages: [...(asked.messages as Json[]), call, result] };
  },
  spoken: {
    stream: [
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'The moon ' }),
      chunk({ reasoning_content: 'pulls.' }),
      chunk({ content: 'High ' }),
      chunk({ content: 'water.' }),
      chunk({}, 'stop'),
      ...chatEnd,
    ],
    whole: completion({ reasoning_content: THOUGHT, content: SPEECH }, 'stop'),
  },
  called: {
    stream: [
      chunk({ role: 'assistant', reasoning_content: THOUGHT }),
      chunk({ tool_calls: [{ index: 0, ...chatCall, function: { name: 'height', arguments: '{"port"' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: ':"Dover"}' } }] }),
      chunk({}, 'tool_calls'),
      ...chatEnd,
    ],
    whole: completion({ reasoning_content: THOUGHT, content: null, tool_calls: [chatCall] }, 'tool_calls'),
  },
  errorFrame: data({ error: { message: 'engine lost', type: 'server_error', code: null } }),
  error: (_status, message) => ({
    error: { message, type: 'invalid_request_error', param: null, code: null },
  }),
  asked: (body) => ({
    text: JSON.stringify(body.messages),
    tools: ((body.tools ?? []) as { function: { name: string } }[]).map((tool) => tool.function.name),
  }),
};

const sealed = {
  id: 'rs_1',
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: THOUGHT }],
  encrypted_content: 'gAAAsealed',
};
const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: SPEECH, annotations: [] }],
};
const functionCall = {
  id: 'fc_1',
  type: 'function_call',
  status: 'completed',
  call_id: 'call_resp_0123456789',
  name: 'height',
  arguments: '{"port":"Dover"}',
};
const respUsage = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 7,
  output_tokens_details: { reasoning_tokens: 3 },
  total_tokens: 27,
};
const responseOf = (output: Json[], status = 'completed'): Json => ({
  id: 'resp_1',
  object: 'response',
  model: 'm',
  status,
  output,
  usage: status === 'completed' ? respUsage : null,
});
const thoughtEvents = [
  named({ type: 'response.created', response: responseOf([], 'in_progress') }),
  named({
    type: 'response.output_item.added',
    output_index: 0,
    item: { ...sealed, summary: [], encrypted_content: undefined },
  }),
  named({
    type: 'response.reasoning_summary_text.delta',
    output_index: 0,
    item_id: 'rs_1',
    summary_index: 0,
    delta: THOUGHT,
  }),
  named({ type: 'response.output_item.done', output_index: 0, item: sealed }),
];
const responsesAsk = (model: string, stream: boolean): Json => ({
  model,
  stream,
  instructions: 'Be brief.',
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: QUESTION }] }],
  tools: [{ type: 'function', name: 'height', description: 'Tide', parameters: SCHEMA, strict: false }],
});

const responses: Wire = {
  path: () => '/v1/responses',
  upstreamPath: () => '/v1/responses',
  ask: responsesAsk,
  askAgain(model, answer) {
    const { id, name, arguments: args } = callOf(answer);
    const asked = responsesAsk(model, false);
    const call = { type: 'function_call', call_id: id, name, arguments: args };
    const result = { type: 'function_call_output', call_id: id, output: RESULT };
    return { ...asked, input: [...(asked.input as Json[]), call, result] };
  },
  spoken: {
    stream: [
      ...thoughtEvents,
      named({ type: 'response.output_item.added', output_index: 1, item: { ...message, content: [] } }),
      named({
        type: 'response.output_text.delta',
        output_index: 1,
        item_id: 'msg_1',
        content_index: 0,
        delta: 'High ',
      }),
      named({
        type: 'response.output_text.delta',
        output_index: 1,
        item_id: 'msg_1',
        content_index: 0,
        delta: 'water.',
      }),
      named({ type: 'response.output_item.done', output_index: 1, item: message }),
      named({ type: 'response.completed', response: responseOf([sealed, message]) }),
    ],
    whole: responseOf([sealed, message]),
  },
  called: {
    stream: [
      ...thoughtEvents,
      named({
        type: 'response.output_item.added',
        output_index: 1,
        item: { ...functionCall, arguments: '' },
      }),
      named({
        type: 'response.function_call_arguments.delta',
        output_index: 1,
        item_id: 'fc_1',
        delta: '{"port":"Dover"}',
      }),
      named({ type: 'response.output_item.done', output_index: 1, item: functionCall }),
      named({ type: 'response.completed', response: responseOf([sealed, functionCall]) }),
    ],
    whole: responseOf([sealed, functionCall]),
  },
  errorFrame: named({
    type: 'response.failed',
    response: { ...responseOf([], 'failed'), error: { code: 'server_error', message: 'engine lost' } },
  }),
  error: chat.error,
  asked: (body) => ({
    text: `${String(body.instructions)}${JSON.stringify(body.input)}`,
    tools: ((body.tools ?? []) as { name: string }[]).map((tool) => tool.name),
  }),
};

const thinking = { type: 'thinking', thinking: THOUGHT, signature: 'EqQBsealed' };
const toolUse = { type: 'tool_use', id: 'toolu_0123456789', name: 'height', input: { port: 'Dover' } };
const messageOf = (content: Json[], stop: string): Json => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content,
  stop_reason: stop,
  stop_sequence: null,
  usage: { input_tokens: 20, output_tokens: 7 },
});
const thoughtBlock = [
  named({
    type: 'message_start',
    message: { ...messageOf([], ''), stop_reason: null, usage: { input_tokens: 20, output_tokens: 1 } },
  }),
  named({ type: 'ping' }),
  named({
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'thinking', thinking: '', signature: '' },
  }),
  named({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: THOUGHT } }),
  named({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'signature_delta', signature: 'EqQBsealed' },
  }),
  named({ type: 'content_block_stop', index: 0 }),
];
const messageEnd = (stop: string): string[] => [
  named({ type: 'content_block_stop', index: 1 }),
  named({
    type: 'message_delta',
    delta: { stop_reason: stop, stop_sequence: null },
    usage: { output_tokens: 7 },
  }),
  named({ type: 'message_stop' }),
];
const messagesAsk = (model: string, stream: boolean): Json => ({
  model,
  stream,
  max_tokens: 100,
  system: [{ type: 'text', text: 'Be brief.' }],
  messages: [{ role: 'user', content: [{ type: 'text', text: QUESTION }] }],
  tools: [{ name: 'height', description: 'Tide', input_schema: SCHEMA }],
});

const messages: Wire = {
  path: () => '/v1/messages',
  upstreamPath: () => '/v1/messages',
  ask: messagesAsk,
  askAgain(model, answer) {
    const { id, name, arguments: args } = callOf(answer);
    const asked = messagesAsk(model, false);
    const call = { role: 'assistant', content: [{ type: 'tool_use', id, name, input: JSON.parse(args) }] };
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: RESULT }] };
    return { ...asked, messages: [...(asked.messages as Json[]), call, result] };
  },
  spoken: {
    stream: [
      ...thoughtBlock,
      named({ type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } }),
      named({ type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'High ' } }),
      named({ type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'water.' } }),
      ...messageEnd('end_turn'),
    ],
    whole: messageOf([thinking, { type: 'text', text: SPEECH }], 'end_turn'),
  },
  called: {
    stream: [
      ...thoughtBlock,
      named({ type: 'content_block_start', index: 1, content_block: { ...toolUse, input: {} } }),
      named({
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'input_json_delta', partial_json: '{"port":"Dover"}' },
      }),
      ...messageEnd('tool_use'),
    ],
    whole: messageOf([thinking, toolUse], 'tool_use'),
  },
  errorFrame: named({ type: 'error', error: { type: 'api_error', message: 'engine lost' } }),
  error: (_status, text) => ({ type: 'error', error: { type: 'invalid_request_error', message: text } }),
  asked: (body) => ({
    text: JSON.stringify([body.system, body.messages]),
    tools: ((body.tools ?? []) as { name: string }[]).map((tool) => tool.name),
  }),
};

const geminiOf = (parts: Json[], finish?: string): Json => ({
  candidates: [{ index: 0, content: { role: 'model', parts }, ...(finish ? { finishReason: finish } : {}) }],
  ...(finish
    ? {
        usageMetadata: {
          promptTokenCount: 20,
          candidatesTokenCount: 4,
          thoughtsTokenCount: 3,
          totalTokenCount: 27,
        },
      }
    : {}),
  modelVersion: 'm',
  responseId: 'g1',
});
const geminiThought = { text: THOUGHT, thought: true };
const geminiCall = {
  functionCall: { name: 'height', args: { port: 'Dover' } },
  thoughtSignature: 'R29vZ2xl',
};
const geminiAsk: Json = {
  systemInstruction: { parts: [{ text: 'Be brief.' }] },
  contents: [{ role: 'user', parts: [{ text: QUESTION }] }],
  tools: [{ functionDeclarations: [{ name: 'height', description: 'Tide', parametersJsonSchema: SCHEMA }] }],
};

const gemini: Wire = {
  path: (model, stream) =>
    `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  upstreamPath: (model, stream) =>
    `/v1/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  ask: () => geminiAsk,
  askAgain(_model, answer) {
    const { id, name, arguments: args } = callOf(answer);
    const call = { role: 'model', parts: [{ functionCall: { id, name, args: JSON.parse(args) } }] };
    const result = {
      role: 'user',
      parts: [{ functionResponse: { id, name, response: { output: RESULT } } }],
    };
    return { ...geminiAsk, contents: [...(geminiAsk.contents as Json[]), call, result] };
  },
  spoken: {
    stream: [
      data(geminiOf([geminiThought])),
      data(geminiOf([{ text: 'High ' }])),
      data(geminiOf([{ text: 'water.' }], 'STOP')),
    ],
    whole: geminiOf([geminiThought, { text: SPEECH }], 'STOP'),
  },
  called: {
    stream: [data(geminiOf([geminiThought])), data(geminiOf([geminiCall], 'STOP'))],
    whole: geminiOf([geminiThought, geminiCall], 'STOP'),
  },
  errorFrame: data({ error: { code: 500, message: 'engine lost', status: 'INTERNAL' } }),
  error: (status, text) => ({ error: { code: status, message: text, status: 'INVALID_ARGUMENT' } }),
  asked: (body) => ({
    text: JSON.stringify([body.systemInstruction, body.contents]),
    tools: ((body.tools ?? []) as { functionDeclarations: { name: string }[] }[]).flatMap((tool) =>
      tool.functionDeclarations.map(({ name }) => name),
    ),
  }),
};

/** The four wires. */
export const WIRES: Readonly<Record<ProtocolId, Wire>> = {
  'openai-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': messages,
  gemini,
};

/** A provider's answer, streamed or whole. */
export function answerOf(answer: { stream: string[]; whole: Json }, stream: boolean): FakeAnswer {
  return stream
    ? { headers: { 'content-type': 'text/event-stream' }, pieces: answer.stream }
    : { headers: { 'content-type': 'application/json' }, pieces: [JSON.stringify(answer.whole)] };
}

/** What a client of this protocol reads. */
export function readBy(protocol: ProtocolId, stream: boolean, text: string): Collected {
  const codec = protocolOf(protocol);
  return collect(stream ? decodeChunks(codec, [Buffer.from(text)]) : codec.decodeBody(JSON.parse(text)));
}

/** How often the wire's end marker stands in a stream. */
export function endMarkers(protocol: ProtocolId, text: string): number {
  const marks: Record<ProtocolId, RegExp> = {
    'openai-chat': /^data: \[DONE\]$/gm,
    'openai-responses': /^event: response\.(?:completed|incomplete)$/gm,
    'anthropic-messages': /^event: message_stop$/gm,
    gemini: /"finishReason"/g,
  };
  return text.match(marks[protocol])?.length ?? 0;
}
