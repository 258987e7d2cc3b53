import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeUpstream, type SeenRequest, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const KEY = 'sk-provider-0123456789abcdef';
const COMPLETION =
  '{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}';
const MESSAGE =
  '{"type":"message","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}';
const STREAM = 'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

let upstream: FakeUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const url = `${upstream.url}/v1`;
  server = await startTestServer({
    config: `
providers:
  chat: { url: "${url}", protocol: openai-chat }
  messages: { url: "${url}", protocol: anthropic-messages }
  google: { url: "${upstream.url}/v1beta" }
  bearer: { url: "${url}", protocol: anthropic-messages, auth: bearer }
  api-key: { url: "${url}", protocol: openai-chat, auth: api-key }
  x-api-key: { url: "${url}", protocol: openai-chat, auth: x-api-key }
  open: { url: "${url}", protocol: openai-chat, auth: none }
  own: { url: "${url}", protocol: openai-chat, headers: { X-Team: blue, User-Agent: ours/1 } }
`,
    env: Object.fromEntries(
      ['CHAT', 'MESSAGES', 'GOOGLE', 'BEARER', 'API_KEY', 'X_API_KEY', 'OWN'].map((id) => [
        `UNOROUTER_${id}_API_KEY`,
        KEY,
      ]),
    ),
  });
});
afterAll(async () => {
  await server.close();
  await upstream.close();
});

/** What the provider got of the last call. */
function seen(): SeenRequest {
  const last = upstream.seen.findLast((request) => request.method === 'POST');
  if (!last) throw new Error('the provider was not called');
  return last;
}

async function chat(provider: string, headers: Record<string, string> = {}): Promise<Response> {
  upstream.answer({ pieces: [COMPLETION] });
  const response = await server.post('/v1/chat/completions', { model: `${provider}/m` }, headers);
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  return response;
}

async function messages(provider: string, headers: Record<string, string> = {}): Promise<Response> {
  upstream.answer({ pieces: [MESSAGE] });
  const response = await server.post('/v1/messages', { model: `${provider}/m` }, headers);
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  return response;
}

/** Headers that HTTP itself needs. */
const HTTP = ['accept-encoding', 'connection', 'content-length', 'content-type', 'host'];

describe('requests', () => {
  test('nothing private of the client, and nothing that it did not send, reaches a provider', async () => {
    await chat('chat', {
      cookie: 'session=1',
      'x-forwarded-for': '10.1.2.3',
      'x-forwarded-host': 'inside.example.com',
      'x-forwarded-proto': 'https',
      forwarded: 'for=10.1.2.3',
      via: '1.1 inside',
      'x-real-ip': '10.1.2.3',
      'accept-encoding': 'gzip, br',
      'chatgpt-account-id': 'acct-1',
      'x-api-key': server.token,
      'x-goog-api-key': server.token,
      'api-key': server.token,
      'proxy-authorization': 'Basic eDp5',
      'x-unorouter-project': 'secret-project',
      'x-unorouter-agent': 'agent',
      'x-stainless-os': 'Linux',
      'x-anything-else': '1',
      referer: 'http://inside.example.com',
      'user-agent': 'agent/1',
      accept: 'application/json',
    });
    const { headers } = seen();
    expect(Object.keys(headers).sort()).toEqual([...HTTP, 'accept', 'authorization', 'user-agent'].sort());
    expect(headers['accept-encoding']).toBe('identity');
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    expect(headers.host).toBe(new URL(upstream.url).host);
    expect(JSON.stringify(headers)).not.toContain(server.token);
  });

  test.each(['authorization', 'x-api-key', 'x-goog-api-key'])(
    'the local token in %s stays here',
    async (name) => {
      upstream.answer({ pieces: [MESSAGE] });
      const value =
        name === 'authorization' ? `Bearer ${server.token}.claude.shop` : `${server.token}.claude.shop`;
      const response = await fetch(`${server.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [name]: value },
        body: '{"model":"messages/m"}',
      });
      expect(response.status).toBe(200);
      expect(JSON.stringify(seen().headers)).not.toContain(server.token);
      const [row] = await server.rows();
      expect(row).toMatchObject({ agent: 'claude', project: 'shop' });
    },
  );

  test('the key of a Gemini url stays here', async () => {
    upstream.answer({
      pieces: ['{"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}'],
    });
    const path = `/v1beta/models/google/m:generateContent?key=${server.token}&alt=json`;
    const response = await server.post(path, { contents: [] });
    expect(response.status).toBe(200);
    expect(seen().url).toBe('/v1beta/models/m:generateContent?alt=json');
  });

  test('what providers need to know of the client is forwarded', async () => {
    const wanted = {
      'user-agent': 'claude-cli/2',
      accept: 'text/event-stream',
      'anthropic-version': '2024-01-01',
      'anthropic-beta': 'a-2026,b-2026',
      'openai-beta': 'responses=v1',
      'idempotency-key': 'i-1',
      'http-referer': 'https://example.com',
      'x-title': 'App',
    };
    await messages('messages', wanted);
    expect(seen().headers).toMatchObject(wanted);
  });

  test('Messages are never sent without a version', async () => {
    await messages('messages');
    expect(seen().headers['anthropic-version']).toBe('2023-06-01');
    await chat('chat');
    expect(seen().headers['anthropic-version']).toBeUndefined();
  });

  test('the beta query of Messages travels', async () => {
    upstream.answer({ pieces: [MESSAGE] });
    await (await server.post('/v1/messages?beta=true&other=1', { model: 'messages/m' })).arrayBuffer();
    expect(seen().url).toBe('/v1/messages?beta=true');
  });

  test("a provider gets its own headers, which beat the client's", async () => {
    await chat('own', { 'user-agent': 'agent/1', 'x-team': 'red' });
    expect(seen().headers).toMatchObject({ 'x-team': 'blue', 'user-agent': 'ours/1' });
  });
});

/** Every header in which a key may travel, as the provider saw it. */
function keysSeen(): Record<string, unknown> {
  const { authorization, 'x-api-key': x, 'x-goog-api-key': goog, 'api-key': api } = seen().headers;
  return { authorization, 'x-api-key': x, 'x-goog-api-key': goog, 'api-key': api };
}

describe('keys', () => {
  const none = {
    authorization: undefined,
    'x-api-key': undefined,
    'x-goog-api-key': undefined,
    'api-key': undefined,
  };

  test('Chat takes a bearer token', async () => {
    await chat('chat');
    expect(keysSeen()).toEqual({ ...none, authorization: `Bearer ${KEY}` });
  });

  test('Messages takes x-api-key, unless a provider wants a bearer token', async () => {
    await messages('messages');
    expect(keysSeen()).toEqual({ ...none, 'x-api-key': KEY });
    await messages('bearer');
    expect(keysSeen()).toEqual({ ...none, authorization: `Bearer ${KEY}` });
  });

  test('Gemini takes x-goog-api-key, and the same provider a bearer token for Chat', async () => {
    upstream.answer({
      pieces: ['{"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}'],
    });
    await (await server.post('/v1beta/models/google/m:generateContent', { contents: [] })).arrayBuffer();
    expect(keysSeen()).toEqual({ ...none, 'x-goog-api-key': KEY });
    await chat('google');
    expect(keysSeen()).toEqual({ ...none, authorization: `Bearer ${KEY}` });
  });

  test('a provider may want api-key or x-api-key for Chat', async () => {
    await chat('api-key');
    expect(keysSeen()).toEqual({ ...none, 'api-key': KEY });
    await chat('x-api-key');
    expect(keysSeen()).toEqual({ ...none, 'x-api-key': KEY });
  });

  test('a provider without keys gets none', async () => {
    await chat('open');
    expect(keysSeen()).toEqual(none);
  });

  test('a refused key is told without the key', async () => {
    upstream.answer({ status: 401, pieces: [`{"error":{"message":"Incorrect API key provided: ${KEY}"}}`] });
    const response = await server.post('/v1/chat/completions', { model: 'chat/m' });
    const body = await response.text();
    expect(response.status).toBe(400);
    expect(body).not.toContain(KEY);
    expect(JSON.parse(body).error).toMatchObject({ code: 'key_refused' });
    expect(JSON.stringify((await server.rows())[0])).not.toContain(KEY);
  });
});

/** Headers of every answer, besides what the provider said. */
const OURS = [
  'x-unorouter-id',
  'x-unorouter-served',
  'x-unorouter-attempts',
  'x-unorouter-cost',
  'x-unorouter-dropped',
];
const ALWAYS = ['connection', 'date', 'keep-alive', 'x-content-type-options', ...OURS];
const SAID = {
  'x-request-id': 'req-1',
  'request-id': 'req-2',
  'retry-after': '7',
  'openai-processing-ms': '12',
  'openai-version': '2020-10-01',
  'x-ratelimit-remaining-tokens': '99',
  'anthropic-ratelimit-requests-limit': '50',
  'ratelimit-limit': '5',
};
const PRIVATE = {
  'set-cookie': 'cf=1',
  server: 'cloudflare',
  'cf-ray': '1',
  'access-control-allow-origin': '*',
  'strict-transport-security': 'max-age=1',
  'openai-organization': 'org-1',
  'x-internal': '1',
  'x-unorouter-cost': '999',
  link: '<http://x>; rel=preload',
  'alt-svc': 'h3=":443"',
};

describe('answers', () => {
  const names = (response: Response): string[] => [...response.headers.keys()].sort();

  test("a whole answer has an allow-list of the provider's headers, and ours", async () => {
    upstream.answer({
      headers: { 'content-type': 'application/json', ...SAID, ...PRIVATE },
      pieces: [COMPLETION],
    });
    const response = await server.post('/v1/chat/completions', { model: 'chat/m' });
    await response.arrayBuffer();
    expect(names(response)).toEqual(
      [...ALWAYS, 'content-length', 'content-type', ...Object.keys(SAID)].sort(),
    );
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...SAID,
      'x-unorouter-served': 'chat/m',
      'x-unorouter-attempts': '1',
      'x-unorouter-cost': '0',
      'x-unorouter-dropped': 'none',
    });
    expect(response.headers.get('x-unorouter-id')).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  test('a streamed answer has the same, with a cost that is not known yet', async () => {
    upstream.answer({
      headers: { 'content-type': 'text/event-stream', ...SAID, ...PRIVATE },
      pieces: [STREAM],
    });
    const response = await server.post('/v1/chat/completions', { model: 'chat/m', stream: true });
    await response.arrayBuffer();
    expect(names(response)).toEqual(
      [...ALWAYS, 'content-type', 'transfer-encoding', ...Object.keys(SAID)].sort(),
    );
    expect(response.headers.get('x-unorouter-cost')).toBe('pending');
    expect(response.headers.get('x-unorouter-served')).toBe('chat/m');
  });

  test('an error of a provider has ours', async () => {
    upstream.answer({
      status: 422,
      headers: { 'content-type': 'application/json', ...PRIVATE },
      pieces: ['{"error":{"message":"no"}}'],
    });
    const response = await server.post('/v1/chat/completions', { model: 'chat/m' });
    await response.arrayBuffer();
    expect(response.status).toBe(422);
    expect(names(response)).toEqual(expect.arrayContaining([...OURS, 'content-type', 'x-should-retry']));
    for (const name of Object.keys(PRIVATE).filter((one) => one !== 'x-unorouter-cost'))
      expect(names(response)).not.toContain(name);
    expect(response.headers.get('x-unorouter-cost')).toBe('0');
  });

  test('a request that nobody can serve has ours, and names no server', async () => {
    const response = await server.post('/v1/chat/completions', { model: 'openai/gpt-5' });
    expect(names(response)).toEqual(expect.arrayContaining(OURS));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-unorouter-served': 'none',
      'x-unorouter-attempts': '0',
      'x-unorouter-cost': '0',
    });
    await response.arrayBuffer();
  });

  test('the id in an answer is that of its row', async () => {
    const response = await chat('chat');
    const [row] = await server.rows();
    expect(row).toMatchObject({ id: response.headers.get('x-unorouter-id') });
  });
});
