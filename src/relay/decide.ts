import type { PivotError } from '../pivot/index.ts';
import type { Repair } from './repair.ts';

/** Why an attempt gave no answer that could be used, and what the upstream wants done about it. */
export interface AttemptFailure {
  error: PivotError;
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
const CAP_MS = 8_000;
const RETRIED_KINDS: ReadonlySet<PivotError['kind']> = new Set<PivotError['kind']>([
  'rate-limit',
  'overloaded',
  'network',
  'timeout',
  'malformed',
]);
/** Statuses of rule R2 that do not follow from the kind. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([408, 409, 500, 502, 503, 504, 529]);
/** A problem of the request itself: another target would say the same. */
const FINAL_KINDS: ReadonlySet<PivotError['kind']> = new Set<PivotError['kind']>([
  'bad-request',
  'context-too-long',
  'client',
]);

function mayRetry({ error, shouldRetry }: AttemptFailure): boolean {
  // A refused key or an untrusted certificate stays so, whatever is said about trying again.
  if (error.kind === 'config' || error.code === 'tls_untrusted') return false;
  if (shouldRetry !== null) return shouldRetry;
  if (error.kind === 'quota' || FINAL_KINDS.has(error.kind)) return false;
  return RETRIED_KINDS.has(error.kind) || RETRIED_STATUSES.has(error.status);
}

/** Rules R2 to R4 as a pure function: retry here, go to the next target, or give up. */
export function decide(standing: Standing): Decision {
  const { failure, retry } = standing;
  const next: Decision =
    standing.moreTargets && !FINAL_KINDS.has(failure.error.kind) ? { do: 'next' } : { do: 'stop' };
  const allowed = standing.firstTarget ? retry.attempts : 1;
  if (!mayRetry(failure) || standing.attemptsHere >= allowed) return next;
  const asked = failure.error.retryAfterMs;
  if (asked !== undefined && asked > OBEYED_MS) return next;
  const backoff = Math.min(CAP_MS, BASE_MS * 2 ** (standing.attemptsHere - 1)) * standing.random;
  const waitMs = Math.round(asked ?? backoff);
  return standing.elapsedMs + waitMs >= retry.deadlineMs ? next : { do: 'retry', waitMs };
}
