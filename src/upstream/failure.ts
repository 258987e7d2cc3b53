import type { FailureKind } from '../pivot/index.ts';

/** A call that gave no usable answer: no connection, no headers, or bytes that are not HTTP. */
export class UpstreamFailure extends Error {
  readonly kind: FailureKind;
  /** HTTP status for the client when every attempt fails this way. */
  readonly status: number;
  /**
   * `refused`, `dns`, `unreachable`, `proxy`, `tls`, `stale`, `reset`, `timeout-connect`, `timeout-headers`,
   * `timeout-idle`, `malformed`, `unsendable`, `aborted`.
   */
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

const network = (reason: string, unsent: boolean, say: string): Row => ({
  kind: 'network',
  status: 502,
  reason,
  unsent,
  say,
});
const timeout = (reason: string, unsent: boolean, say: string): Row => ({
  kind: 'timeout',
  status: 504,
  reason,
  unsent,
  say,
});

const DNS = network('dns', true, 'was not found (DNS)');
const UNREACHABLE = network('unreachable', true, 'cannot be reached');
const OUT_OF_FILES = network('unreachable', true, 'cannot be reached: too many files are open on this side');
const CONNECT_TIMEOUT = timeout('timeout-connect', true, 'did not accept a connection in time');
const TLS = network('tls', true, 'has a TLS certificate that is not trusted');
const NO_TLS = network('tls', true, 'does not speak TLS as it should');
const STALE = network('stale', true, 'had closed the connection that was kept open');
const RESET = network('reset', false, 'closed the connection without an answer');
const MALFORMED: Row = {
  kind: 'malformed',
  status: 502,
  reason: 'malformed',
  unsent: false,
  say: 'sent something that is not HTTP',
};
const UNSENDABLE: Row = {
  kind: 'config',
  status: 400,
  reason: 'unsendable',
  unsent: true,
  say: 'cannot be asked: a header or the path is not valid HTTP',
};

/** Error codes of Node, OpenSSL and undici to what they mean for us. */
const ROWS: ReadonlyMap<string, Row> = new Map([
  ['ECONNREFUSED', network('refused', true, 'refused the connection')],
  ['ENOTFOUND', DNS],
  ['ENODATA', DNS],
  ['UND_ERR_CONNECT_TIMEOUT', CONNECT_TIMEOUT],
  ['ETIMEDOUT', CONNECT_TIMEOUT],
  ['EHOSTUNREACH', UNREACHABLE],
  ['ENETUNREACH', UNREACHABLE],
  ['EADDRNOTAVAIL', UNREACHABLE],
  ['EMFILE', OUT_OF_FILES],
  ['ENFILE', OUT_OF_FILES],
  // A tunnel that the proxy did not open.
  ['UND_ERR_ABORTED', network('proxy', true, 'cannot be reached: the proxy refused to connect to it')],
  ['ECONNRESET', RESET],
  ['EPIPE', RESET],
  ['UND_ERR_SOCKET', RESET],
  ['EPROTO', NO_TLS],
  ['UND_ERR_HEADERS_OVERFLOW', MALFORMED],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', MALFORMED],
  ['UND_ERR_INVALID_ARG', UNSENDABLE],
  ['Z_DATA_ERROR', MALFORMED],
  ['Z_BUF_ERROR', MALFORMED],
  ['ERR_BROTLI_DECODER_ERROR', MALFORMED],
]);

/** Codes that come in families. */
const FAMILIES: readonly [RegExp, Row][] = [
  [/^HPE_/, MALFORMED],
  [/^EAI_/, DNS],
  [/^ERR_SSL_/, NO_TLS],
  [/CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_|UND_ERR_PRX_TLS/, TLS],
];

function rowOf(code: string): Row {
  return ROWS.get(code) ?? FAMILIES.find(([family]) => family.test(code))?.[1] ?? RESET;
}

/** How far a call had come when it failed. */
export interface Progress {
  /** There was a connection, and the request was being written. */
  begun: boolean;
  /** The connection had been kept open and gave not one byte. */
  stale: boolean;
}

function rowAt(row: Row, { begun, stale }: Progress): Row {
  if (!begun) return row.unsent ? row : { ...row, unsent: true };
  // A connection that there was cannot have been refused: it was lost.
  const lost = row.reason === 'tls' || !row.unsent ? row : RESET;
  return stale && lost === RESET ? STALE : lost;
}

/** Classifies whatever a socket, TLS or undici threw. The host is named, never a key. */
export function classifyFailure(error: unknown, host: string, progress: Progress): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  // undici's parser does not always name the code of what it refuses.
  const unreadable = cause instanceof Error && cause.name === 'HTTPParserError';
  const row = rowAt(unreadable ? MALFORMED : rowOf(code), progress);
  return new UpstreamFailure({ ...row, message: `${host} ${row.say}${code ? ` (${code})` : ''}` }, error);
}

const TIMEOUTS = {
  'timeout-connect': timeout('timeout-connect', true, 'did not accept a connection'),
  'timeout-headers': timeout('timeout-headers', false, 'did not answer'),
  'timeout-idle': timeout('timeout-idle', false, 'fell silent'),
};

/** A timer of ours ran out. */
export function timedOut(host: string, reason: keyof typeof TIMEOUTS, ms: number): UpstreamFailure {
  const { say, ...row } = TIMEOUTS[reason];
  const time = ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
  return new UpstreamFailure({ ...row, message: `${host} ${say} for ${time}` });
}

/** The caller lost interest. */
export function leftBehind(): UpstreamFailure {
  return new UpstreamFailure({
    kind: 'network',
    status: 499,
    reason: 'aborted',
    unsent: false,
    message: 'the client went away',
  });
}
