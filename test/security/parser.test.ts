import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawExchange } from '../server/raw.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let gateway: TestServer;
let upstream: FakeUpstream;
let canary: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  canary = await startFakeUpstream();
  upstream.answer({
    pieces: [
      '{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
    ],
  });
  gateway = await startTestServer({
    config: `providers:\n  fake: { url: ${upstream.url}/v1, protocol: openai-chat }\n`,
    env: { UNOROUTER_FAKE_API_KEY: 'sk-fake-0123456789abcdefghij' },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
  await canary.close();
});

const BODY = '{"model":"fake/m","messages":[{"role":"user","content":"hi"}]}';
const calls = (): number => upstream.seen.filter(({ method }) => method === 'POST').length;
const host = (): string => `host: 127.0.0.1:${gateway.server.port}`;
const token = (): string => `authorization: Bearer ${gateway.token}`;

/** A raw request: its first line, further header lines, and what follows them. */
function ask(line: string, headers: readonly string[] = [], rest = ''): Promise<string> {
  const lines = [line, host(), token(), ...headers, 'connection: close'];
  return rawExchange(gateway.server.port, `${lines.join('\r\n')}\r\n\r\n${rest}`);
}

const post = (headers: readonly string[], body = BODY): Promise<string> =>
  ask('POST /v1/chat/completions HTTP/1.1', ['content-type: application/json', ...headers], body);

const answersIn = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, s = '']) => s);

describe('a request that two programs could read in two ways', () => {
  it.each([
    ['both lengths', ['transfer-encoding: chunked', `content-length: ${BODY.length}`]],
    ['two lengths', [`content-length: ${BODY.length}`, 'content-length: 5']],
    ['a length that is no number', ['content-length: 6x']],
    ['a negative length', ['content-length: -5']],
    ['an unknown transfer encoding', ['transfer-encoding: chunky']],
    ['blank space before a colon', [`content-length : ${BODY.length}`]],
    ['a folded header', [`content-length: ${BODY.length}`, 'x-a: b', ' c']],
    ['a header without a name', [': x']],
    ['a control character in a header', ['x-a: b\u0001c']],
  ])('is refused: %s', async (_what, headers) => {
    const before = calls();
    expect(answersIn(await post(headers))).toEqual([expect.stringMatching(/^4/)]);
    expect(calls()).toBe(before);
  });

  it('does not become a second one when it was refused: its body is not read as a request', async () => {
    const hidden = `GET /v1/models HTTP/1.1\r\n${host()}\r\n${token()}\r\n\r\n`;
    const text = await rawExchange(
      gateway.server.port,
      `POST /v1/chat/completions HTTP/1.1\r\n${host()}\r\nauthorization: Bearer wrong\r\ncontent-type: application/json\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
    );
    expect(answersIn(text)).toEqual(['401']);
  });

  it('is answered in order when several come at once', async () => {
    const one = (path: string, last = ''): string =>
      `GET ${path} HTTP/1.1\r\n${host()}\r\n${token()}\r\n${last}\r\n`;
    const text = await rawExchange(
      gateway.server.port,
      one('/health') + one('/v1/nothing') + one('/health', 'connection: close\r\n'),
    );
    expect(answersIn(text)).toEqual(['200', '404', '200']);
  });
});

describe('a request that is too much', () => {
  it.each([
    ['headers over 16 KB', () => post([`x-long: ${'a'.repeat(17_000)}`]), /^431$/],
    ['five thousand headers', () => post(Array.from({ length: 5_000 }, (_, i) => `x-${i}: 1`)), /^431$/],
    ['an address over 16 KB', () => ask(`GET /${'a'.repeat(17_000)} HTTP/1.1`), /^4(14|31)$/],
    ['a method that nobody knows', () => ask('BREW /v1/models HTTP/1.1'), /^4/],
    ['TRACE', () => ask('TRACE /v1/models HTTP/1.1'), /^4/],
  ])('is refused: %s', async (_what, send, status) => {
    const [first] = answersIn(await send());
    expect(first).toMatch(status);
  });

  it('in time is cut off: a client that never ends its headers', async () => {
    const before = calls();
    const text = await new Promise<string>((resolve) => {
      let got = '';
      const socket = connect(gateway.server.port, '127.0.0.1', () =>
        socket.write(`POST /v1/chat/completions HTTP/1.1\r\n${host()}\r\nx-slow: `),
      );
      socket.setEncoding('utf8');
      socket.on('data', (bytes: string) => {
        got += bytes;
      });
      socket.on('close', () => resolve(got));
      socket.on('error', () => undefined);
    });
    expect(answersIn(text)).toEqual(['408']);
    expect(calls()).toBe(before);
  }, 20_000);
});

describe('a path', () => {
  it.each([
    '/v1/../api/status',
    '/v1/%2e%2e/api/status',
    '//evil.example/v1/models',
    '/v1/models/..%2f..%2fetc%2fpasswd',
    '/%0d%0aset-cookie:a=b',
    '/<script>alert(1)</script>',
    '/.git/config',
    '/state/token',
  ])('leads nowhere that has no endpoint: %s', async (path) => {
    const text = await ask(`GET ${path} HTTP/1.1`, ['authorization-x: none']);
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(text).toMatch(/content-type: application\/json/i);
    expect(text).not.toMatch(/set-cookie|^location:|<script>/im);
  });

  it('of the management needs the token, whatever a request says of where it comes from', async () => {
    for (const path of ['/api/status', '/api/events', '/api/stop'])
      for (const line of ['x-forwarded-for: 127.0.0.1', 'x-real-ip: 127.0.0.1', 'forwarded: for=127.0.0.1']) {
        const text = await rawExchange(
          gateway.server.port,
          `GET ${path} HTTP/1.1\r\n${host()}\r\n${line}\r\nconnection: close\r\n\r\n`,
        );
        expect(answersIn(text)).toEqual(['401']);
      }
  });
});

describe('where a request goes', () => {
  it('is said by the configuration alone: no header and no member of a body names another place', async () => {
    const elsewhere = canary.url;
    const names = [
      'x-forwarded-host',
      'x-base-url',
      'x-upstream-url',
      'x-custom-host',
      'x-original-url',
      'referer',
    ];
    const members = ['base_url', 'api_base', 'baseURL', 'endpoint', 'webhook', 'callback_url'];
    const body = {
      model: 'fake/m',
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: `${elsewhere}/picture.png` } }] },
      ],
      ...Object.fromEntries(members.map((name) => [name, elsewhere])),
    };
    const before = calls();
    const response = await gateway.post(
      '/v1/chat/completions',
      body,
      Object.fromEntries(names.map((name) => [name, elsewhere])),
    );
    expect(response.status).toBe(200);
    for (const model of [
      `${elsewhere}/m`,
      'http:fake/m',
      '//evil/m',
      'fake@127.0.0.1/m',
      'https://evil.example/v1',
    ])
      await gateway.post('/v1/chat/completions', { model, messages: [] });
    expect(calls()).toBe(before + 1);
    expect(canary.seen).toEqual([]);
  });

  it('is never somewhere else because of a model name that holds a path', async () => {
    await gateway.post('/v1/chat/completions', { model: 'fake/../../admin?x=#y', messages: [] });
    expect(upstream.seen.at(-1)?.url).toBe('/v1/chat/completions');
  });
});
