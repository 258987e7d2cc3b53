import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { rawExchange, rawRequest, statusOf } from './raw.ts';

const ENDPOINTS = [
  '/v1/chat/completions',
  '/v1/responses',
  '/v1/messages',
  '/v1beta/models/demo/echo:generateContent',
];

let upstream: FakeUpstream;
let gateway: TestServer;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startTestServer({
    config: `providers:\n  fake: { url: ${upstream.url}/v1 }\nserver: { allow_origins: ['https://app.example'] }\n`,
    env: { UNOROUTER_FAKE_API_KEY: 'fake-key-000000' },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

/** A raw POST with these header lines; nothing of a body is sent. */
function post(path: string, lines: readonly string[], version = 'HTTP/1.1'): Promise<string> {
  return rawRequest(gateway.server.port, `POST ${path} ${version}\r\n${lines.join('\r\n')}\r\n\r\n`);
}

const host = (): string => `host: 127.0.0.1:${gateway.server.port}`;
const token = (): string => `authorization: Bearer ${gateway.token}`;
const JSON_TYPE = 'content-type: application/json';
const WAITS = 'content-length: 1000';

describe.each(ENDPOINTS)('before the body of %s is read', (path) => {
  it('a foreign Host is refused with 421', async () => {
    for (const name of [
      'evil.example',
      'evil.example:80',
      'localhost.evil.example',
      '127.0.0.1:1',
      '127.0.0.1#@evil',
    ])
      expect(statusOf(await post(path, [`host: ${name}`, token(), JSON_TYPE, WAITS])), name).toBe(421);
  });

  it('a foreign Host is not told who refuses it, the operator is told which name it was', async () => {
    const answer = await post(path, ['host: gateway.internal:9', token(), JSON_TYPE, WAITS]);
    expect(answer).toContain('this host name is not served here');
    expect(answer).not.toMatch(/unorouter/i);
    expect(gateway.notices.filter((text) => text.includes('gateway.internal'))).toEqual([
      'a request to the name gateway.internal was refused. If that is this server: unorouter config set server.allow_hosts gateway.internal',
    ]);
  });

  it('a web page of a foreign origin is refused with 403, whatever token it knows', async () => {
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${gateway.server.port}`])
      expect(
        statusOf(await post(path, [host(), token(), `origin: ${origin}`, JSON_TYPE, WAITS])),
        origin,
      ).toBe(403);
    expect(
      statusOf(await post(path, [host(), token(), 'sec-fetch-site: cross-site', JSON_TYPE, WAITS])),
    ).toBe(403);
  });

  it('a missing or wrong token is refused with 401 that is not to be retried', async () => {
    for (const line of [
      'x-none: 1',
      'authorization: Bearer uno-wrong',
      'x-api-key: uno-wrong',
      `authorization: Basic ${gateway.token}`,
    ]) {
      const answer = await post(path, [host(), line, JSON_TYPE, WAITS]);
      expect(statusOf(answer), line).toBe(401);
      expect(answer).toMatch(/x-should-retry: false/i);
    }
  });

  it('another content type than JSON is refused with 415', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      '',
    ])
      expect(statusOf(await post(path, [host(), token(), `content-type: ${type}`, WAITS])), type).toBe(415);
  });

  it('a client that waits for 100 Continue is refused without being asked for its body', async () => {
    const answer = await post(path, [host(), JSON_TYPE, WAITS, 'expect: 100-continue']);
    expect(statusOf(answer)).toBe(401);
    expect(answer).not.toContain('100 Continue');
  });
});

describe('the guard', () => {
  it('takes the token as Bearer, x-api-key and x-goog-api-key on every path', async () => {
    for (const name of ['x-api-key', 'x-goog-api-key']) {
      const response = await fetch(`${gateway.url}/v1/models`, { headers: { [name]: gateway.token } });
      expect(response.status).toBe(200);
    }
    expect((await gateway.fetch('/v1beta/models')).status).toBe(200);
  });

  it('never takes the token from the query', async () => {
    expect((await fetch(`${gateway.url}/v1beta/models?key=${gateway.token}`)).status).toBe(401);
  });

  it('refuses a second Host, Authorization or Content-Type', async () => {
    for (const line of [host(), token(), JSON_TYPE])
      expect(
        statusOf(await post('/v1/chat/completions', [host(), token(), JSON_TYPE, line, WAITS])),
        line,
      ).toBe(400);
  });

  it('refuses requests that name another server in their first line', async () => {
    const answer = await post('http://evil.example/v1/models', [host(), token(), JSON_TYPE, WAITS]);
    expect(statusOf(answer)).toBe(421);
  });

  it('refuses HTTP/2.0 in a request line', async () => {
    expect(
      statusOf(await post('/v1/chat/completions', [host(), token(), JSON_TYPE, WAITS], 'HTTP/2.0')),
    ).toBe(505);
  });

  it('lets exactly the configured origin in, and tells browsers so', async () => {
    const allowed = await gateway.fetch('/v1/models', { headers: { origin: 'https://app.example' } });
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
    const preflight = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    for (const origin of ['https://app.example.evil', 'http://app.example', 'https://APP.example'])
      expect((await gateway.fetch('/v1/models', { headers: { origin } })).status, origin).toBe(403);
  });

  it('never says to other origins that they may read answers', async () => {
    const refused = await gateway.fetch('/v1/models', { headers: { origin: 'https://evil.example' } });
    expect([...refused.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('answers /health without a token, with name, version and pid only', async () => {
    const response = await fetch(`${gateway.url}/health`);
    expect(Object.keys((await response.json()) as object).sort()).toEqual(['name', 'pid', 'version']);
  });

  it('makes no upstream call and no row of what it refuses; a counter knows', async () => {
    const posted = () => upstream.seen.filter((seen) => seen.method === 'POST').length;
    const before = { calls: posted(), rows: (await gateway.rows()).length };
    const refusedBefore = gateway.server.status().refused;
    // Ten thousand guesses, a thousand over each connection.
    const guesses = (from: number): string =>
      Array.from({ length: 1_000 }, (_, n) => {
        const last = n === 999 ? 'connection: close\r\n' : '';
        return `GET /v1/models HTTP/1.1\r\n${host()}\r\nauthorization: Bearer uno-guess${from + n}\r\n${last}\r\n`;
      }).join('');
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => rawExchange(gateway.server.port, guesses(i * 1_000))),
    );
    for (const text of answers) expect(text.match(/HTTP\/1\.1 401 /g)).toHaveLength(1_000);
    expect(posted()).toBe(before.calls);
    expect((await gateway.rows()).length).toBe(before.rows);
    expect(gateway.server.status().refused - refusedBefore).toBe(10_000);
  });

  it('takes a label behind the token for agent and project', async () => {
    upstream.answer({
      pieces: [
        '{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
      ],
    });
    await gateway.post(
      '/v1/chat/completions',
      { model: 'fake/m', messages: [] },
      { authorization: `Bearer ${gateway.token}.my%2Eagent.shop`, 'x-unorouter-project': 'other' },
    );
    expect((await gateway.rows())[0]).toMatchObject({ agent: 'my.agent', project: 'shop' });
  });

  it('sends nosniff with every answer', async () => {
    for (const path of ['/health', '/v1/models', '/nothing'])
      expect((await gateway.fetch(path)).headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('--no-auth', () => {
  it('does not open the management by a path that goes up and down', async () => {
    const open = await startTestServer({ options: { auth: false } });
    const paths = [
      '/v1/../api/status',
      '/v1/%2e%2E/api/status',
      '/v1/.%2e/api/status',
      '/v1\\..\\api/status',
    ];
    for (const path of [...paths, '/./api/status']) {
      const lines = [`GET ${path} HTTP/1.1`, `host: 127.0.0.1:${open.server.port}`, '', ''];
      expect(statusOf(await rawRequest(open.server.port, lines.join('\r\n'))), path).toBe(400);
    }
    await open.close();
  });

  it('removes the token check of the endpoints and nothing else', async () => {
    const open = await startTestServer({ options: { auth: false } });
    const body = JSON.stringify({ model: 'demo/echo', messages: [{ role: 'user', content: 'hi' }] });
    const call = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${open.url}/v1/chat/completions`, { method: 'POST', headers, body });
    expect((await call({ 'content-type': 'application/json' })).status).toBe(200);
    expect((await call({ 'content-type': 'text/plain' })).status).toBe(415);
    expect((await call({ 'content-type': 'application/json', origin: 'https://evil.example' })).status).toBe(
      403,
    );
    expect((await fetch(`${open.url}/api/status`)).status).toBe(401);
    const rebound = `GET /v1/models HTTP/1.1\r\nhost: evil.example\r\n\r\n`;
    expect(statusOf(await rawRequest(open.server.port, rebound))).toBe(421);
    await open.close();
  });
});
