import { createServer } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createDispatcher,
  createTransport,
  type Transport,
  UpstreamFailure,
  type UpstreamResponse,
} from '../../src/upstream/index.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';

let upstream: FakeUpstream;
let dispatcher: Dispatcher;
let transport: Transport;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  dispatcher = await createDispatcher({ env: {}, proxy: null, ca: null, connectMs: 5_000 });
  transport = createTransport(dispatcher);
});
afterAll(async () => {
  await dispatcher.destroy();
  await upstream.close();
});

function send(
  url = upstream.url,
  options: { signal?: AbortSignal; headersMs?: number; idleMs?: number } = {},
): Promise<UpstreamResponse> {
  const { signal = new AbortController().signal, headersMs = 10_000, idleMs = 10_000 } = options;
  return transport.send(
    { url, method: 'POST', headers: {}, body: Buffer.from('{}'), timeouts: { headersMs, idleMs } },
    signal,
  );
}

function read(response: UpstreamResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) =>
    response.body.pipe({
      data: (chunk) => void chunks.push(chunk),
      end: () => resolve(Buffer.concat(chunks)),
      error: reject,
    }),
  );
}

async function failure(promise: Promise<unknown>): Promise<UpstreamFailure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof UpstreamFailure) return error;
    throw error;
  }
  throw new Error('no failure');
}

/** A server that says something that is not HTTP, or nothing. */
async function rawServer(answer: string | null): Promise<{ url: string; close(): void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => (answer === null ? socket.destroy() : socket.end(answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

describe('a call of an upstream', () => {
  it('is answered by status, headers and bytes; a redirect is an answer', async () => {
    upstream.answer({ status: 302, headers: { location: 'http://elsewhere' }, pieces: ['a', 'b'] });
    const response = await send();
    expect(response.status).toBe(302);
    expect(response.headers.location).toBe('http://elsewhere');
    expect((await read(response)).toString()).toBe('ab');
  });

  it('loses nothing that came before somebody read', async () => {
    upstream.answer({ pieces: ['early ', 'bytes'] });
    const response = await send();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect((await read(response)).toString()).toBe('early bytes');
  });

  it.each([
    [
      'refused',
      async () => ({ url: 'http://127.0.0.1:1', close: () => undefined }),
      { kind: 'network', status: 502, unsent: true },
    ],
    [
      'dns',
      async () => ({ url: 'http://nope.invalid', close: () => undefined }),
      { kind: 'network', status: 502, unsent: true },
    ],
    ['reset', () => rawServer(null), { kind: 'network', status: 502, unsent: false }],
    [
      'malformed',
      () => rawServer('this is no HTTP\r\n\r\n'),
      { kind: 'malformed', status: 502, unsent: false },
    ],
  ] as const)('fails in a way that is understood: %s', async (reason, start, expected) => {
    const server = await start();
    const error = await failure(send(server.url).then(read));
    expect(error).toMatchObject({ reason, ...expected });
    expect(error.message).toContain(new URL(server.url).host);
    server.close();
  });

  it('fails when headers do not come in time, and the connection is closed', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const closed = new Promise<void>((resolve) =>
      server.on('connection', (socket) =>
        socket
          .on('close', () => resolve())
          .on('error', () => undefined)
          .resume(),
      ),
    );
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    expect(await failure(send(url, { headersMs: 20 }))).toMatchObject({
      kind: 'timeout',
      status: 504,
      reason: 'timeout-headers',
    });
    await closed;
    server.close();
  });

  it('fails when its bytes stop for too long', async () => {
    upstream.answer({ pieces: ['x'], end: 'hang' });
    const before = upstream.aborted;
    expect(await failure(send(upstream.url, { idleMs: 20 }).then(read))).toMatchObject({
      reason: 'timeout-idle',
      status: 504,
    });
    await upstream.waitForAbort(before + 1);
  });

  it('fails when the connection breaks in the middle', async () => {
    upstream.answer({ pieces: ['x'], end: 'reset' });
    expect(await failure(send().then(read))).toMatchObject({ kind: 'network', reason: 'reset' });
  });

  it('ends when its caller goes away: before the headers, and while the bytes come', async () => {
    const early = new AbortController();
    early.abort();
    const seen = upstream.seen.length;
    expect(await failure(send(upstream.url, { signal: early.signal }))).toMatchObject({ reason: 'aborted' });
    expect(upstream.seen).toHaveLength(seen);

    upstream.answer({ pieces: ['x'], end: 'hang' });
    const before = upstream.aborted;
    const gone = new AbortController();
    const response = await send(upstream.url, { signal: gone.signal });
    const reading = failure(read(response));
    gone.abort();
    expect(await reading).toMatchObject({ reason: 'aborted' });
    await upstream.waitForAbort(before + 1);
  });

  it('tells a late reader that its caller went away', async () => {
    upstream.answer({ pieces: [], end: 'hang' });
    const gone = new AbortController();
    const response = await send(upstream.url, { signal: gone.signal });
    gone.abort();
    expect(await failure(read(response))).toMatchObject({ reason: 'aborted' });
  });
});

describe('an answer that comes compressed although nobody asked for it', () => {
  const text = 'data: {"x":"潮"}\n\n'.repeat(1000);

  it.each([
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
  ])('is inflated: %s', async (encoding, bytes) => {
    upstream.answer({
      headers: { 'content-encoding': encoding, 'content-type': 'text/event-stream' },
      pieces: [bytes.subarray(0, 7), bytes.subarray(7)],
    });
    const response = await send();
    expect(response.headers['content-encoding']).toBeUndefined();
    expect((await read(response)).toString()).toBe(text);
  });

  it('is malformed when it cannot be inflated', async () => {
    upstream.answer({ headers: { 'content-encoding': 'gzip' }, pieces: ['not gzip at all'] });
    expect(await failure(send().then(read))).toMatchObject({ kind: 'malformed', status: 502 });
  });

  it('is malformed when it inflates without end', async () => {
    upstream.answer({
      headers: { 'content-encoding': 'gzip' },
      pieces: [gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 })],
    });
    const response = await send();
    let size = 0;
    const error = await failure(
      new Promise<void>((resolve, reject) =>
        response.body.pipe({
          data(chunk) {
            size += chunk.length;
          },
          end: resolve,
          error: reject,
        }),
      ),
    );
    expect(error.kind).toBe('malformed');
    expect(size).toBeLessThan(16 * 1024 * 1024);
  });

  it('goes on with a second reader where the first one stopped', async () => {
    upstream.answer({ headers: { 'content-encoding': 'gzip' }, pieces: [gzipSync(text)] });
    const response = await send();
    const [first, rest] = await new Promise<[Buffer, Buffer]>((resolve, reject) => {
      response.body.pipe({
        data(chunk) {
          response.body.pause();
          void read(response).then((later) => resolve([chunk, later]), reject);
          response.body.resume();
        },
        end: () => reject(new Error('ended')),
        error: reject,
      });
    });
    expect(Buffer.concat([first, rest]).toString()).toBe(text);
  });
});

describe('the pool of connections', () => {
  it('goes through the proxy of the environment, but never to loopback', async () => {
    const proxied = await createDispatcher({
      env: { HTTP_PROXY: 'http://127.0.0.1:1' },
      proxy: null,
      ca: null,
      connectMs: 1_000,
    });
    upstream.answer({ pieces: ['direct'] });
    const through = createTransport(proxied);
    const request = {
      method: 'POST' as const,
      headers: {},
      body: null,
      timeouts: { headersMs: 5_000, idleMs: 5_000 },
    };
    const { signal } = new AbortController();
    expect((await read(await through.send({ ...request, url: upstream.url }, signal))).toString()).toBe(
      'direct',
    );
    expect(await failure(through.send({ ...request, url: 'http://models.example' }, signal))).toMatchObject({
      kind: 'network',
    });
    await proxied.destroy();
  });
});
