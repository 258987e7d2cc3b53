import type { IncomingHttpHeaders } from 'node:http';
import type { Signal } from '../signal.ts';

/** One call of one provider, ready to be sent. */
export interface UpstreamRequest {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  /** Its parts; they are sent as they are, without being put together. */
  body: readonly Buffer[] | null;
  timeouts: UpstreamTimeouts;
  /** It must travel on a connection that never carried another call: the last one was stale. */
  fresh?: boolean;
}

/** Durations in ms (reliability rule R8). */
export interface UpstreamTimeouts {
  /** Until there is a connection, TLS included. Default 5 s. */
  connectMs?: number;
  /** From when the request is sent until the answer's headers. */
  headersMs: number;
  /** From the headers until the first byte of the answer. Default: as `headersMs`. */
  firstContentMs?: number;
  /** Longest silence between two chunks of the answer. */
  idleMs: number;
}

/** Who reads an answer's bytes. Exactly one of `end` and `error` is called, once, unless the answer was aborted. What it throws comes back to its own `error`. */
export interface Sink {
  data(chunk: Buffer): void;
  end(): void;
  error(error: Error): void;
}

/** The bytes of an answer, pushed. Nothing is lost before `pipe`: what came early waits. */
export interface AnswerBody {
  pipe(sink: Sink): void;
  pause(): void;
  resume(): void;
  /** Ends the call and closes its connection. Idempotent; the sink hears nothing afterwards. */
  abort(): void;
  /** A sink was told of an error: the answer broke off. */
  broke(): boolean;
}

/** An upstream's answer once its headers are there. Redirects are answers like any other: never followed. */
export interface UpstreamResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: AnswerBody;
}

/**
 * Sends a request and resolves when headers came. Rejects with an UpstreamFailure; or, when the signal is aborted with a
 * GatewayError for a reason, with that one, which an answer's reader hears, too.
 */
export interface Transport {
  send(request: UpstreamRequest, signal: Signal): Promise<UpstreamResponse>;
}
