import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type Bench, fakeClient, fakeTarget, inboundOf, startBench } from '../support/relay.ts';

const MB = 1024 * 1024;

let server: Server | undefined;
let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  server?.closeAllConnections();
  server?.close();
});

it('34 a stream without end is cut at 256 MB, with an error for its client, and its upstream is let go', async () => {
  const event = `data: ${JSON.stringify({
    id: 'c',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content: 'x'.repeat(MB) }, finish_reason: null }],
  })}\n\n`;
  let closed: () => void = () => undefined;
  const letGo = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const upstream = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const write = (): void => {
      while (!response.destroyed && response.write(event));
    };
    response.on('drain', write).on('close', closed);
    write();
  });
  server = upstream;
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  bench = await startBench();
  const client = fakeClient();
  // Nobody keeps so much.
  let bytes = 0;
  let last = '';
  const reader = {
    ...client,
    write(chunk: Buffer) {
      bytes += chunk.length;
      last = chunk.subarray(-1_000).toString();
    },
  };
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
  const body = '{"model":"tide-1","stream":true,"messages":[]}';
  const exchange = await bench.relay(
    inboundOf('openai-chat', body),
    [fakeTarget(url, 'openai-chat')],
    reader,
  );
  await letGo;
  expect(exchange).toMatchObject({ outcome: 'upstream_cut', errorCode: 'upstream_malformed' });
  expect(last).toContain('a stream without end');
  expect(last).not.toContain('[DONE]');
  expect(bytes).toBeGreaterThan(250 * MB);
  expect(bytes).toBeLessThan(258 * MB);
}, 60_000);
