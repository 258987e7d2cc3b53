import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/server/client.ts';
import type { Signal } from '../../src/signal.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const SSE = { 'content-type': 'text/event-stream' };
const TEXT = 'data: {"choices":[{"index":0,"delta":{"content":"High water."}}]}\n\n';
const END = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

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

/** A connection that has sent one request for a stream. */
function asking(): Socket {
  const { host, port } = new URL(server.url);
  const body = '{"model":"fake/m","stream":true,"messages":[]}';
  const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${server.token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}

describe('a client that has closed its side', () => {
  it('and still reads gets its answer', async () => {
    upstream.answer({ headers: SSE, pieces: [TEXT, END] });
    const socket = asking();
    socket.end();
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer).toContain('High water.');
    expect(answer).toContain('[DONE]');
    expect((await server.rows())[0]).toMatchObject({ outcome: 'ok' });
  });

  it.each([
    ['before any header came', []],
    ['in the middle of a stream', [TEXT]],
  ])('and is gone takes its upstream with it: %s', async (_name, pieces) => {
    const before = upstream.aborted;
    const seen = upstream.seen.filter(({ method }) => method === 'POST').length;
    upstream.answer({ headers: SSE, pieces, end: 'hang' });
    const socket = asking();
    if (pieces.length > 0) await once(socket, 'data');
    else
      while (upstream.seen.filter(({ method }) => method === 'POST').length === seen)
        await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await upstream.waitForAbort(before + 1);
  });
});

describe('a client that takes nothing', () => {
  it.each(['in the middle', 'at the end'])('is cut off: %s', async (when) => {
    let gone = (): void => undefined;
    const closed = new Promise<void>((resolve) => {
      gone = resolve;
    });
    let aborted: Signal | undefined;
    const listener = createServer((_request, response: ServerResponse) => {
      const client = createClient(response, 0, 20);
      response.on('close', gone);
      aborted = client.signal;
      client.head(200, {});
      client.write(Buffer.alloc(32 * 1024 * 1024));
      if (when === 'at the end') client.end();
      else setImmediate(() => client.onDrain(() => undefined));
    });
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    const socket = connect((listener.address() as AddressInfo).port, '127.0.0.1');
    socket.pause();
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await closed;
    if (when === 'in the middle') expect(aborted?.aborted).toBe(true);
    socket.destroy();
    listener.close();
  });
});
