import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Call, type CallRecord, type Fault, routeOf, speechOf } from './call.ts';
import { STATUS_FAULTS } from './status-faults.ts';
import { STREAM_FAULTS } from './stream-faults.ts';
import { WIRE_FAULTS } from './wire-faults.ts';

/** Everything that this provider can do wrong, by the name that a model asks for it with: `m-fault-NAME[:ARG]`. */
export const FAULTS: Readonly<Record<string, Fault>> = { ...WIRE_FAULTS, ...STREAM_FAULTS, ...STATUS_FAULTS };
/** Faults that answer before the request's body was read. */
const UNREAD: ReadonlySet<string> = new Set(['413-early', 'slow-read']);

/** A faulty provider of all four wires: a real server on loopback. */
export interface FaultyUpstream {
  url: string;
  /** Calls so far, oldest first; `place` is the first segment of the path. */
  calls(place?: string): CallRecord[];
  /** Requests that followed a redirect. */
  stolen: number;
  /** Connections that are open now. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Starts one. A provider of the configuration under test has `URL/PLACE/v1` as its url, so that its calls can be told
 * from those of others. Connections end with their answer unless `keepAlive`, so that every call has a fresh one.
 */
export async function startFaulty(options: { keepAlive?: boolean } = {}): Promise<FaultyUpstream> {
  const records: CallRecord[] = [];
  const uses = new WeakMap<Socket, number>();
  const upstream: FaultyUpstream = {
    url: '',
    calls: (place) => (place === undefined ? records : records.filter((one) => one.place === place)),
    stolen: 0,
    connections: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path === '/stolen') upstream.stolen++;
    if (!options.keepAlive) response.setHeader('connection', 'close');
    const route = request.method === 'POST' ? routeOf(path) : null;
    if (!route) {
      response.writeHead(404, { connection: 'close' }).end();
      return;
    }
    const socketUse = (uses.get(request.socket) ?? 0) + 1;
    uses.set(request.socket, socketUse);
    const place = path.split('/')[1] ?? '';
    // Faults that do not read must know from the path what they are: `/PLACE.FAULT/v1`.
    const early = place.split('.')[1] ?? '';
    const body = UNREAD.has(early) ? {} : await jsonOf(request);
    const model = UNREAD.has(early) ? `fault-${early}` : (route.model ?? String(body.model));
    const [, fault = 'ok', arg] = /fault-([a-z0-9-]+)(?::([a-z0-9.]+))?/.exec(model) ?? [];
    const stream = route.stream ?? body.stream === true;
    const record: CallRecord = {
      ...{ place, fault, stream, served: null, said: '', socketUse, aborted: false, bytes: 0 },
    };
    records.push(record);
    response.once('close', () => {
      record.aborted = !response.writableFinished;
    });
    const call: Call = {
      ...{ request, response, record, model, stream, arg },
      protocol: route.protocol,
      speech: speechOf(route.protocol),
      key: keyOf(request),
      origin: upstream.url,
      nth: upstream.calls(place).length,
    };
    await (FAULTS[fault] ?? unknown)(call);
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    // A caller that hangs up in the middle of its request has nothing to be told.
    handle(request, response).catch(() => response.destroy());
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  upstream.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return upstream;
}

const unknown: Fault = ({ response }) =>
  void response.writeHead(404).end('{"error":{"message":"no such fault"}}');

async function jsonOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function keyOf({ headers }: IncomingMessage): string {
  const bearer = headers.authorization?.replace(/^Bearer /i, '');
  return bearer ?? String(headers['x-api-key'] ?? headers['x-goog-api-key'] ?? '');
}
