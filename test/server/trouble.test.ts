import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const SECRET = 'sk-fake-secret-000000000001';

let upstream: FakeUpstream;
let gateway: TestServer;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startTestServer({
    config: [
      'retry: { attempts: 1 }',
      'providers:',
      `  fake: { url: ${upstream.url}/v1, protocol: [openai-chat, openai-responses, anthropic-messages] }`,
      `  gem: { url: ${upstream.url}/v1beta, protocol: gemini }`,
      '  closed: { url: http://127.0.0.1:1/v1, protocol: openai-chat }',
      '',
    ].join('\n'),
    env: { UNOROUTER_FAKE_API_KEY: SECRET, UNOROUTER_GEM_API_KEY: SECRET, UNOROUTER_CLOSED_API_KEY: SECRET },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.seen.length = 0;
  upstream.answer({ pieces: ['{}'] });
});

/** Calls for clients; lists of models are fetched in between, in the background. */
const posted = () => upstream.seen.filter((seen) => seen.method === 'POST');

/** One request of each protocol for a model, in the shape that its clients send. */
const ASK: Record<string, (model: string, stream?: boolean) => Promise<Response>> = {
  'openai-chat': (model, stream = false) =>
    gateway.post('/v1/chat/completions', { model, stream, messages: [{ role: 'user', content: 'hi' }] }),
  'openai-responses': (model, stream = false) =>
    gateway.post('/v1/responses', { model, stream, input: 'hi' }),
  'anthropic-messages': (model, stream = false) =>
    gateway.post('/v1/messages', {
      model,
      stream,
      max_tokens: 5,
      messages: [{ role: 'user', content: 'hi' }],
    }),
  gemini: (model, stream = false) =>
    gateway.post(`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, {
      contents: [{ parts: [{ text: 'hi' }] }],
    }),
};

/** The sentence in an error answer, wherever the protocol has it. */
async function sentence(response: Response): Promise<string> {
  const text = await response.text();
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text;
}

/** Who speaks each protocol and has no key here. */
const VENDORS: Record<string, string> = {
  'openai-chat': 'openai',
  'openai-responses': 'openai',
  'anthropic-messages': 'anthropic',
  gemini: 'google',
};

/** Statuses that each agent shows at once and does not retry (measured: design notes in src/protocols/*). */
const USER_STATUS: Record<string, number> = {
  'openai-chat': 400,
  'openai-responses': 400,
  'anthropic-messages': 424,
  gemini: 400,
};

describe.each(Object.keys(ASK))('a problem that only the user can fix, on %s', (protocol) => {
  const ask = (model: string, stream?: boolean): Promise<Response> => {
    const call = ASK[protocol];
    if (!call) throw new Error(protocol);
    return call(model, stream);
  };

  it('no key: one sentence that names the command, not to be retried, in a status that agents show', async () => {
    const vendor = VENDORS[protocol];
    const response = await ask(`${vendor}/some-model`);
    expect(response.status).toBe(USER_STATUS[protocol]);
    expect(await sentence(response)).toMatch(
      new RegExp(
        `^unorouter: no API key for ${vendor}, which serves some-model. Run: unorouter keys add ${vendor}`,
      ),
    );
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(response.headers.get('x-unorouter-attempts')).toBe('0');
  });

  it('an unknown model: suggestions, no upstream call, a row that says why', async () => {
    const response = await ask('gpt-4o-minni');
    expect(response.status).toBe(USER_STATUS[protocol]);
    expect(await sentence(response)).toMatch(
      /^unorouter: unknown model \\"gpt-4o-minni\\", did you mean gpt-4o-mini/,
    );
    expect(posted()).toEqual([]);
    expect((await gateway.rows())[0]).toMatchObject({
      outcome: 'error',
      errorCode: 'unknown_model',
      costState: 'none',
    });
  });

  it('a key that the provider refuses: never the 401 itself, the provider’s words behind ours, masked', async () => {
    upstream.answer({
      status: 401,
      pieces: [`{"error":{"message":"bad key ${SECRET}","type":"authentication_error"}}`],
    });
    const response = await ask(protocol === 'gemini' ? 'gem/m' : 'fake/m');
    expect(response.status).toBe(USER_STATUS[protocol]);
    const text = await sentence(response);
    expect(text).toMatch(
      /^unorouter: (fake|gem) refused the key \(401: bad key .*Run: unorouter keys add (fake|gem)$/,
    );
    expect(text).not.toContain(SECRET);
    expect(JSON.stringify(await gateway.rows())).not.toContain(SECRET);
  });

  it('a body that is not JSON: 400 that says where', async () => {
    const paths: Record<string, string> = {
      'openai-chat': '/v1/chat/completions',
      'openai-responses': '/v1/responses',
      'anthropic-messages': '/v1/messages',
      gemini: '/v1beta/models/gem/m:generateContent',
    };
    for (const body of ['{"model": "fake/m", ', '[]', '"x"', '', '{"a":tru}']) {
      const response = await gateway.post(paths[protocol] ?? '', body);
      expect(response.status, body).toBe(400);
      expect(await sentence(response), body).toMatch(/^unorouter: the body .*byte \d+/);
    }
    expect(posted()).toEqual([]);
  });
});

describe('a Responses stream', () => {
  it('is told of a missing key inside a 200, because Codex shows only that', async () => {
    const response = await ASK['openai-responses']?.('openai/gpt-x', true);
    expect(response?.status).toBe(200);
    const text = await response?.text();
    expect(text).toMatch(/response\.created[\s\S]*response\.failed[\s\S]*invalid_prompt/);
    expect(text).toContain('unorouter: no API key for openai');
  });
});

describe('bad requests', () => {
  it('with a body over 48 MB are refused with 413, also when their length is not told', async () => {
    const big = Buffer.alloc(50 * 1024 * 1024, 0x20);
    const told = await gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: big,
    });
    expect(told.status).toBe(413);
    expect(await untoldLength(gateway)).toMatch(/^HTTP\/1\.1 413/);
    expect((await gateway.fetch('/health')).status).toBe(200);
  });

  it('that inflate without end are refused with 413', async () => {
    const { gzipSync } = await import('node:zlib');
    const response = await gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(60 * 1024 * 1024, 0x20)),
    });
    expect(response.status).toBe(413);
  });

  it('that nest deeper than 128 levels, name the model twice, or name none are refused with 400', async () => {
    const deep = `{"model":"fake/m","messages":${'['.repeat(200)}${']'.repeat(200)}}`;
    for (const body of [
      deep,
      '{"model":"fake/m","model":"demo/echo"}',
      '{"messages":[]}',
      '{"model":7}',
      '{"model":""}',
    ])
      expect((await gateway.post('/v1/chat/completions', body)).status, body.slice(0, 40)).toBe(400);
    expect(posted()).toEqual([]);
  });

  it('with names of prototypes for a model are unknown models, not surprises', async () => {
    for (const model of ['__proto__', 'constructor', 'toString', '__proto__/x', 'fake/__proto__'])
      expect((await ASK['openai-chat']?.(model))?.status, model).toBeLessThan(503);
    expect(gateway.notices).toEqual([]);
  });
});

describe('a provider in trouble', () => {
  it('that is closed gives a 502 that names its address, and a row', async () => {
    const response = await ASK['openai-chat']?.('closed/m');
    expect(response?.status).toBe(502);
    expect(response && (await sentence(response))).toContain('127.0.0.1:1 refused the connection');
    expect((await gateway.rows())[0]).toMatchObject({
      outcome: 'error',
      served: 'closed/m',
      costState: 'none',
    });
  });

  it('that redirects is not followed, and the key goes nowhere', async () => {
    const thief = await startFakeUpstream();
    upstream.answer({ status: 307, headers: { location: `${thief.url}/v1/chat/completions` }, pieces: [''] });
    const response = await ASK['openai-chat']?.('fake/m');
    expect(response?.status).toBe(502);
    expect(thief.seen).toEqual([]);
    await thief.close();
  });

  it('that answers a page instead of JSON gives a 502 without the page', async () => {
    upstream.answer({ headers: { 'content-type': 'text/html' }, pieces: ['<html><h1>nginx</h1></html>'] });
    const response = await ASK['openai-chat']?.('fake/m');
    expect(response?.status).toBe(502);
    expect(await response?.text()).not.toContain('<h1>');
  });

  it('whose url is this server itself is a loop that is not entered', async () => {
    const looping = await startTestServer({ env: { UNOROUTER_ME_API_KEY: 'me-key-00000000' } });
    looping.home.writeConfig(`providers:\n  me: { url: ${looping.url}/v1 }\n`);
    await looping.noticed('reloaded');
    const response = await looping.post('/v1/chat/completions', { model: 'me/x', messages: [] });
    expect(response.status).toBe(400);
    expect(await sentence(response)).toContain('which is unorouter itself');
    await looping.close();
  });
});

describe('a client that goes away', () => {
  it('in the middle of a stream ends the upstream’s work; the row says so and keeps the tokens', async () => {
    const chunk = 'data: {"id":"c","choices":[{"index":0,"delta":{"content":"hello world "}}]}\n\n';
    upstream.answer({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [chunk, chunk],
      end: 'hang',
    });
    const leave = new AbortController();
    const response = await gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'fake/m', stream: true, messages: [{ role: 'user', content: 'hi' }] }),
      signal: leave.signal,
    });
    const reader = response.body?.getReader();
    await reader?.read();
    const aborted = upstream.waitForAbort(upstream.aborted + 1);
    leave.abort();
    await aborted;
    const row = await gateway.ended();
    expect(row.outcome).toBe('client_aborted');
    expect(row.usageSource).toBe('estimated');
    expect(row.usage.output).toBeGreaterThan(0);
  });

  it('before the answer began ends the upstream’s work too', async () => {
    upstream.answer({ headers: { 'content-type': 'text/event-stream' }, pieces: [], end: 'hang' });
    const socket = connect(gateway.server.port, '127.0.0.1');
    const body = JSON.stringify({ model: 'fake/m', stream: true, messages: [] });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${gateway.server.port}\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await expect.poll(() => posted().length).toBe(1);
    const aborted = upstream.waitForAbort(upstream.aborted + 1);
    socket.destroy();
    await aborted;
    await expect.poll(async () => (await gateway.rows())[0]?.outcome).toBe('client_aborted');
  });
});

/** Sends 50 MB in chunks whose sum is never told; gives the beginning of the answer. */
function untoldLength({ server, token }: TestServer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    const piece = Buffer.alloc(1024 * 1024, 0x20);
    let sent = 0;
    const more = (): void => {
      while (sent < 50 && !socket.destroyed) {
        sent++;
        socket.write(`${piece.length.toString(16)}\r\n`);
        socket.write(piece);
        if (!socket.write('\r\n')) {
          socket.once('drain', more);
          return;
        }
      }
      if (!socket.destroyed) socket.end('0\r\n\r\n');
    };
    more();
  });
}
