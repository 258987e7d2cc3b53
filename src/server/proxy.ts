import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bodies } from '../bodies/index.ts';
import { GatewayError } from '../errors.ts';
import type { Exchange, Recorder } from '../exchange.ts';
import type { PivotError } from '../pivot/index.ts';
import type { CacheDoctor } from '../prompt-cache/index.ts';
import { protocolOf } from '../protocols/index.ts';
import type { Client, Inbound, Relay } from '../relay/index.ts';
import type { Plan } from '../router/index.ts';
import { type AdmissionDeps, admit } from './admission.ts';
import { attribute, type Guesser, type Names } from './attribution/index.ts';
import { decodeBody, readBody } from './body.ts';
import { createClient } from './client.ts';
import type { Endpoint, GeminiCall } from './endpoints.ts';
import { type Admission, checkContentType } from './guard.ts';
import { readGeminiInbound, readInbound } from './inbound.ts';
import { begin, heard } from './recorded.ts';
import { sendError, toPivotError } from './respond.ts';

/** What proxied requests need. */
export interface ProxyDeps extends AdmissionDeps {
  relay: Relay;
  /** Resolves once the catalog can answer; after the first time at once. */
  ready(): Promise<void>;
  recorder: Recorder;
  guesser: Guesser;
  cacheDoctor: CacheDoctor;
  bodies: Pick<Bodies, 'begin'>;
  /** A request has ended; its body had so many bytes. */
  sweep(bytes: number): void;
  newId(): string;
  now(): number;
  /** A bug of ours: told to the operator, never to the client. */
  onBug(error: unknown): void;
}

/** Serves one proxied request from body to recorded exchange. Never rejects: every failure becomes an answer. */
export async function proxy(
  request: IncomingMessage,
  response: ServerResponse,
  admission: Admission,
  target: { endpoint: Endpoint } | { call: GeminiCall },
  deps: ProxyDeps,
): Promise<void> {
  try {
    const wrongType = checkContentType(request, 'endpoint' in target ? target.endpoint.body : 'json');
    if (wrongType) {
      throw new GatewayError({
        code: 'unsupported_media_type',
        kind: 'client',
        status: 415,
        message: `unorouter: ${wrongType.message}`,
      });
    }
    const bytes = await decodeBody(await readBody(request), request.headers['content-encoding']);
    const inbound =
      'call' in target
        ? readGeminiInbound(request, bytes, target.call)
        : readInbound(request, bytes, target.endpoint);
    await relayed(inbound, request, response, admission, deps);
    deps.sweep(bytes.length);
  } catch (error) {
    // A request that broke off is nobody's bug; one that was read to its end is destroyed, too.
    const brokeOff = request.destroyed && !request.complete;
    if (!(error instanceof GatewayError) && !brokeOff) deps.onBug(error);
    sendError(request, response, toPivotError(error), NOT_SERVED);
  }
}

/** What every answer says of its exchange, where nobody was called. */
const NOT_SERVED = {
  'x-unorouter-served': 'none',
  'x-unorouter-attempts': '0',
  'x-unorouter-cost': '0',
  'x-unorouter-dropped': 'none',
} as const;

/** Not async: a stream that is open holds as little as can be. */
function relayed(
  inbound: Inbound,
  request: IncomingMessage,
  response: ServerResponse,
  admission: Admission,
  deps: ProxyDeps,
): Promise<void> {
  const exchange = newExchange(inbound, attribute(request.headers, admission), deps);
  deps.guesser.begin(exchange, request.socket);
  const recording = begin(inbound, exchange, request, deps.bodies);
  const client = heard(createClient(response, inbound.bytes.length), recording);
  const served = serveInbound(inbound, exchange, client, deps);
  return recording ? served.finally(() => recording.finish(exchange.outcome !== 'ok')) : served;
}

/** Plans a request, refuses it or has it served, and records it: everything but reading it off a connection. */
export async function serveInbound(
  inbound: Inbound,
  exchange: Exchange,
  client: Client,
  deps: ProxyDeps,
): Promise<void> {
  await deps.ready();
  let planned: Plan;
  try {
    planned = await admit(inbound, exchange, client.signal, deps);
  } catch (error) {
    if (!(error instanceof GatewayError)) deps.onBug(error);
    refuse(inbound, exchange, toPivotError(error), client, deps);
    return;
  }
  if (inbound.scanned) deps.cacheDoctor.begin(exchange, { bytes: inbound.bytes, scanned: inbound.scanned });
  try {
    await deps.relay(inbound, planned, exchange, client);
  } finally {
    deps.budgets.release(exchange.id);
  }
}

/** Nobody can serve it: the answer in the client's protocol, and a row that says why. */
function refuse(
  inbound: Inbound,
  exchange: Exchange,
  error: PivotError,
  client: Client,
  deps: ProxyDeps,
): void {
  const encoded = protocolOf(inbound.protocol).encodeError(error, {
    stream: inbound.stream,
    id: exchange.id,
    model: inbound.model,
    created: Math.floor(exchange.time / 1000),
  });
  Object.assign(exchange, {
    status: encoded.status,
    outcome: 'error',
    errorCode: error.code ?? error.kind,
    errorMessage: error.message,
    cost: { nanoUsd: 0, state: 'none', source: null },
    // The clock may have been put back meanwhile.
    totalMs: Math.max(0, deps.now() - exchange.time),
  } satisfies Partial<Exchange>);
  deps.recorder.open({ ...exchange, outcome: 'open' });
  deps.recorder.finish(exchange);
  const body = Buffer.from(encoded.body);
  client.head(encoded.status, {
    'content-length': String(body.length),
    'x-unorouter-id': exchange.id,
    ...encoded.headers,
    ...NOT_SERVED,
  });
  client.write(body);
  client.end();
}

/** The record of a request that nobody has served yet. */
export function newExchange(
  inbound: Inbound,
  names: Names,
  deps: Pick<ProxyDeps, 'newId' | 'now'>,
): Exchange {
  return {
    id: deps.newId(),
    time: deps.now(),
    ...names,
    protocol: inbound.protocol,
    endpoint: inbound.endpoint,
    stream: inbound.stream,
    asked: inbound.model,
    provider: null,
    model: null,
    rule: 'default',
    status: null,
    outcome: 'open',
    usage: {},
    usageSource: 'none',
    cost: { nanoUsd: null, state: 'unknown', source: null },
    ttftMs: null,
    totalMs: null,
    attempts: [],
    losses: [],
    errorCode: null,
    errorMessage: null,
    demo: false,
  };
}
