import type { PivotError } from '../pivot/index.ts';
import type { Repair } from './repair.ts';

/**
 * What happened on the wire when no answer came: no connection; a reset before any byte; a kept connection that had been
 * closed already; anything that is not worth another try at the same place (timeouts, TLS, what is not HTTP, an answer
 * that broke off).
 */
export type WireFailure = 'connect' | 'reset' | 'stale' | 'lost';

/** Why an attempt gave no answer that could be used, and what the upstream wants done about it. */
export interface AttemptFailure {
  error: PivotError;
  /** null = the upstream answered, and that answer is the failure; or it was never called. */
  wire: WireFailure | null;
  /** The upstream's own `x-should-retry`; null when it did not say. */
  shouldRetry: boolean | null;
  /** The original `retry-after` text, passed on when we give up. */
  retryAfter: string | null;
  /** Not a byte of the request can have been worked on. */
  unsent: boolean;
  /** What could be done about it at the same target (translated requests only). */
  repair?: Repair;
}

/** Where a request stands when an attempt has failed. */
export interface Standing {
  failure: AttemptFailure;
  /** Attempts made at this target. */
  attemptsHere: number;
  /** So many of them were reset, this one included. */
  resetsHere: number;
  /** This is the first target of the plan. */
  firstTarget: boolean;
  moreTargets: boolean;
  elapsedMs: number;
  retry: { attempts: number; deadlineMs: number };
  /** 0 <= r < 1, for jitter. */
  random: number;
}

/** What to do next. */
export type Decision = { do: 'retry'; waitMs: number } | { do: 'next' } | { do: 'stop' };

/** Longest wait that we obey; a longer one goes to the client with its header. */
const OBEYED_MS = 10_000;
const BASE_MS = 500;
/** Nobody is there to be spared: whoever waits for a server that is off shall hear of it within a second. */
const CONNECT_BASE_MS = 200;
const CAP_MS = 8_000;
const RETRIED_KINDS: ReadonlySet<PivotError['kind']> = new Set<PivotError['kind']>([
  'rate-limit',
  'overloaded',
  'network',
  'malformed',
]);
/** Statuses of rule R2 that do not follow from the kind. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([408, 409, 500, 502, 503, 504, 529]);
/** A problem of the request itself: another target would say the same. */
const FINAL_KINDS: ReadonlySet<PivotError['kind']> = new Set<PivotError['kind']>(['bad-request', 'client']);
/** Stays so at this target; another one may have a larger window, or quota. */
const FIRM_KINDS: ReadonlySet<PivotError['kind']> = new Set<PivotError['kind']>([
  ...FINAL_KINDS,
  'context-too-long',
  'quota',
]);
/** Our own timers, and certificates: the next try would end the same way. */
const FIRM_CODES: ReadonlySet<string> = new Set(['tls_untrusted', 'upstream_timeout']);

function mayRetry({ failure, resetsHere }: Standing): boolean {
  const { error, shouldRetry, wire } = failure;
  // A refused key stays so, whatever is said about trying again.
  if (error.kind === 'config' || wire === 'lost' || FIRM_CODES.has(error.code ?? '')) return false;
  // It may have been worked on: once more, not more often.
  if (wire === 'reset' || wire === 'stale') return resetsHere <= 1;
  if (shouldRetry !== null) return shouldRetry;
  if (FIRM_KINDS.has(error.kind)) return false;
  return RETRIED_KINDS.has(error.kind) || RETRIED_STATUSES.has(error.status);
}

/** What to do when there is no other try at this target. */
export function leave({ failure, moreTargets }: Standing): Decision {
  return moreTargets && !FINAL_KINDS.has(failure.error.kind) ? { do: 'next' } : { do: 'stop' };
}

/** Rules R2 to R4 as a pure function: retry here, go to the next target, or give up. */
export function decide(standing: Standing): Decision {
  const { failure, retry, attemptsHere } = standing;
  // We end: nobody is asked any more.
  if (failure.error.code === 'shutting_down') return { do: 'stop' };
  const allowed = standing.firstTarget ? retry.attempts : 1;
  if (!mayRetry(standing) || attemptsHere >= allowed) return leave(standing);
  const asked = failure.error.retryAfterMs;
  if (asked !== undefined && asked > OBEYED_MS) return leave(standing);
  const base = failure.wire === 'connect' ? CONNECT_BASE_MS : BASE_MS;
  const backoff = Math.min(CAP_MS, base * 2 ** (attemptsHere - 1)) * standing.random;
  const waitMs = Math.round(asked ?? backoff);
  return standing.elapsedMs + waitMs >= retry.deadlineMs ? leave(standing) : { do: 'retry', waitMs };
}
