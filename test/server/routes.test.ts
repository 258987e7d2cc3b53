import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ options: { auth: false } });
});
afterAll(() => server.close());

const PATHS = ['/api/routes/explain', '/api/routes/test'];

describe('questions about routing', () => {
  it.each(PATHS)('%s asks for the token even under --no-auth', async (path) => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"demo/echo"}',
    });
    expect(response.status).toBe(401);
  });

  it.each(PATHS)(
    '%s stands behind the guard: web pages and other content types are refused',
    async (path) => {
      const question = { model: 'demo/echo' };
      expect((await server.post(path, question, { origin: 'https://evil.example' })).status).toBe(403);
      expect((await server.post(path, question, { 'content-type': 'text/plain' })).status).toBe(415);
    },
  );

  it.each(PATHS)('%s refuses what is no question', async (path) => {
    for (const body of ['[', '[]', '{}', '{"model":1}', '{"model":"m","tokens":-1}', '{"model":"m","x":1}'])
      expect((await server.post(path, body)).status, body).toBe(400);
  });

  it('are answered with a plan, or with the sentence that a client would read', async () => {
    const planned = await server.post(PATHS[0] ?? '', { model: 'demo/echo', agent: 'claude', tokens: 10 });
    expect(await planned.json()).toMatchObject({
      ok: true,
      explanation: { asked: 'demo/echo', targets: [{ target: 'demo/echo' }] },
    });
    const refused = await server.post(PATHS[0] ?? '', { model: 'gpt-5' });
    expect(await refused.json()).toMatchObject({ ok: false, error: { code: 'no_provider_key' } });
    expect(await server.rows()).toEqual([]);
  });

  it('a request that cannot be read says, too, that nobody served it', async () => {
    const response = await server.post('/v1/chat/completions', '{');
    expect(response.status).toBe(400);
    expect(response.headers.get('x-unorouter-served')).toBe('none');
    expect(response.headers.get('x-unorouter-attempts')).toBe('0');
  });
});
