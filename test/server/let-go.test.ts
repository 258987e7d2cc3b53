import { afterAll, beforeAll, expect, it } from 'vitest';
import { collectGarbage } from '../../src/server/heap.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const MB = 1024 * 1024;

let upstream: FakeUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  server = await startTestServer({
    config: `providers:\n  fake: { url: "${upstream.url}/v1", protocol: openai-chat, auth: none }\n`,
  });
});
afterAll(async () => {
  await server.close();
  await upstream.close();
});

/** Bytes of buffers that are still held, when whoever may let go of them has done so. */
async function held(): Promise<number> {
  upstream.seen.length = 0;
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(setImmediate);
    collectGarbage('major');
  }
  return process.memoryUsage().arrayBuffers;
}

async function ask(path: string, text: string, stream = false): Promise<void> {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'fake/m',
      stream,
      max_tokens: 5,
      messages: [{ role: 'user', content: text }],
    }),
  });
  expect(answer.status).toBe(200);
  await answer.text();
  await server.rows();
}

const answerOf = (content: string): string =>
  JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    model: 'm',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
  });

it.each(['/v1/chat/completions', '/v1/messages'])(
  'what was large in a request or its answer is let go of when it is over: %s',
  async (path) => {
    const headers = { 'content-type': 'application/json' };
    upstream.answer({ headers, pieces: [answerOf('Hi.')] });
    await ask(path, 'Hi?');
    const before = await held();
    upstream.answer({ headers, pieces: [answerOf('Hi.')] });
    await ask(path, 'a'.repeat(24 * MB));
    expect((await held()) - before).toBeLessThan(4 * MB);
    upstream.answer({ headers, pieces: [answerOf('b'.repeat(12 * MB))] });
    await ask(path, 'Hi?');
    expect((await held()) - before).toBeLessThan(4 * MB);
    const piece = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'c'.repeat(MB) } }] })}\n\n`;
    const pieces = [...Array(12).fill(piece), 'data: [DONE]\n\n'];
    upstream.answer({ headers: { 'content-type': 'text/event-stream' }, pieces });
    await ask(path, 'Hi?', true);
    expect((await held()) - before).toBeLessThan(4 * MB);
  },
);
