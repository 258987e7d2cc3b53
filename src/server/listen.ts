import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MAX_BODY } from './body.ts';
import { askWhoClosed } from './half-close.ts';
import { clientsAllowed } from './room.ts';

/** Limits against slow and greedy clients (design/security.md, exhaustion). */
const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  // A body may be 48 MB over a slow link, but not for ever.
  requestTimeout: 300_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
};

/** What a listener is made of. */
export interface ListenOptions {
  host: string;
  port: number;
  listener(request: IncomingMessage, response: ServerResponse): void;
  /** The guard for requests that wait for `100 Continue`. */
  admit(request: IncomingMessage, response: ServerResponse): unknown;
}

/** Open servers on one port: 127.0.0.1 and, where the machine has it, ::1. */
export interface Listening {
  port: number;
  /** Accepts nobody any more and drops what is still open. Resolves when the last connection is gone. */
  close(): Promise<void>;
}

function create(options: ListenOptions): Server {
  const server = createServer(LIMITS, (request, response) => {
    askWhoClosed(request, response);
    options.listener(request, response);
  });
  // A client that has said all may close its side and still get its answer.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.maxConnections = clientsAllowed();
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // Refused requests are told before they send a byte of their body.
    if (!options.admit(request, response)) return;
    if (Number(request.headers['content-length'] ?? 0) <= MAX_BODY) response.writeContinue();
    options.listener(request, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy();
    const status =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request';
    const body = JSON.stringify({
      error: { message: 'unorouter: this is not a request that can be read', type: 'invalid_request_error' },
    });
    // A client that drips bytes would never close its side.
    socket.once('finish', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
  });
  return server;
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Binds. Rejects with the system's error (EADDRINUSE) when the main address is taken. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const main = create(options);
  const port = await bind(main, options.host, options.port);
  const servers = [main];
  if (options.host === '127.0.0.1') {
    const second = create(options);
    try {
      await bind(second, '::1', port);
      servers.push(second);
    } catch {
      // No ::1 on this machine, or somebody else has it: clients that resolve localhost to it see that other one.
      second.close();
    }
  }
  const closed = servers.map(
    (server) => new Promise<void>((resolve) => server.once('close', () => resolve())),
  );
  return {
    port,
    async close() {
      for (const server of servers) {
        if (server.listening) server.close();
        server.closeAllConnections();
      }
      await Promise.all(closed);
    },
  };
}
