import type { FailureKind } from './pivot/index.ts';

/** Codes of errors that we make ourselves. Stable: scripts and searches use them. */
export type ErrorCode =
  | 'no_provider_key'
  | 'key_refused'
  | 'keychain_locked'
  | 'no_keychain'
  | 'unknown_model'
  | 'unknown_provider'
  | 'provider_disabled'
  | 'protocol_not_served'
  | 'context_too_long'
  | 'capability_missing'
  | 'would_drop'
  | 'invalid_request'
  | 'previous_response_not_found'
  | 'config_invalid'
  | 'proxy_loop'
  | 'budget_reached'
  | 'all_upstreams_failed'
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'tls_untrusted'
  | 'upstream_malformed'
  | 'upstream_cut'
  | 'invalid_json'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'unsupported_encoding'
  | 'host_refused'
  | 'origin_refused'
  | 'token_refused'
  | 'not_found'
  | 'method_not_allowed'
  | 'websocket_not_served'
  | 'shutting_down'
  | 'internal';

/** An error of a proxied request that a client will see in its own protocol. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly kind: FailureKind;
  /** HTTP status; protocols map it for user-only kinds (`config`, `budget`). */
  readonly status: number;
  readonly param: string | undefined;

  constructor(
    fields: { code: ErrorCode; kind: FailureKind; status: number; message: string; param?: string },
    cause?: unknown,
  ) {
    super(fields.message, cause === undefined ? undefined : { cause });
    this.name = 'GatewayError';
    this.code = fields.code;
    this.kind = fields.kind;
    this.status = fields.status;
    this.param = fields.param;
  }
}

/** Exit codes of the command line, documented in `unorouter help exit-codes`. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  config: 3,
  key: 4,
  notRunning: 5,
  portInUse: 6,
  upstream: 7,
  budget: 8,
  nothingFound: 9,
  bug: 70,
  /** Of `run`, like a shell's. */
  notInstalled: 127,
} as const;

/** An error of a command: what happened, why, and one or two commands that fix it. `{cmd}` in a fix becomes the program's own prefix. */
export class UserError extends Error {
  readonly code: string;
  readonly exit: number;
  readonly why: string | undefined;
  readonly fix: readonly string[];

  constructor(fields: {
    code: string;
    exit: number;
    message: string;
    why?: string;
    fix?: readonly string[];
  }) {
    super(fields.message);
    this.name = 'UserError';
    this.code = fields.code;
    this.exit = fields.exit;
    this.why = fields.why;
    this.fix = fields.fix ?? [];
  }
}
