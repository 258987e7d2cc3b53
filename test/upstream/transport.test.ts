import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Connections,
  createConnections,
  createTransport,
  type Transport,
  type UpstreamResponse,
} from '../../src/upstream/index.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { type CallOptions, failure, read, send as sendOver, socketServer } from './support.ts';

let upstream: FakeUpstream;
let connections: Connections;
let transport: Transport;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  connections = await createConnections({ env: {}, proxy: null, ca: null });
  transport = createTransport(connections);
});
afterAll(async () => {
  await connections.destroy();
  await upstream.close();
});

function send(url = upstream.url, options: CallOptions = {}): Promise<UpstreamResponse> {
  return sendOver(transport, url, options);
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
    ['refused', 'http://127.0.0.1:1'],
    ['dns', 'http://nope.invalid'],
  ])('fails before anything was sent, and names whom: %s', async (reason, url) => {
    const error = await failure(send(url));
    expect(error).toMatchObject({ reason, kind: 'network', status: 502, unsent: true });
    expect(error.message).toContain(new URL(url).host);
  });

  it('is malformed when the answer is not HTTP', async () => {
    const { url } = await socketServer((socket) => {
      socket.once('data', () => socket.end('this is no HTTP\r\n\r\n'));
    });
    const error = await failure(send(url).then(read));
    expect(error).toMatchObject({ reason: 'malformed', kind: 'malformed', status: 502, unsent: false });
    expect(error.message).toContain(new URL(url).host);
  });

  it('fails when headers do not come in time, and the connection is closed', async () => {
    const server = await socketServer((socket) => socket.resume());
    expect(await failure(send(server.url, { headersMs: 20 }))).toMatchObject({
      kind: 'timeout',
      status: 504,
      reason: 'timeout-headers',
      unsent: false,
    });
    await server.closed;
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
