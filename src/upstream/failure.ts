import type { FailureKind } from '../pivot/index.ts';

/** A call that gave no usable answer: no connection, no headers, or bytes that are not HTTP. */
export class UpstreamFailure extends Error {
  readonly kind: FailureKind;
  /** HTTP status for the client when every attempt fails this way. */
  readonly status: number;
  /** `refused`, `dns`, `tls`, `reset`, `timeout-connect`, `timeout-headers`, `timeout-idle`, `malformed`, `aborted`. */
  readonly reason: string;
  /** true = not a byte of the request can have been worked on, so it cannot have been billed. */
  readonly unsent: boolean;

  constructor(
    fields: { kind: FailureKind; status: number; reason: string; message: string; unsent: boolean },
    cause?: unknown,
  ) {
    super(fields.message, cause === undefined ? undefined : { cause });
    this.name = 'UpstreamFailure';
    this.kind = fields.kind;
    this.status = fields.status;
    this.reason = fields.reason;
    this.unsent = fields.unsent;
  }
}

interface Row {
  kind: FailureKind;
  status: number;
  reason: string;
  unsent: boolean;
  say: string;
}

const REFUSED: Row = {
  kind: 'network',
  status: 502,
  reason: 'refused',
  unsent: true,
  say: 'refused the connection',
};
const DNS: Row = { kind: 'network', status: 502, reason: 'dns', unsent: true, say: 'was not found (DNS)' };
const CONNECT_TIMEOUT: Row = {
  kind: 'timeout',
  status: 504,
  reason: 'timeout-connect',
  unsent: true,
  say: 'did not accept a connection in time',
};
const UNREACHABLE: Row = {
  kind: 'network',
  status: 502,
  reason: 'unreachable',
  unsent: true,
  say: 'cannot be reached',
};
const RESET: Row = {
  kind: 'network',
  status: 502,
  reason: 'reset',
  unsent: false,
  say: 'closed the connection without an answer',
};
const MALFORMED: Row = {
  kind: 'malformed',
  status: 502,
  reason: 'malformed',
  unsent: false,
  say: 'sent something that is not HTTP',
};
const TLS: Row = {
  kind: 'network',
  status: 502,
  reason: 'tls',
  unsent: true,
  say: 'has a TLS certificate that is not trusted',
};

/** Error codes of Node, OpenSSL and undici to what they mean for us. */
const ROWS: ReadonlyMap<string, Row> = new Map([
  ['ECONNREFUSED', REFUSED],
  ['ENOTFOUND', DNS],
  ['EAI_AGAIN', DNS],
  ['UND_ERR_CONNECT_TIMEOUT', CONNECT_TIMEOUT],
  ['ETIMEDOUT', CONNECT_TIMEOUT],
  ['EHOSTUNREACH', UNREACHABLE],
  ['ENETUNREACH', UNREACHABLE],
  ['EADDRNOTAVAIL', UNREACHABLE],
  ['ECONNRESET', RESET],
  ['EPIPE', RESET],
  ['UND_ERR_SOCKET', RESET],
  ['UND_ERR_HEADERS_OVERFLOW', MALFORMED],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', MALFORMED],
  ['Z_DATA_ERROR', MALFORMED],
  ['Z_BUF_ERROR', MALFORMED],
  ['ERR_BROTLI_DECODER_ERROR', MALFORMED],
]);

function rowOf(code: string): Row {
  if (code.startsWith('HPE_')) return MALFORMED;
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO_/.test(code)) return TLS;
  return ROWS.get(code) ?? RESET;
}

/** Classifies whatever a socket, TLS or undici threw. The host is named, never a key. */
export function classifyFailure(error: unknown, host: string): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  // undici's parser does not always name the code of what it refuses.
  const unreadable = cause instanceof Error && cause.name === 'HTTPParserError';
  const row = unreadable ? MALFORMED : rowOf(code);
  return new UpstreamFailure({ ...row, message: `${host} ${row.say}${code ? ` (${code})` : ''}` }, error);
}

/** A timer of ours ran out. */
export function timedOut(
  host: string,
  reason: 'timeout-headers' | 'timeout-idle',
  ms: number,
): UpstreamFailure {
  const what = reason === 'timeout-headers' ? 'did not answer' : 'fell silent';
  return new UpstreamFailure({
    kind: 'timeout',
    status: 504,
    reason,
    unsent: false,
    message: `${host} ${what} for ${Math.round(ms / 1000)} s`,
  });
}
