import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { PivotError } from '../pivot/index.ts';
import { protocolOf } from '../protocols/index.ts';
import { protocolOfPath } from './endpoints.ts';
import { pathOf, type Refusal } from './guard.ts';

/** Answers a request of Node's. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Node's `getHeader` knows only what `setHeader` was told. */
const EVENTS = Symbol('an event stream');
type Marked = { [EVENTS]?: boolean };

/** Whether a head was written that announces events: whoever asks a half-closed connection must know what may be written. */
export function isEventStream(response: ServerResponse): boolean {
  return (response as Marked)[EVENTS] === true;
}

/**
 * Writes a head. Every answer tells browsers not to guess what it is; not by `setHeader`, which makes writing a head slow
 * and every open answer half a kB larger. Streams or not, all are marked: two shapes would cost optimised code.
 */
export function writeHead(response: ServerResponse, status: number, headers: Record<string, string>): void {
  (response as Marked)[EVENTS] = headers['content-type']?.includes('event-stream') === true;
  response.writeHead(status, { 'x-content-type-options': 'nosniff', ...headers });
}

/** Sends a JSON answer of our own. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const body = Buffer.from(JSON.stringify(value));
  writeHead(response, status, {
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...headers,
  });
  response.end(body);
}

/** An error of ours as a pivot error. Anything unexpected is a bug, told without details. */
export function toPivotError(error: unknown): PivotError {
  if (error instanceof GatewayError) {
    const { code, kind, status, message, param } = error;
    return { code, kind, status, message, ...(param === undefined ? {} : { param }) };
  }
  return {
    kind: 'internal',
    status: 500,
    code: 'internal',
    message: 'unorouter: a bug of ours stopped this request, not the server',
  };
}

/** A body follows the headers (RFC 9112 6): a request without one is over, although the parser says so only later. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Sends an error in the shape that an asker of this path understands. The connection closes when its body was not read. */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: PivotError,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const protocol = protocolOf(protocolOfPath(pathOf(request)));
  const encoded = protocol.encodeError(error, {
    stream: false,
    id: 'unorouter',
    model: '',
    created: Math.floor(Date.now() / 1000),
  });
  const unread = request.complete || !hasBody(request) ? {} : { connection: 'close' };
  const body = Buffer.from(encoded.body);
  writeHead(response, encoded.status, {
    'content-length': String(body.length),
    ...encoded.headers,
    ...headers,
    ...unread,
  });
  response.end(body);
  // Whoever still sends must be able to read the answer before the connection goes.
  if (!request.complete) request.resume();
}

/** 421 (RFC 9110 15.5.20), without a word by which a page could tell this program from any other. */
function sendMisdirected(response: ServerResponse, { status, code, message }: Refusal): void {
  sendJson(
    response,
    status,
    { error: { message, type: 'invalid_request_error', param: null, code } },
    { 'x-should-retry': 'false', connection: 'close' },
  );
}

/** Sends what the guard refused, in the shape that an asker of this path understands. */
export function sendRefusal(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const { status, code, message } = refusal;
  if (status === 421) {
    sendMisdirected(response, refusal);
    return;
  }
  sendError(
    request,
    response,
    { kind: 'client', status, code, message: `unorouter: ${message}` },
    { 'x-should-retry': 'false' },
  );
}

/** Every handler has an owner: what it rejects with is a bug of ours, answered as one. */
export function answered(
  handled: Promise<unknown>,
  request: IncomingMessage,
  response: ServerResponse,
  onBug: (error: unknown) => void,
): void {
  handled.catch((error: unknown) => {
    if (!(error instanceof GatewayError)) onBug(error);
    sendError(request, response, toPivotError(error));
  });
}
