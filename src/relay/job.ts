import { GatewayError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { memberValue } from '../json-scan.ts';
import type { PivotError, PivotRequest } from '../pivot/index.ts';
import type { EncodeContext } from '../protocols/protocol.ts';
import type { Plan, Target } from '../router/index.ts';
import { UpstreamFailure } from '../upstream/index.ts';
import type { Calibration } from './calibration.ts';
import type { Conversations } from './conversations.ts';
import type { AttemptFailure, WireFailure } from './decide.ts';
import type { Ending } from './ending.ts';
import type { Estimate } from './estimate.ts';
import type { Leaving } from './leaving.ts';
import type { Memory } from './memory.ts';
import type { Reading } from './reading.ts';
import type { Repair, Repairs } from './repair.ts';
import type { Client, Inbound, RelayDeps } from './types.ts';

/** A client whose head is sent once, however often it is asked for. */
export interface JobClient extends Client {
  /** The head is sent: from here on errors are frames of the stream. */
  begun(): boolean;
  /** From now on a client to which nothing else is written gets the head and a sign of life now and then; null = no more. */
  keepAlive(sign: { head(): void; frame: string } | null): void;
}

/** What the relay remembers from one request to the next, in this process only. */
export interface RelayMemory {
  thoughts: Memory;
  conversations: Conversations;
  repairs: Repairs;
  leaving: Leaving;
  counts: Calibration;
}

/** Everything that one request carries through its attempts. */
export interface Job {
  inbound: Inbound;
  plan: Plan;
  client: JobClient;
  exchange: Exchange;
  /** The exchange's one end. */
  ending: Ending;
  deps: RelayDeps;
  /** What earlier requests left behind. */
  memory: RelayMemory;
  /** What is done differently at a target after its refusal; at most one thing in a request. */
  repair: { target: Target; repair: Repair } | null;
  /** The request holds opaque values that another family made (they came through us). */
  foreignSeals: boolean;
  /** The client's request between the wires; read once, when it is first needed. @throws GatewayError 400 */
  request(): PivotRequest;
  /** Whether `request()` has been called: what is read anyway may be looked at more closely. */
  isRead(): boolean;
  /** The tokens of `request()`; worked out once, when it is first needed. @throws GatewayError 400 */
  estimate(): Estimate;
  /** Tokens of the request as a guess by its bytes; worked out once, when it is first needed. */
  inputEstimate(): number;
  /** ms since the request came. */
  elapsed(): number;
}

/** What one attempt came to. */
export type AttemptResult =
  | {
      type: 'answered';
      cut: PivotError | null;
      reading: Reading;
      /** The client had gone before the end of the answer, which was read for its usage only. */
      left?: boolean;
      /** It stands on the bill already: an answer's head tells what it cost. */
      billed?: boolean;
    }
  | FailedAttempt;

/** It gave no answer that could be used. */
export interface FailedAttempt {
  type: 'failed';
  failure: AttemptFailure;
  /** What had been read of an answer that failed before anything of it reached the client. */
  reading?: Reading;
}

/** A failed attempt. */
export function failed(error: PivotError, extra?: Partial<AttemptFailure>): AttemptResult {
  return {
    type: 'failed',
    failure: { error, wire: null, shouldRetry: null, retryAfter: null, unsent: false, ...extra },
  };
}

/** What the reason of an upstream failure means for another try; what is not here is lost. */
const WIRE: ReadonlyMap<string, WireFailure> = new Map([
  ['refused', 'connect'],
  ['dns', 'connect'],
  ['unreachable', 'connect'],
  ['reset', 'reset'],
  ['stale', 'stale'],
]);

/** A failed attempt, from whatever was thrown on the way to an answer. */
export function failedBy(error: unknown, job: Job): AttemptResult {
  // Our own refusals come before a call; only our end breaks one off.
  const unsent =
    error instanceof GatewayError
      ? error.code !== 'shutting_down'
      : error instanceof UpstreamFailure && error.unsent;
  const wire = error instanceof UpstreamFailure ? (WIRE.get(error.reason) ?? 'lost') : null;
  return failed(describe(error, job), { unsent, wire });
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
export function encodeContext({ inbound, exchange }: Job): EncodeContext & { array: boolean } {
  return {
    id: exchange.id,
    model: inbound.model,
    created: Math.floor(exchange.time / 1000),
    array: inbound.protocol === 'gemini' && inbound.stream && inbound.query === '',
    includeUsage: asksUsage(inbound),
  };
}

/** The client wants the frame with the usage (Chat). */
function asksUsage({ bytes, scanned }: Inbound): boolean {
  const options = scanned ? memberValue(bytes, scanned, 'stream_options') : undefined;
  return (
    typeof options === 'object' &&
    options !== null &&
    'include_usage' in options &&
    options.include_usage === true
  );
}
