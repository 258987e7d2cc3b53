import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { rawRequest, statusOf } from './raw.ts';

let upstream: FakeUpstream;
let gateway: TestServer;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startTestServer({
    config: [
      'aliases: { fast: chat/m }',
      'providers:',
      `  chat: { url: ${upstream.url}/v1, protocol: [openai-chat, openai-responses, anthropic-messages] }`,
      `  gem: { url: ${upstream.url}/v1beta, protocol: gemini }`,
      '',
    ].join('\n'),
    env: { UNOROUTER_CHAT_API_KEY: 'chat-key-000000', UNOROUTER_GEM_API_KEY: 'gem-key-0000000' },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.seen.length = 0;
});

/** Calls for clients; lists of models are fetched in between, in the background. */
const posted = () => upstream.seen.filter((seen) => seen.method === 'POST');

const USAGE = { prompt_tokens: 7, total_tokens: 7 };
const CASES: readonly { path: string; answer: object; input?: number }[] = [
  { path: '/embeddings', answer: { object: 'list', data: [], usage: USAGE }, input: 7 },
  {
    path: '/completions',
    answer: {
      object: 'text_completion',
      choices: [{ text: 'x' }],
      usage: { prompt_tokens: 5, completion_tokens: 2 },
    },
    input: 5,
  },
  {
    path: '/images/generations',
    answer: { data: [], usage: { input_tokens: 9, output_tokens: 4 } },
    input: 9,
  },
  { path: '/audio/speech', answer: { any: 1 } },
  { path: '/moderations', answer: { results: [] } },
  { path: '/rerank', answer: { results: [], meta: { billed_units: { search_units: 1 } } } },
];

describe.each(CASES)('POST $path', ({ path, answer, input }) => {
  it('passes bytes both ways, with and without /v1, and records what was used', async () => {
    const text = JSON.stringify(answer);
    upstream.answer({ pieces: [text] });
    for (const prefix of ['/v1', '']) {
      const response = await gateway.post(prefix + path, '{ "model":"chat/m" , "input":"é",  "n":1e2 }');
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(text);
    }
    expect(posted().map((seen) => seen.url)).toEqual([`/v1${path}`, `/v1${path}`]);
    expect(posted()[0]?.body.toString()).toBe('{ "model":"m" , "input":"é",  "n":1e2 }');
    const [row] = await gateway.rows();
    expect(row).toMatchObject({ served: 'chat/m', outcome: 'ok' });
    expect(row?.usage.input ?? undefined).toBe(input);
  });
});

describe('endpoints', () => {
  it('pass multipart bodies with only the model name replaced', async () => {
    upstream.answer({ pieces: ['{"text":"hello"}'] });
    const part = (name: string, value: string): string =>
      `--B\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const file =
      '--B\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\nRIFF\u0000\u0001\r\n';
    const body = `${file}${part('model', 'chat/whisper')}${part('language', 'en')}--B--\r\n`;
    const response = await gateway.fetch('/v1/audio/transcriptions', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=B' },
      body,
    });
    expect(response.status).toBe(200);
    expect(posted()[0]?.body.toString()).toBe(body.replace('chat/whisper', 'whisper'));
    expect(posted()[0]?.headers['content-type']).toBe('multipart/form-data; boundary=B');
  });

  it('pass binary answers unread', async () => {
    const audio = Buffer.from([0xff, 0xfb, 0x00, 0x0a, 0x0d, 0x80]);
    upstream.answer({ headers: { 'content-type': 'audio/mpeg' }, pieces: [audio] });
    const response = await gateway.post('/v1/audio/speech', { model: 'chat/tts', input: 'hi', voice: 'x' });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(audio);
    expect((await gateway.rows())[0]).toMatchObject({
      outcome: 'ok',
      costState: 'local',
      usageSource: 'none',
    });
  });

  it('serve Gemini under /v1beta and /v1, with and without models/, streamed as SSE and as an array', async () => {
    const answer = {
      candidates: [{ content: { parts: [{ text: 'hi' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1 },
    };
    for (const path of [
      '/v1beta/models/gem/g-1:generateContent',
      '/v1/models/gem/g-1:generateContent',
      '/v1beta/gem/g-1:generateContent',
      '/v1beta/models/gem%2Fg-1:generateContent',
    ]) {
      upstream.answer({ pieces: [JSON.stringify(answer)] });
      expect((await gateway.post(path, { contents: [] })).status, path).toBe(200);
      expect(posted().at(-1)?.url).toBe('/v1beta/models/g-1:generateContent');
    }
    upstream.answer({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [`data: ${JSON.stringify(answer)}\n\n`],
    });
    const sse = await gateway.post('/v1beta/models/gem/g-1:streamGenerateContent?alt=sse&key=nope', {
      contents: [],
    });
    expect(await sse.text()).toBe(`data: ${JSON.stringify(answer)}\n\n`);
    expect(posted().at(-1)?.url).toBe('/v1beta/models/g-1:streamGenerateContent?alt=sse');
    upstream.answer({ pieces: ['[', JSON.stringify(answer), ']'] });
    const array = await gateway.post('/v1beta/models/gem/g-1:streamGenerateContent', { contents: [] });
    expect(await array.text()).toBe(`[${JSON.stringify(answer)}]`);
    expect((await gateway.rows())[0]).toMatchObject({ served: 'gem/g-1', usage: { input: 3, output: 1 } });
  });

  it('count tokens without billing anything', async () => {
    upstream.answer({ pieces: ['{"input_tokens":12}'] });
    const response = await gateway.post('/v1/messages/count_tokens?beta=true', {
      model: 'chat/m',
      messages: [],
    });
    expect(await response.json()).toEqual({ input_tokens: 12 });
    expect(posted()[0]?.url).toBe('/v1/messages/count_tokens?beta=true');
    expect((await gateway.rows())[0]).toMatchObject({
      endpoint: 'count-tokens',
      costNanoUsd: 0,
      costState: 'none',
    });
  });

  it('tell a client that upgrades Responses to use HTTP, with 426', async () => {
    const answer = await rawRequest(
      gateway.server.port,
      `GET /v1/responses HTTP/1.1\r\nhost: 127.0.0.1:${gateway.server.port}\r\nauthorization: Bearer ${gateway.token}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    );
    expect(statusOf(answer)).toBe(426);
  });

  it('say 404 for what is not there and 405 for the wrong method', async () => {
    expect((await gateway.fetch('/v1/nothing')).status).toBe(404);
    expect((await gateway.post('/v1/nothing', {})).status).toBe(404);
    expect((await gateway.fetch('/v1/chat/completions')).status).toBe(405);
    expect((await gateway.fetch('/v1/models/%E0%A4%A')).status).toBe(404);
  });

  it('undo a compressed request body', async () => {
    const { brotliCompressSync, deflateSync, gzipSync } = await import('node:zlib');
    const text = '{"model":"chat/m","messages":[{"role":"user","content":"héllo"}]}';
    upstream.answer({ pieces: ['{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}'] });
    const packed = {
      gzip: gzipSync(text),
      deflate: deflateSync(text),
      br: brotliCompressSync(text),
      zstd: zstdStored(text),
    };
    for (const [encoding, body] of Object.entries(packed)) {
      const response = await gateway.fetch('/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': encoding },
        body,
      });
      expect(response.status, encoding).toBe(200);
      expect(posted().at(-1)?.body.toString(), encoding).toBe(text.replace('chat/m', 'm'));
      expect(posted().at(-1)?.headers['content-encoding']).toBeUndefined();
    }
    const broken = await gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: 'not gzip',
    });
    expect(broken.status).toBe(400);
  });
});

/** A Zstandard frame with one stored block (RFC 8878, 3.1.1): Node 20 cannot make one. */
function zstdStored(text: string): Buffer {
  const bytes = Buffer.from(text);
  const block = Buffer.alloc(3);
  block.writeUIntLE((bytes.length << 3) | 1, 0, 3);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, bytes.length]), block, bytes]);
}

describe('lists of models', () => {
  it('come in the protocol of who asks, with aliases and every provider that can be called', async () => {
    const openai = (await (await gateway.fetch('/v1/models')).json()) as { data: { id: string }[] };
    expect(openai.data.map((model) => model.id)).toEqual(expect.arrayContaining(['fast', 'demo/echo']));
    const anthropic = await (
      await gateway.fetch('/v1/models?limit=1000', { headers: { 'anthropic-version': '2023-06-01' } })
    ).json();
    expect(anthropic).toMatchObject({
      has_more: false,
      data: expect.arrayContaining([expect.objectContaining({ type: 'model', id: 'demo/echo' })]),
    });
    const gemini = await (await gateway.fetch('/v1beta/models')).json();
    expect(gemini).toMatchObject({
      models: expect.arrayContaining([expect.objectContaining({ name: 'models/demo/echo' })]),
    });
    const codex = await (await gateway.fetch('/v1/models?client_version=1')).json();
    expect(codex).toMatchObject({
      models: expect.arrayContaining([expect.objectContaining({ slug: 'demo/echo' })]),
    });
    expect(await (await gateway.fetch('/v1/models/demo/echo')).json()).toMatchObject({
      id: 'demo/echo',
      object: 'model',
    });
  });

  it('hold what a provider lists live, fetched with its key in the background', async () => {
    upstream.answer((request) =>
      request.url === '/v1/models'
        ? { pieces: ['{"data":[{"id":"brand-new-1","context_length":1000}]}'] }
        : { pieces: ['{}'] },
    );
    const fresh = await startTestServer({
      config: `providers:\n  live: { url: ${upstream.url}/v1 }\n`,
      env: { UNOROUTER_LIVE_API_KEY: 'live-key-000000' },
    });
    await expect
      .poll(async () =>
        ((await (await fresh.fetch('/v1/models')).json()) as { data: { id: string }[] }).data.map(
          (m) => m.id,
        ),
      )
      .toContain('live/brand-new-1');
    expect(
      upstream.seen.find(
        (seen) => seen.url === '/v1/models' && seen.headers.authorization === 'Bearer live-key-000000',
      ),
    ).toBeDefined();
    await fresh.close();
  });
});
