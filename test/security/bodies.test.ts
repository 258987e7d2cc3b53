import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let gateway: TestServer;
let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startTestServer({
    config: `providers:\n  fake: { url: ${upstream.url}, protocol: [openai-chat, gemini] }\n`,
    env: { UNOROUTER_FAKE_API_KEY: 'sk-fake-0123456789abcdefghij' },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const PATHS = [
  '/v1/chat/completions',
  '/v1/messages',
  '/v1/responses',
  '/v1beta/models/fake%2Fm:generateContent',
] as const;

const around = (model: Buffer): Buffer =>
  Buffer.concat([Buffer.from('{"model":"'), model, Buffer.from('","messages":[]}')]);

const send = async (
  path: string,
  body: Buffer | string,
): Promise<{ status: number; type: string | null }> => {
  const response = await gateway.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Uint8Array(Buffer.from(body)),
  });
  await response.arrayBuffer();
  return { status: response.status, type: response.headers.get('content-type') };
};

describe.each(PATHS)('a body for %s', (path) => {
  it.each([
    ['bytes that are no UTF-8', around(Buffer.from([0xff, 0xfe]))],
    ['UTF-16', Buffer.from('{"model":"fake/m"}', 'utf16le')],
    ['a control character in the name of the model', around(Buffer.from('a\u0001b\nc'))],
    ['a list', '[]'],
    ['half a value', '{"model":"fake/m","messages":['],
    ['more behind its end', '{"model":"fake/m"}x'],
    ['128 levels of lists', `{"model":"fake/m","messages":${'['.repeat(200)}${']'.repeat(200)}}`],
    ['two models', '{"model":"fake/m","model":"fake/n","messages":[]}'],
  ])('with %s is refused in JSON, and never sent on', async (_what, body) => {
    const calls = (): number => upstream.seen.filter(({ method }) => method === 'POST').length;
    const before = calls();
    const { status, type } = await send(path, body);
    expect(status).toBe(400);
    expect(type).toMatch(/^application\/json/);
    expect(calls()).toBe(before);
  });
});
