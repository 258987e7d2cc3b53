import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { GatewayError } from '../errors.ts';
import { createMemo } from '../memo.ts';
import { createNewest } from '../newest.ts';
import type { Signal } from '../signal.ts';
import { type BodyControls, type BodyWriter, createBody } from './answer-body.ts';
import type { Caller, Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import { classifyFailure, leftBehind, timedOut } from './failure.ts';
import { inflated } from './inflate.ts';
import { createPatientTimer, type PatientTimer } from './patient-timer.ts';
import type { Transport, UpstreamRequest, UpstreamResponse, UpstreamTimeouts } from './types.ts';

/** Used for calls that say nothing about it. */
const CONNECT_MS = 5_000;

const newest = createNewest<Call>();

/** Sends requests over undici's `dispatch`: no redirects, no inflating, no Web streams (0.16 ms a call against 0.47 of fetch). */
export function createTransport(connections: Connections): Transport {
  const addresses = createMemo(MOST_ADDRESSES, addressOf);
  return {
    send: (request, signal) =>
      new Promise<UpstreamResponse>((resolve, reject) => {
        if (signal.aborted) return reject(reasonOf(signal));
        const { origin, host, path } = addresses.of(request.url);
        const call = newest(new Call(host, request.timeouts, signal, resolve, reject), sizeOf(request.body));
        connections.dispatch(
          { origin, path, method: request.method, caller: call, ...payloadOf(request) },
          call,
          request.fresh === true,
        );
      }),
  };
}

/** An address as undici wants it. */
interface Address {
  origin: string;
  host: string;
  path: string;
}

/** Gemini's hold the model's name, so there is no end to them. */
const MOST_ADDRESSES = 500;

function addressOf(url: string): Address {
  const { origin, host, pathname, search } = new URL(url);
  return { origin, host, path: pathname + search };
}

/** Bytes of a body's parts. */
function sizeOf(body: UpstreamRequest['body']): number {
  return body ? body.reduce((sum, { length }) => sum + length, 0) : 0;
}

/** One part is a body; several are sent one after the other, of a length that undici is told. */
function payloadOf({ body, headers }: UpstreamRequest): Pick<Dispatcher.DispatchOptions, 'body' | 'headers'> {
  if (body === null || body.length < 2) return { body: body?.[0] ?? null, headers };
  // undici sends whatever is an iterable of bytes; its types do not say so.
  const iterable = body as unknown as Buffer;
  return { body: iterable, headers: { 'content-length': String(sizeOf(body)), ...headers } };
}

/** Why a caller left: its client did, unless it says so in words for the client. */
function reasonOf(signal: Signal): Error {
  return signal.reason instanceof GatewayError ? signal.reason : leftBehind();
}

/** What a call waits for, and how long that may take, in ms. */
type Wait = { reason: 'timeout-connect' | 'timeout-headers' | 'timeout-idle'; ms: number };

/**
 * The life of one call, as undici tells it: waiting for a connection, for headers, then a body that is pushed into a sink.
 * One object and one timer: most calls go over an open connection, and the first wait is over at once.
 */
class Call implements Dispatcher.DispatchHandler, Caller, BodyControls {
  readonly idleMs: number;
  readonly timer: PatientTimer;
  private readonly host: string;
  private readonly timeouts: UpstreamTimeouts;
  private readonly signal: Signal;
  private readonly resolve: (response: UpstreamResponse) => void;
  private readonly reject: (error: Error) => void;
  private readonly onAbort: () => void;
  private connection: Connection | null = null;
  private controller: Dispatcher.DispatchController | null = null;
  private aborted = false;
  private body: BodyWriter | null = null;

  constructor(
    host: string,
    timeouts: UpstreamTimeouts,
    signal: Signal,
    resolve: (response: UpstreamResponse) => void,
    reject: (error: Error) => void,
  ) {
    this.host = host;
    this.timeouts = timeouts;
    this.idleMs = timeouts.idleMs;
    this.signal = signal;
    this.resolve = resolve;
    this.reject = reject;
    // Whoever reads hears of it, so that nobody waits for ever.
    const onAbort = (): void => this.give(reasonOf(signal));
    this.onAbort = onAbort;
    signal.addEventListener('abort', onAbort, { once: true });
    this.timer = createPatientTimer(this.waits().ms, () => this.onTimeout());
  }

  onConnection(connection: Connection): void {
    this.connection = connection;
  }

  onRequestStart(started: Dispatcher.DispatchController): void {
    this.controller = started;
    this.connection?.begin();
    if (this.aborted) {
      started.abort(new Error('aborted'));
      return;
    }
    this.timer.restart(this.waits().ms);
  }

  onResponseStart(
    _started: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return;
    const body = createBody(this);
    this.body = body;
    body.started(this.timeouts.firstContentMs ?? this.timeouts.headersMs);
    this.resolve(inflated({ status, headers, body: body.answer }));
  }

  onResponseData(_started: Dispatcher.DispatchController, chunk: Buffer): void {
    this.body?.data(chunk);
  }

  onResponseEnd(): void {
    this.signal.removeEventListener('abort', this.onAbort);
    this.body?.end();
  }

  onResponseError(_started: Dispatcher.DispatchController, error: Error): void {
    this.signal.removeEventListener('abort', this.onAbort);
    const progress = { begun: this.controller !== null, stale: this.connection?.stale() ?? false };
    if (!this.aborted) this.fail(classifyFailure(error, this.host, progress));
  }

  pause(): void {
    this.controller?.pause();
  }

  resume(): void {
    this.controller?.resume();
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.timer.stop();
    this.body?.close();
    const error = new Error('aborted');
    if (this.controller) this.controller.abort(error);
    else this.connection?.giveUp(error);
  }

  private waits(): Wait {
    if (this.body) return { reason: 'timeout-idle', ms: this.body.limitMs() };
    if (this.controller) return { reason: 'timeout-headers', ms: this.timeouts.headersMs };
    return { reason: 'timeout-connect', ms: this.timeouts.connectMs ?? CONNECT_MS };
  }

  private onTimeout(): void {
    const { reason, ms } = this.waits();
    this.give(timedOut(this.host, reason, ms));
  }

  /** Ends it with this error. */
  private give(error: Error): void {
    this.fail(error);
    this.abort();
  }

  private fail(error: Error): void {
    this.timer.stop();
    if (this.body) this.body.error(error);
    else this.reject(error);
  }
}
