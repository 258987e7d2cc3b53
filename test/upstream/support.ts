import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import {
  type Connections,
  createConnections,
  createTransport,
  type Transport,
  UpstreamFailure,
  type UpstreamRequest,
  type UpstreamResponse,
  type UpstreamTimeouts,
} from '../../src/upstream/index.ts';
import type { TestCertificate } from '../support/certificate.ts';

type ConnectionsOptions = Parameters<typeof createConnections>[0];

/** A transport over connections of its own, which are gone when the test is over. */
export async function openTransport(options: Partial<ConnectionsOptions> = {}): Promise<Transport> {
  const connections: Connections = await createConnections({ env: {}, proxy: null, ca: null, ...options });
  onTestFinished(() => connections.destroy());
  return createTransport(connections);
}

/** What a test may say of a call; the rest is a small POST with patient timers. */
export type CallOptions = Partial<Omit<UpstreamRequest, 'url' | 'timeouts'>> &
  Partial<UpstreamTimeouts> & { signal?: AbortSignal };

/** Sends a call. */
export function send(
  transport: Transport,
  url: string,
  options: CallOptions = {},
): Promise<UpstreamResponse> {
  const { signal = new AbortController().signal, connectMs = 10_000, headersMs = 10_000 } = options;
  const { idleMs = 10_000, firstContentMs, ...request } = options;
  return transport.send(
    {
      method: 'POST',
      headers: {},
      body: [Buffer.from('{}')],
      ...request,
      url,
      timeouts: {
        connectMs,
        headersMs,
        idleMs,
        ...(firstContentMs === undefined ? {} : { firstContentMs }),
      },
    },
    signal,
  );
}

/** Reads an answer to its end. */
export function read(response: UpstreamResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) =>
    response.body.pipe({
      data: (chunk) => void chunks.push(chunk),
      end: () => resolve(Buffer.concat(chunks)),
      error: reject,
    }),
  );
}

/** Sends a call and reads its answer as text. The connection is free for another call afterwards. */
export async function ask(transport: Transport, url: string, options: CallOptions = {}): Promise<string> {
  const bytes = await read(await send(transport, url, options));
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  return bytes.toString();
}

/** The failure that a call ends with. */
export async function failure(promise: Promise<unknown>): Promise<UpstreamFailure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof UpstreamFailure) return error;
    throw error;
  }
  throw new Error('no failure');
}

/** A server that deals in bytes. */
export interface SocketServer {
  url: string;
  port: number;
  sockets: Socket[];
  /** Resolves when a connection that was made has been closed. */
  closed: Promise<void>;
}

/** Starts one on 127.0.0.1; it is gone when the test is over. With a certificate it speaks TLS. */
export async function socketServer(
  onSocket: (socket: Socket, n: number) => void,
  certificate?: TestCertificate,
): Promise<SocketServer> {
  const sockets: Socket[] = [];
  let gone: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    gone = resolve;
  });
  const accept = (socket: Socket): void => {
    socket.on('error', () => undefined);
    socket.on('close', () => gone());
    sockets.push(socket);
    onSocket(socket, sockets.length);
  };
  const server: Server = certificate ? createTlsServer(certificate, accept) : createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http${certificate ? 's' : ''}://127.0.0.1:${port}`, port, sockets, closed };
}

/** Calls back for every whole request with the body `{}` that comes over a socket, counted from 1. */
export function onRequests(socket: Socket, onRequest: (n: number) => void): void {
  let text = '';
  let seen = 0;
  socket.on('data', (bytes) => {
    text += bytes;
    while (text.includes('\r\n\r\n{}')) {
      text = text.slice(text.indexOf('\r\n\r\n{}') + 6);
      onRequest(++seen);
    }
  });
}

/** An HTTP answer that leaves the connection open. */
export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** A file with this text; it is gone when the test is over. */
export function temporaryFile(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'unorouter-ca-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'ca.pem');
  writeFileSync(file, text);
  return file;
}
