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

const USAGE_WIRE = {
  prompt_tokens: USAGE.input,
  completion_tokens: USAGE.output,
  total_tokens: USAGE.input + USAGE.output,
  prompt_tokens_details: { cached_tokens: USAGE.cacheRead, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: USAGE.reasoning },
};
const CALL = {
  id: TOOL.id,
  type: 'function',
  function: { name: TOOL.name, arguments: JSON.stringify(TOOL.args) },
};

type Message = Record<string, unknown>;
interface Turn {
  text: string | null;
  calls: boolean;
}

function chunk(delta: Message, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish, logprobs: null }];
  return frame({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm-2026', choices });
}

const usageFrame = (): string =>
  frame({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm-2026',
    choices: [],
    usage: USAGE_WIRE,
  });

function streamed({ text, calls }: Turn, usage: boolean): FakeAnswer {
  const [name, ...rest] = [TOOL.name, '{"city": "Zür', 'ich", "unit"', ': "°C"}'];
  const content = calls
    ? [
        chunk({ role: 'assistant', content: null }),
        chunk({
          tool_calls: [{ index: 0, id: TOOL.id, type: 'function', function: { name, arguments: '' } }],
        }),
        ...rest.map((part) => chunk({ tool_calls: [{ index: 0, function: { arguments: part } }] })),
      ]
    : [
        chunk({ role: 'assistant', content: '' }),
        ...words(text ?? '').map((word) => chunk({ content: word })),
      ];
  return sse([
    ': a comment\n\n',
    ...content,
    chunk({}, calls ? 'tool_calls' : 'stop'),
    ...(usage ? [usageFrame()] : []),
    'data: [DONE]\n\n',
  ]);
}

function whole({ text, calls }: Turn): FakeAnswer {
  const message = { role: 'assistant', content: text, ...(calls ? { tool_calls: [CALL] } : {}) };
  const choices = [{ index: 0, message, finish_reason: calls ? 'tool_calls' : 'stop' }];
  return json({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm-2026',
    choices,
    usage: USAGE_WIRE,
  });
}

function chat(body: Message): FakeAnswer {
  const messages = body.messages as Message[];
  const last = messages.at(-1);
  const calls = body.tools !== undefined && last?.role !== 'tool';
  const turn = { text: calls ? null : last?.role === 'tool' ? FINAL : TEXT, calls };
  const broken = brokenEnd(body.model);
  if (broken) return sse([chunk({ role: 'assistant', content: '' }), chunk({ content: TEXT })], broken);
  const options = body.stream_options as { include_usage?: boolean } | undefined;
  return body.stream === true ? streamed(turn, options?.include_usage === true) : whole(turn);
}

/** Bytes that are no text. */
export const SPEECH = Buffer.from([0x49, 0x44, 0x33, 0xff, 0xfb, 0x00, 0x0d, 0x0a]);

/** The older endpoint, streamed. */
function legacy(body: Message): FakeAnswer {
  const options = body.stream_options as { include_usage?: boolean } | undefined;
  const part = (text: string, finish: string | null): string =>
    frame({ id: 'cmpl-1', object: 'text_completion', choices: [{ index: 0, text, finish_reason: finish }] });
  return sse([
    ...words(TEXT).map((word) => part(word, null)),
    part('', 'stop'),
    ...(options?.include_usage ? [usageFrame()] : []),
    'data: [DONE]\n\n',
  ]);
}

function transcript(stream: boolean): FakeAnswer {
  const usage = { type: 'tokens', input_tokens: 90, output_tokens: 7, total_tokens: 97 };
  if (!stream) return json({ text: TEXT, usage });
  return sse([
    ...words(TEXT).map((delta) => frame({ type: 'transcript.text.delta', delta })),
    frame({ type: 'transcript.text.done', text: TEXT, usage }),
  ]);
}

/** A provider that speaks Chat and OpenAI's other endpoints. */
export const openaiChatScript: Script = (request) => {
  const path = request.url.replace(/^\/v1/, '');
  if (path === '/models')
    return json({ object: 'list', data: MODELS.map((id) => ({ id, object: 'model' })) });
  if (path === '/audio/transcriptions') return transcript(request.body.includes('name="stream"'));
  if (path.startsWith('/images/'))
    return json({
      created: 1,
      data: [{ b64_json: 'aW1hZ2U=' }],
      usage: { input_tokens: 12, output_tokens: 272, total_tokens: 284 },
    });
  const body = bodyOf(request);
  if (path === '/audio/speech') return { headers: { 'content-type': 'audio/mpeg' }, pieces: [SPEECH] };
  if (path === '/moderations') return json({ id: 'modr-1', model: 'm-2026', results: [{ flagged: false }] });
  if (path === '/completions') return legacy(body);
  if (body.model === 'm-limited')
    return json(
      {
        error: { message: 'Slow down.', type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' },
      },
      429,
      RETRY_AT_ONCE,
    );
  if (path === '/embeddings')
    return json({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.25] }],
      model: 'm-2026',
      usage: { prompt_tokens: 8, total_tokens: 8 },
    });
  return chat(body);
};
