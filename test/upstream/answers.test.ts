import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import {
  ask,
  failure,
  onRequests,
  openTransport,
  read,
  send,
  socketServer,
  temporaryFile,
} from './support.ts';

/** A server that says these bytes to each request, and perhaps hangs up. */
const saying = (bytes: string, end: boolean) =>
  socketServer((socket) => onRequests(socket, () => (end ? socket.end(bytes) : socket.write(bytes))));

describe('an answer', () => {
  it('that comes before the request was uploaded is read, and what breaks afterwards is no error', async () => {
    const transport = await openTransport();
    const server = await socketServer((socket) =>
      socket.once('data', () => {
        const text = '{"error":"too large"}';
        socket.end(
          `HTTP/1.1 413 Payload Too Large\r\nconnection: close\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
        );
        socket.destroySoon();
      }),
    );
    const body = Buffer.alloc(20_000_000, 0x20);
    for (let n = 0; n < 10; n++) {
      const response = await send(transport, server.url, { body: [body.subarray(0, 10), body.subarray(10)] });
      expect(response.status).toBe(413);
      expect((await read(response)).toString()).toBe('{"error":"too large"}');
    }
  });

  it('of an upstream that reads slowly comes when it has read everything', async () => {
    const transport = await openTransport();
    const body = Buffer.alloc(8_000_000, 'abc');
    const hash = createHash('sha256');
    const server = await socketServer((socket) => {
      let left = body.length;
      let head = true;
      socket.on('data', (bytes) => {
        const text = head ? bytes.subarray(bytes.indexOf('\r\n\r\n') + 4) : bytes;
        head = false;
        hash.update(text);
        left -= text.length;
        if (left === 0) socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok');
        socket.pause();
        setImmediate(() => socket.resume());
      });
    });
    expect(await ask(transport, server.url, { body: [body.subarray(0, 10), body.subarray(10)] })).toBe('ok');
    expect(hash.digest('hex')).toBe(createHash('sha256').update(body).digest('hex'));
  });

  it('of HTTP/1.0 ends with its connection', async () => {
    const transport = await openTransport();
    const server = await saying(
      'HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: x\n\n',
      true,
    );
    expect(await ask(transport, server.url)).toBe('data: x\n\n');
  });

  it('is not begun by early hints', async () => {
    const transport = await openTransport();
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n';
    const server = await saying(`${hints}${hints}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`, false);
    const response = await send(transport, server.url);
    expect(response.status).toBe(200);
    expect(response.headers.link).toBeUndefined();
    expect((await read(response)).toString()).toBe('ok');
  });

  it('of many small HTTP chunks is whole and in order, also for another reader after a pause', async () => {
    const transport = await openTransport();
    const parts = Array.from({ length: 5_000 }, (_, n) => `part ${n};`);
    const chunked = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    const server = await saying(`${head}${chunked}0\r\n\r\n`, false);
    const { body } = await send(transport, server.url);
    const read: Buffer[] = [];
    await new Promise<void>((resolve, reject) => {
      const error = reject;
      const last = { data: (chunk: Buffer) => void read.push(chunk), end: resolve, error };
      body.pipe({
        data(chunk) {
          read.push(chunk);
          body.pause();
          setImmediate(() => {
            body.pipe(last);
            body.resume();
          });
        },
        end: () => reject(new Error('it was paused')),
        error,
      });
    });
    expect(Buffer.concat(read).toString()).toBe(parts.join(''));
    expect(read.length).toBeLessThan(parts.length / 2);
  });

  it('may be long in coming, and its first byte, too', async () => {
    const transport = await openTransport();
    const server = await socketServer((socket) =>
      onRequests(socket, () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n');
        setTimeout(() => socket.write('o'), 60);
        setTimeout(() => socket.write('k'), 90);
      }),
    );
    expect(await ask(transport, server.url, { idleMs: 10_000, headersMs: 10_000 })).toBe('ok');
    expect(await failure(ask(transport, server.url, { firstContentMs: 20 }))).toMatchObject({
      reason: 'timeout-idle',
      unsent: false,
    });
  });

  it.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok!'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\nok'],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\nok\r\n0\r\n\r\n'],
    ['a giant header', `HTTP/1.1 200 OK\r\nx-giant: ${'x'.repeat(200_000)}\r\ncontent-length: 2\r\n\r\nok`],
    [
      'fewer bytes than it said, and the end',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nok',
    ],
  ])('with %s is malformed, and may have been billed', async (_, bytes) => {
    const transport = await openTransport();
    const server = await saying(bytes, true);
    expect(await failure(ask(transport, server.url))).toMatchObject({
      kind: 'malformed',
      status: 502,
      reason: 'malformed',
      unsent: false,
    });
  });

  it('that breaks off below its length is a broken connection', async () => {
    const transport = await openTransport();
    const server = await saying('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok', true);
    expect(await failure(ask(transport, server.url))).toMatchObject({ reason: 'reset', unsent: false });
  });

  it('whose reader throws is that reader’s failure, and the connection is closed', async () => {
    const transport = await openTransport();
    const server = await saying('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok', false);
    const response = await send(transport, server.url);
    const bug = new TypeError('a bug');
    const told = new Promise<Error>((resolve) =>
      response.body.pipe({
        data() {
          throw bug;
        },
        end: () => resolve(new Error('ended')),
        error: resolve,
      }),
    );
    expect(await told).toBe(bug);
    await server.closed;
  });
});

describe('answers that are read at the same time, all into one buffer,', () => {
  const SIZE = 300_000;
  const certificate = makeCertificate();

  it.each([
    ['over plain connections', undefined],
    ['over TLS', certificate],
  ])('keep their bytes to themselves %s', async (_how, tls) => {
    const transport = await openTransport({ ca: temporaryFile(certificate.cert) });
    const server = await socketServer(
      (socket, n) =>
        onRequests(socket, () => {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${SIZE}\r\n\r\n`);
          for (let sent = 0; sent < SIZE; sent += 1_000) socket.write(Buffer.alloc(1_000, n));
        }),
      tls,
    );
    const responses = await Promise.all(Array.from({ length: 8 }, () => send(transport, server.url)));
    const bodies = await Promise.all(responses.map(read));
    for (const body of bodies) expect(body.equals(Buffer.alloc(SIZE, body[0]))).toBe(true);
    expect(new Set(bodies.map((body) => body[0])).size).toBe(8);
  });
});
