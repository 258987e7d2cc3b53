import type { HealthFailure } from './types.ts';

/** What a failure says of whom. */
export interface Verdict {
  /** `failed` = the provider's own trouble; `alive` = it answered, only not with what was wanted; `unknown` = nothing was learnt. */
  provider: 'failed' | 'alive' | 'unknown';
  /** The key (or the key with this model alone) is of no use for so long. */
  park: { scope: 'key' | 'place'; ms: number; why: string } | null;
  /** Counts in the share of attempts that answered. */
  counts: boolean;
}

/** A key that was refused, or has no quota, is left alone for so long when nobody says how long. */
const PARKED_MS = 10 * 60_000;
const LONGEST_PARKED_MS = 24 * 3600_000;
/** A rate limit that lasts longer is as good as a quota (rule R3). */
const LONG_WAIT_MS = 60_000;

/** Kinds that are the provider's own trouble. */
const TROUBLE: ReadonlySet<string> = new Set(['network', 'timeout', 'overloaded', 'malformed']);
/** Kinds that were settled before the provider had a word in it, or by the client's leaving; a stale connection says nothing of who was behind it. */
const OURS: ReadonlySet<string> = new Set(['config', 'budget', 'client', 'internal', 'stale']);

const parked = (scope: 'key' | 'place', ms: number, why: string): Verdict => ({
  provider: 'alive',
  park: { scope, ms: Math.min(LONGEST_PARKED_MS, ms), why },
  counts: true,
});

/** Judges a failed attempt. */
export function judge({ kind, status, retryAfterMs }: HealthFailure): Verdict {
  if (OURS.has(kind)) return { provider: 'unknown', park: null, counts: false };
  if (kind === 'quota') return parked('key', retryAfterMs ?? PARKED_MS, 'quota used up');
  // A 403 may be about this model only; a 401 never is.
  if (kind === 'auth') return parked(status === 403 ? 'place' : 'key', PARKED_MS, 'key refused');
  if (kind === 'rate-limit') {
    // Limits are often a model's own: the others are asked, and say so themselves.
    return retryAfterMs !== undefined && retryAfterMs > LONG_WAIT_MS
      ? parked('place', retryAfterMs, 'rate limit reached')
      : { provider: 'alive', park: null, counts: true };
  }
  const clientStatus = status !== null && status >= 400 && status < 500;
  if (TROUBLE.has(kind)) return { provider: clientStatus ? 'alive' : 'failed', park: null, counts: true };
  // The request was wrong for it: nobody's failure but the request's.
  return { provider: 'alive', park: null, counts: false };
}
