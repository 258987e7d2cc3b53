import type { FailureKind, PivotError } from '../../pivot/index.ts';
import { frame } from '../frame.ts';
import type { EncodedError } from '../protocol.ts';
import { errorHeaders } from '../vendor-error.ts';

type Json = Record<string, unknown>;

/** google.rpc.Code names. https://cloud.google.com/apis/design/errors */
const ERRORS: Record<FailureKind, { word: string; status?: number }> = {
  auth: { word: 'UNAUTHENTICATED' },
  quota: { word: 'RESOURCE_EXHAUSTED', status: 429 },
  'rate-limit': { word: 'RESOURCE_EXHAUSTED' },
  overloaded: { word: 'UNAVAILABLE', status: 503 },
  'context-too-long': { word: 'INVALID_ARGUMENT' },
  'bad-request': { word: 'INVALID_ARGUMENT' },
  'not-found': { word: 'NOT_FOUND' },
  network: { word: 'UNAVAILABLE', status: 503 },
  timeout: { word: 'DEADLINE_EXCEEDED' },
  malformed: { word: 'INTERNAL' },
  config: { word: 'FAILED_PRECONDITION', status: 400 },
  budget: { word: 'FAILED_PRECONDITION', status: 400 },
  client: { word: 'INVALID_ARGUMENT' },
  internal: { word: 'INTERNAL', status: 500 },
};

function errorValue(error: PivotError): { status: number; value: Json } {
  const row = ERRORS[error.kind];
  const status = row.status ?? (error.status === 529 ? 503 : error.status);
  const wait = error.kind === 'rate-limit' && error.retryAfterMs !== undefined;
  const details = wait
    ? [
        {
          '@type': 'type.googleapis.com/google.rpc.RetryInfo',
          retryDelay: `${(error.retryAfterMs ?? 0) / 1000}s`,
        },
      ]
    : [];
  return {
    status,
    value: {
      error: {
        code: status,
        message: error.message,
        status: row.word,
        ...(details.length > 0 ? { details } : {}),
      },
    },
  };
}

/** An error before anything was sent. */
export function encodeError(error: PivotError): EncodedError {
  const { status, value } = errorValue(error);
  return { status, headers: errorHeaders(error), body: JSON.stringify(value) };
}

/** The frame that ends a stream that broke; no finishReason follows. `first` = nothing of an array was sent yet. */
export function encodeStreamError(error: PivotError, form: { array?: boolean }, first = false): string {
  const { value } = errorValue(error);
  return form.array ? `${first ? '[' : ',\n'}${JSON.stringify(value)}]` : frame(value);
}
