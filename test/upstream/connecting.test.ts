import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GatewayError, type UserError } from '../../src/errors.ts';
import { makeCertificate } from '../support/certificate.ts';
import {
  ask,
  failure,
  OK,
  onRequests,
  openTransport,
  read,
  send,
  socketServer,
  temporaryFile,
} from './support.ts';

describe('an upstream that accepts, but never finishes connecting', () => {
  const silent = async () => {
    const server = await socketServer((socket) => socket.resume());
    return { ...server, https: server.url.replace('http:', 'https:') };
  };

  it('fails in the time for connecting that the call gives it, and is hung up on', async () => {
    const server = await silent();
    const transport = await openTransport();
    expect(await failure(send(transport, server.https, { connectMs: 30 }))).toMatchObject({
      reason: 'timeout-connect',
      kind: 'timeout',
      status: 504,
      unsent: true,
    });
    await server.closed;
  });

  it('is hung up on when the caller leaves', async () => {
    const server = await silent();
    const transport = await openTransport();
    const gone = new AbortController();
    const call = failure(send(transport, server.https, { signal: gone.signal }));
    await expect.poll(() => server.sockets.length).toBe(1);
    gone.abort();
    expect(await call).toMatchObject({ reason: 'aborted' });
    await server.closed;
  });
});

describe('a caller that leaves', () => {
  it('while its request is uploaded, and while it waits for headers, hangs up', async () => {
    for (const body of [Buffer.alloc(20_000_000), Buffer.from('{}')]) {
      const transport = await openTransport();
      const server = await socketServer((socket) => socket.once('data', () => socket.pause()));
      const gone = new AbortController();
      const call = failure(
        send(transport, server.url, { body: [body.subarray(0, 10), body.subarray(10)], signal: gone.signal }),
      );
      await expect.poll(() => server.sockets[0]?.bytesRead).toBeGreaterThan(0);
      gone.abort();
      expect(await call).toMatchObject({ reason: 'aborted' });
      server.sockets[0]?.resume();
      await server.closed;
    }
  });

  it('may say why, in words for the client: whoever reads the answer hears them', async () => {
    const transport = await openTransport();
    const server = await socketServer((socket) =>
      onRequests(socket, () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok')),
    );
    const gone = new AbortController();
    const response = await send(transport, server.url, { signal: gone.signal });
    const reading = read(response);
    const why = new GatewayError({
      code: 'shutting_down',
      kind: 'internal',
      status: 503,
      message: 'stopping',
    });
    gone.abort(why);
    await expect(reading).rejects.toBe(why);
    await expect(send(transport, server.url, { signal: gone.signal })).rejects.toBe(why);
    await server.closed;
  });
});

describe('a certificate', () => {
  const host = '127.0.0.1';
  it.each([
    ['nobody vouches for', makeCertificate(), false],
    ['that is over', makeCertificate({ expired: true }), true],
    ['for another name', makeCertificate({ host: 'models.example' }), true],
  ])('%s is refused before a byte of the request leaves', async (_, certificate, trusted) => {
    const transport = await openTransport(trusted ? { ca: temporaryFile(certificate.cert) } : {});
    const heard: Buffer[] = [];
    const server = await socketServer(
      (socket) => socket.on('data', (bytes) => heard.push(bytes)),
      certificate,
    );
    const error = await failure(send(transport, server.url));
    expect(error).toMatchObject({ reason: 'tls', kind: 'network', status: 502, unsent: true });
    expect(error.message).toContain(host);
    expect(error.message).not.toMatch(/insecure|REJECT_UNAUTHORIZED/);
    expect(heard).toEqual([]);
  });

  it('that network.ca vouches for is trusted', async () => {
    const certificate = makeCertificate();
    const transport = await openTransport({ ca: temporaryFile(certificate.cert) });
    const server = await socketServer((socket) => onRequests(socket, () => socket.write(OK)), certificate);
    expect(await ask(transport, server.url)).toBe('ok');
  });

  it('is missed where a server does not speak TLS', async () => {
    const transport = await openTransport();
    const server = await socketServer((socket) => socket.once('data', () => socket.end(OK)));
    expect(await failure(send(transport, server.url.replace('http:', 'https:')))).toMatchObject({
      reason: 'tls',
      unsent: true,
    });
  });
});

describe('a request that is not valid HTTP', () => {
  it('is not sent, and is the user’s to mend', async () => {
    const transport = await openTransport();
    const server = await socketServer(() => undefined);
    expect(
      await failure(send(transport, server.url, { headers: { 'x-api-key': 'line\nbreak' } })),
    ).toMatchObject({
      reason: 'unsendable',
      kind: 'config',
      status: 400,
      unsent: true,
    });
    expect(server.sockets).toEqual([]);
  });
});

/** A proxy that opens tunnels to one place, whatever it is asked for, and remembers the asking. */
async function tunnelProxy(to: number): Promise<{ host: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const open: Socket[] = [];
  const proxy = createServer().on('connect', (request, socket: Socket) => {
    asked.push(request);
    open.push(socket);
    socket.on('error', () => undefined);
    if (request.headers['proxy-authorization'] === undefined) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const target = connect(to, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    open.push(target.on('error', () => undefined));
    target.pipe(socket).pipe(target);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    proxy.close();
  });
  const address = proxy.address();
  return { host: `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, asked };
}

describe('a proxy', () => {
  const answering = () => socketServer((socket) => onRequests(socket, () => socket.write(OK)));

  it.each(['HTTP_PROXY', 'http_proxy'])(
    'of %s carries calls of other machines, never those of this one',
    async (name) => {
      const server = await answering();
      const proxy = await tunnelProxy(server.port);
      const transport = await openTransport({ env: { [name]: `http://user:secret@${proxy.host}` } });
      expect(await ask(transport, 'http://models.example/v1')).toBe('ok');
      expect(await ask(transport, 'http://models.example/v1', { fresh: true })).toBe('ok');
      expect(proxy.asked.map(({ url }) => url)).toEqual(['models.example:80', 'models.example:80']);
      expect(await ask(transport, server.url)).toBe('ok');
      expect(proxy.asked).toHaveLength(2);
    },
  );

  it('carries calls over TLS to whom network.ca vouches for', async () => {
    const certificate = makeCertificate({ host: 'models.example' });
    const server = await socketServer((socket) => onRequests(socket, () => socket.write(OK)), certificate);
    const proxy = await tunnelProxy(server.port);
    const transport = await openTransport({
      proxy: `http://user:secret@${proxy.host}`,
      ca: temporaryFile(certificate.cert),
    });
    expect(await ask(transport, 'https://models.example/v1')).toBe('ok');
    expect(proxy.asked.map(({ url }) => url)).toEqual(['models.example:443']);
  });

  it('is not asked for what NO_PROXY names, which may be everything', async () => {
    const proxy = await tunnelProxy(1);
    for (const NO_PROXY of ['models.invalid', '*', 'other.example, *']) {
      const transport = await openTransport({ env: { HTTP_PROXY: `http://${proxy.host}`, NO_PROXY } });
      expect(await failure(send(transport, 'http://models.invalid/v1'))).toMatchObject({ reason: 'dns' });
    }
    expect(proxy.asked).toEqual([]);
  });

  it('that refuses, or is not there, is told of without its password', async () => {
    const proxy = await tunnelProxy(1);
    const refused = await openTransport({ proxy: `http://${proxy.host}` });
    const error = await failure(send(refused, 'http://models.example/v1'));
    expect(error).toMatchObject({ reason: 'proxy', status: 502, unsent: true });
    expect(error.message).toContain('models.example');
    const absent = await openTransport({ proxy: 'http://user:secret@127.0.0.1:1' });
    const other = await failure(send(absent, 'http://models.example/v1'));
    expect(other).toMatchObject({ kind: 'network', unsent: true });
    expect(other.message).not.toContain('secret');
  });

  it('that hangs up at once fails the call once', async () => {
    const server = await socketServer((socket) => socket.once('data', () => socket.end()));
    const transport = await openTransport({ proxy: server.url });
    expect(await failure(send(transport, 'http://models.example/v1'))).toMatchObject({
      kind: 'network',
      unsent: true,
    });
    expect(server.sockets).toHaveLength(1);
  });

  it('that cannot be read as one is a mistake of the configuration, told without its password', async () => {
    const attempt = openTransport({ proxy: null, env: { HTTPS_PROXY: 'ftp://user:secret@proxy.example' } });
    await expect(attempt).rejects.toMatchObject({ code: 'proxy_invalid', exit: 3 });
    await expect(attempt).rejects.toSatisfy((error: UserError) => !JSON.stringify(error).includes('secret'));
  });
});
