import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { plainStream } from '../support/scripted/odd-streams.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PATHS = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
} as const;
const PROTOCOLS = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const;

let upstream: FakeUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const rows = PROTOCOLS.map(
    (protocol) => `  ${protocol}: { url: "${upstream.url}/v1", protocol: ${protocol}, auth: none }\n`,
  );
  server = await startTestServer({ config: `providers:\n${rows.join('')}` });
});
afterAll(async () => {
  await server.close();
  await upstream.close();
});

/** Asks for a stream that is complete but whose connection stays open. */
function askForOpenEnd(protocol: (typeof PROTOCOLS)[number], parts = ['a', 'ü']): Promise<Response> {
  const pieces = plainStream(protocol, parts);
  upstream.answer({ headers: { 'content-type': 'text/event-stream' }, pieces, end: 'hang' });
  return server.post(PATHS[protocol], {
    model: `${protocol}/m`,
    stream: true,
    stream_options: { include_usage: true },
  });
}

test.each(PROTOCOLS)(
  '%s: an answer ends at its end marker, though the provider keeps the connection open',
  async (protocol) => {
    const before = upstream.aborted;
    const parts = Array.from({ length: 3000 }, (_, n) => `part ${n} `);
    const response = await askForOpenEnd(protocol, parts);
    expect(await response.text()).toBe(Buffer.concat(plainStream(protocol, parts)).toString());
    await upstream.waitForAbort(before + 1);
    const row = await server.ended();
    expect(row).toMatchObject({ outcome: 'ok', usageSource: 'reported', errorCode: null });
    expect(row.usage).toMatchObject({ input: 11, output: 7 });
  },
);

test.each(PROTOCOLS)('%s: who leaves after the end marker has had a whole answer', async (protocol) => {
  const before = upstream.aborted;
  const response = await askForOpenEnd(protocol);
  const all = Buffer.concat(plainStream(protocol, ['a', 'ü'])).length;
  let read = 0;
  for await (const chunk of response.body ?? []) {
    read += chunk.length;
    if (read === all) break;
  }
  await upstream.waitForAbort(before + 1);
  const row = await server.ended();
  expect(row).toMatchObject({ outcome: 'ok', usageSource: 'reported', errorCode: null });
  expect(row.usage).toMatchObject({ input: 11, output: 7 });
});
