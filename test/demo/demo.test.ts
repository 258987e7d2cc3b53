import { beforeEach, describe, expect, it } from 'vitest';
import { createDemoTransport } from '../../src/demo/index.ts';
import { type Collected, collect } from '../../src/pivot/index.ts';
import { protocolOf } from '../../src/protocols/index.ts';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import type { Transport, UpstreamResponse } from '../../src/upstream/index.ts';
import { decodeChunks, PROTOCOL_IDS } from '../support/fixtures.ts';

let demo: Transport;
let words = 0;

function fresh(): Transport {
  let ids = 0;
  return createDemoTransport({
    protocol: protocolOf,
    prefix: 'npx unorouter',
    now: () => 1_760_000_000_000,
    newId: () => `ID${ids++}`,
    wait: async (_ms, signal) => {
      words++;
      if (signal.aborted) throw signal.reason;
    },
  });
}

beforeEach(() => {
  demo = fresh();
  words = 0;
});

type Json = Record<string, unknown>;

/** A prompt of one user message, in each protocol's own shape. */
const PROMPTS: Record<ProtocolId, (text: string) => Json> = {
  'openai-chat': (content) => ({ messages: [{ role: 'user', content }] }),
  'openai-responses': (text) => ({ input: [{ role: 'user', content: [{ type: 'input_text', text }] }] }),
  'anthropic-messages': (content) => ({ messages: [{ role: 'user', content }] }),
  gemini: (text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
};
const PATHS: Record<Exclude<ProtocolId, 'gemini'>, string> = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  'anthropic-messages': '/messages',
};

interface Answer {
  status: number;
  headers: UpstreamResponse['headers'];
  chunks: Buffer[];
  text: string;
}

async function send(url: string, body: Json, signal = new AbortController().signal): Promise<Answer> {
  const response = await demo.send(
    {
      url: `demo:${url}`,
      method: 'POST',
      headers: {},
      body: [Buffer.from(JSON.stringify(body))],
      timeouts: { headersMs: 1, idleMs: 1 },
    },
    signal,
  );
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) =>
    response.body.pipe({ data: (chunk) => void chunks.push(chunk), end: resolve, error: reject }),
  );
  return {
    status: response.status,
    headers: response.headers,
    chunks,
    text: Buffer.concat(chunks).toString('utf8'),
  };
}

function call(
  id: ProtocolId,
  model: string,
  text: string,
  options: { stream?: boolean; extra?: Json } = {},
): Promise<Answer> {
  const { stream = false, extra = {} } = options;
  const body = { ...PROMPTS[id](text), ...extra };
  if (id === 'gemini')
    return send(`/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, body);
  return send(PATHS[id], { model, stream, ...body });
}

async function reply(
  id: ProtocolId,
  model: string,
  text: string,
  options: { stream?: boolean; extra?: Json } = {},
): Promise<Collected> {
  const answer = await call(id, model, text, options);
  expect(answer.status).toBe(200);
  const protocol = protocolOf(id);
  return collect(
    options.stream ? decodeChunks(protocol, answer.chunks) : protocol.decodeBody(JSON.parse(answer.text)),
  );
}

function textOf(answer: Collected): string {
  return answer.blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

/** What each model says to "Hello 潮" the first time. */
const SAYINGS: [string, RegExp][] = [
  ['echo', /^You said: Hello 潮$/],
  [
    'coder',
    /^This is unorouter's demo model\. It read your \d+-token prompt and 0 tools, .* npx unorouter keys add anthropic$/,
  ],
  ['reasoner', /^After thinking about it: Hello 潮$/],
  ['cached', /^This prompt is new/],
];

describe.each(PROTOCOL_IDS)('the demo in %s', (id) => {
  it.each(SAYINGS)('%s says the same streamed and whole, every time', async (model, saying) => {
    const whole = await reply(id, model, 'Hello 潮');
    expect(textOf(whole)).toMatch(saying);
    expect(whole).toMatchObject({ finish: 'stop', error: null, truncated: false });
    expect(whole.usage.input).toBeGreaterThan(0);
    expect(whole.usage.output).toBeGreaterThan(0);
    demo = fresh();
    const streamed = await reply(id, model, 'Hello 潮', { stream: true });
    expect(textOf(streamed)).toBe(textOf(whole));
    expect({ ...streamed.usage, input: 0 }).toEqual({ ...whole.usage, input: 0 });
    demo = fresh();
    expect(await reply(id, model, 'Hello 潮')).toEqual(whole);
  });

  it('reasoner thinks before it speaks, and its thinking is counted', async () => {
    const answer = await reply(id, 'reasoner', 'Why?', { stream: true });
    expect(answer.blocks.map((block) => block.type)).toEqual(['reasoning', 'text']);
    expect(answer.usage.reasoning).toBeGreaterThan(0);
    expect(answer.usage.output).toBeGreaterThan(answer.usage.reasoning ?? 0);
  });

  it('cached reports 90 % from the cache at the second identical prompt', async () => {
    const first = await reply(id, 'cached', 'The same beginning');
    const second = await reply(id, 'cached', 'The same beginning');
    expect(first.usage.cacheRead ?? 0).toBe(0);
    expect(second.usage.cacheRead).toBe(Math.floor((second.usage.input ?? 0) * 0.9));
    expect((await reply(id, 'cached', 'Another beginning')).usage.cacheRead ?? 0).toBe(0);
  });

  it('flaky refuses once with 429 and a short wait, then answers', async () => {
    const first = await call(id, 'flaky', 'Try');
    expect(first.status).toBe(429);
    expect(first.headers['retry-after-ms']).toBe('100');
    expect(protocolOf(id).decodeError(429, first.text).kind).toBe('rate-limit');
    expect(textOf(await reply(id, 'flaky', 'Try'))).toBe('The second attempt worked.');
    expect((await call(id, 'flaky', 'Try')).status).toBe(429);
  });

  it('down is always down', async () => {
    for (let i = 0; i < 2; i++) {
      const { status, text } = await call(id, 'down', 'x', { stream: true });
      expect(status).toBe(id === 'anthropic-messages' ? 529 : 503);
      expect(protocolOf(id).decodeError(status, text)).toMatchObject({
        kind: 'overloaded',
        message: 'demo/down is always down',
      });
    }
  });

  it('has no other models', async () => {
    const { status, text } = await call(id, 'gpt-5', 'x');
    expect(status).toBe(404);
    expect(protocolOf(id).decodeError(404, text).message).toContain(
      'there is no demo/gpt-5; there are demo/echo',
    );
  });

  it('stops at the token limit and says so', async () => {
    const limit: Record<ProtocolId, Json> = {
      'openai-chat': { max_completion_tokens: 5 },
      'openai-responses': { max_output_tokens: 5 },
      'anthropic-messages': { max_tokens: 5 },
      gemini: { generationConfig: { maxOutputTokens: 5 } },
    };
    const answer = await reply(id, 'echo', 'one two three four five six seven eight nine', {
      extra: limit[id],
      stream: true,
    });
    expect(answer.finish).toBe('length');
    expect(answer.usage.output).toBeLessThanOrEqual(5);
    expect(textOf(answer)).toMatch(/^You said: /);
  });

  it('answers in the JSON that was asked for', async () => {
    const schema = {
      type: 'object',
      properties: {
        port: { type: 'string' },
        high: { type: 'boolean' },
        levels: { type: 'array', items: { type: 'number' } },
        tide: { enum: ['spring', 'neap'] },
      },
    };
    const format: Record<ProtocolId, Json> = {
      'openai-chat': { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } },
      'openai-responses': { text: { format: { type: 'json_schema', name: 'x', schema } } },
      'anthropic-messages': { output_config: { format: { type: 'json_schema', schema } } },
      gemini: { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema } },
    };
    expect(JSON.parse(textOf(await reply(id, 'echo', 'x', { extra: format[id] })))).toEqual({
      port: 'demo',
      high: true,
      levels: [0],
      tide: 'spring',
    });
  });
});

describe('the demo', () => {
  it.each([
    ['openai-chat', { stop: ['three', 'two'] }],
    ['anthropic-messages', { stop_sequences: ['two'] }],
    ['gemini', { generationConfig: { stopSequences: ['two'] } }],
  ] as [ProtocolId, Json][])('stops at stop sequences: %s', async (id, extra) => {
    expect(textOf(await reply(id, 'echo', 'one two three', { extra }))).toBe('You said: one ');
  });

  it('counts tokens like it bills them', async () => {
    const messages = PROMPTS['anthropic-messages']('How long is this?');
    const { text, status } = await send('/messages/count_tokens', { model: 'echo', ...messages });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ input_tokens: expect.any(Number) });
    const gemini = await send('/models/echo:countTokens', PROMPTS.gemini('How long is this?'));
    expect(JSON.parse(gemini.text).totalTokens).toBeGreaterThan(0);
  });

  it('streams word by word, as SSE or as a JSON array', async () => {
    await call('openai-chat', 'echo', 'one two three', { stream: true });
    expect(words).toBe(5);
    const { text, headers } = await send('/models/echo:streamGenerateContent', PROMPTS.gemini('one two'));
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(text).at(-1).candidates[0].finishReason).toBe('STOP');
  });

  it('ends when its client goes away', async () => {
    const gone = new AbortController();
    gone.abort();
    const body = { model: 'echo', stream: true, ...PROMPTS['openai-chat']('one two') };
    await expect(send('/chat/completions', body, gone.signal)).rejects.toThrow(/abort/i);
  });

  it('answers nonsense as an empty prompt and never breaks', async () => {
    for (const body of [
      'null',
      '[]',
      '{"messages":5}',
      'not json',
      '{"messages":[null,{"role":"user","content":[null,5]}]}',
    ]) {
      const response = await demo.send(
        {
          url: 'demo:/models/echo:generateContent',
          method: 'POST',
          headers: {},
          body: [Buffer.from(body)],
          timeouts: { headersMs: 1, idleMs: 1 },
        },
        new AbortController().signal,
      );
      expect(response.status).toBe(200);
      const chat = await demo.send(
        {
          url: 'demo:/chat/completions',
          method: 'POST',
          headers: {},
          body: [Buffer.from(body)],
          timeouts: { headersMs: 1, idleMs: 1 },
        },
        new AbortController().signal,
      );
      expect(chat.status).toBe(404);
    }
  });

  it('has only chat: other endpoints are a 404 that says so', async () => {
    const { status, text } = await send('/embeddings', { model: 'echo', input: 'x' });
    expect(status).toBe(404);
    expect(text).toContain('the demo provider only chats');
  });
});
