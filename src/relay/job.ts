import { GatewayError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import type { PivotError } from '../pivot/index.ts';
import { UpstreamFailure } from '../upstream/index.ts';
import type { AttemptFailure } from './decide.ts';
import type { Reading } from './tap.ts';
import type { Client, Inbound, RelayDeps } from './types.ts';

/** Everything that one request carries through its attempts. */
export interface Job {
  inbound: Inbound;
  client: Client;
  exchange: Exchange;
  deps: RelayDeps;
  /** ms since the request came. */
  elapsed(): number;
}

/** What one attempt came to. */
export type AttemptResult =
  | { type: 'answered'; cut: PivotError | null; reading: Reading }
  | { type: 'failed'; failure: AttemptFailure };

/** A failed attempt. */
export function failed(error: PivotError, extra?: Partial<AttemptFailure>): AttemptResult {
  return { type: 'failed', failure: { error, shouldRetry: null, retryAfter: null, unsent: false, ...extra } };
}

/** A failed attempt, from whatever was thrown on the way to an answer. */
export function failedBy(error: unknown, job: Job): AttemptResult {
  return failed(describe(error, job), { unsent: error instanceof UpstreamFailure && error.unsent });
}

/** An upstream's error without our keys: some repeat the key that they refuse, in any of its fields. */
export function masked(error: PivotError, job: Job): PivotError {
  const { mask } = job.deps;
  return {
    ...error,
    message: mask(error.message),
    ...(error.code === undefined ? {} : { code: mask(error.code) }),
    ...(error.type === undefined ? {} : { type: mask(error.type) }),
    ...(error.param === undefined ? {} : { param: mask(error.param) }),
  };
}

/** Whatever was thrown on the way to an answer, in words that a client may see. */
export function describe(error: unknown, job: Job): PivotError {
  if (error instanceof GatewayError) {
    const { code, kind, status, message, param } = error;
    return { code, kind, status, message, ...(param === undefined ? {} : { param }) };
  }
  if (error instanceof UpstreamFailure) {
    const code =
      error.reason === 'tls'
        ? 'tls_untrusted'
        : error.kind === 'timeout'
          ? 'upstream_timeout'
          : error.kind === 'malformed'
            ? 'upstream_malformed'
            : 'upstream_unreachable';
    return {
      kind: error.kind,
      status: error.status,
      code,
      message: `unorouter: ${job.deps.mask(error.message)}`,
    };
  }
  return {
    kind: 'internal',
    status: 500,
    code: 'internal',
    message: 'unorouter: a bug of ours stopped this request',
  };
}

/** What the codecs must know of this exchange. */
export function encodeContext(job: Job): { id: string; model: string; created: number; array: boolean } {
  return {
    id: job.exchange.id,
    model: job.inbound.model,
    created: Math.floor(job.exchange.time / 1000),
    array: job.inbound.protocol === 'gemini' && job.inbound.stream && job.inbound.query === '',
  };
}
