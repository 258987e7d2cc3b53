import type { IncomingHttpHeaders } from 'node:http';

/** One call of one provider, ready to be sent. */
export interface UpstreamRequest {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: Buffer | null;
  timeouts: UpstreamTimeouts;
  /** Over a new connection, none that was kept. */
  fresh?: boolean;
}

/** Durations in ms (reliability rule R8). */
export interface UpstreamTimeouts {
  headersMs: number;
  /** Longest silence between two chunks of the answer. */
  idleMs: number;
}

/** Who reads an answer's bytes. Exactly one of `end` and `error` is called, once, unless the answer was aborted. */
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
}

/** An upstream's answer once its headers are there. Redirects are answers like any other: never followed. */
export interface UpstreamResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: AnswerBody;
}

/** Sends a request and resolves when headers came. Rejects with an UpstreamFailure. */
export interface Transport {
  send(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse>;
}
