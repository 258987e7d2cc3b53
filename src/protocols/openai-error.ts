import type { FailureKind, PivotError } from '../pivot/index.ts';
import type { EncodedError } from './protocol.ts';
import { errorHeaders } from './vendor-error.ts';

/** What a client is told when the bytes stopped before the answer was over. */
export const TRUNCATED: PivotError = {
  kind: 'malformed',
  status: 502,
  code: 'upstream_cut',
  message: 'unorouter: the upstream broke off in the middle of its answer',
};

/** `type` and status of each kind of error; the code travels beside. */
const TYPES: Record<FailureKind, { type: string; code: string; status?: number }> = {
  auth: { type: 'authentication_error', code: 'invalid_api_key' },
  quota: { type: 'insufficient_quota', code: 'insufficient_quota', status: 429 },
  'rate-limit': { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  overloaded: { type: 'server_error', code: 'overloaded' },
  'context-too-long': { type: 'invalid_request_error', code: 'context_length_exceeded' },
  'bad-request': { type: 'invalid_request_error', code: 'bad_request' },
  'not-found': { type: 'invalid_request_error', code: 'not_found' },
  network: { type: 'server_error', code: 'upstream_unreachable' },
  timeout: { type: 'server_error', code: 'upstream_timeout' },
  malformed: { type: 'server_error', code: 'upstream_malformed' },
  config: { type: 'invalid_request_error', code: 'configuration', status: 400 },
  budget: { type: 'invalid_request_error', code: 'budget_reached', status: 400 },
  client: { type: 'invalid_request_error', code: 'bad_request' },
  internal: { type: 'server_error', code: 'internal', status: 500 },
};

/** 529 is Anthropic's own; everybody else says 503. */
export function openaiStatus(error: PivotError): number {
  const status = TYPES[error.kind].status ?? error.status;
  return status === 529 ? 503 : status;
}

/** `{ error: { message, type, param, code } }`. https://platform.openai.com/docs/guides/error-codes */
export function openaiError(error: PivotError): Record<string, unknown> {
  const row = TYPES[error.kind];
  return {
    message: error.message,
    type: error.type ?? row.type,
    param: error.param ?? null,
    code: error.code ?? row.code,
  };
}

/** An error before anything was sent. */
export function encodeError(error: PivotError): EncodedError {
  return {
    status: openaiStatus(error),
    headers: errorHeaders(error),
    body: JSON.stringify({ error: openaiError(error) }),
  };
}
