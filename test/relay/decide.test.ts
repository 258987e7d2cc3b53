import { describe, expect, it } from 'vitest';
import type { FailureKind, PivotError } from '../../src/pivot/index.ts';
import { type Decision, decide, type Standing, type WireFailure } from '../../src/relay/decide.ts';

function decided(
  error: Partial<PivotError>,
  standing: Partial<Standing> = {},
  shouldRetry: boolean | null = null,
  wire: WireFailure | null = null,
): Decision {
  return decide({
    failure: {
      error: { kind: 'network', status: 502, message: 'x', ...error },
      wire,
      shouldRetry,
      retryAfter: null,
      unsent: false,
    },
    attemptsHere: 1,
    resetsHere: 1,
    firstTarget: true,
    moreTargets: false,
    elapsedMs: 0,
    retry: { attempts: 3, deadlineMs: 60_000 },
    random: 0.5,
    ...standing,
  });
}

const RETRY = { do: 'retry', waitMs: 250 };
const STOP = { do: 'stop' };
const NEXT = { do: 'next' };

/** What follows a first failure when there is no other target, and when there is one. */
const TABLE: [string, FailureKind, number, object, object][] = [
  ['a rate limit', 'rate-limit', 429, RETRY, RETRY],
  ['an overload', 'overloaded', 529, RETRY, RETRY],
  ['an overload', 'overloaded', 503, RETRY, RETRY],
  ['a server error', 'network', 500, RETRY, RETRY],
  ['a bad gateway', 'network', 502, RETRY, RETRY],
  ['a timeout', 'timeout', 504, RETRY, RETRY],
  ['a request timeout', 'timeout', 408, RETRY, RETRY],
  ['a conflict', 'overloaded', 409, RETRY, RETRY],
  ['nonsense', 'malformed', 502, RETRY, RETRY],
  ['a spent quota', 'quota', 429, STOP, NEXT],
  ['a refused key', 'config', 400, STOP, NEXT],
  ['an unknown model', 'not-found', 404, STOP, NEXT],
  ['a bad request', 'bad-request', 400, STOP, STOP],
  ['a prompt that is too long', 'context-too-long', 400, STOP, NEXT],
  ['a body that is too large', 'bad-request', 413, STOP, STOP],
];

describe('what follows a failed attempt', () => {
  it.each(TABLE)('%s (%s, %i)', (_name, kind, status, alone, withOthers) => {
    expect(decided({ kind, status })).toEqual(alone);
    expect(decided({ kind, status }, { moreTargets: true })).toEqual(withOthers);
  });

  it('is the end when the server ends: nobody else is asked', () => {
    const error = { kind: 'overloaded', status: 503, code: 'shutting_down' } as const;
    expect(decided(error)).toEqual(STOP);
    expect(decided(error, { moreTargets: true })).toEqual(STOP);
  });

  it('is another try at most twice at the first target and never at a further one', () => {
    expect(decided({}, { attemptsHere: 2 })).toEqual({ do: 'retry', waitMs: 500 });
    expect(decided({}, { attemptsHere: 3 })).toEqual(STOP);
    expect(decided({}, { attemptsHere: 3, moreTargets: true })).toEqual(NEXT);
    expect(decided({}, { firstTarget: false })).toEqual(STOP);
    expect(decided({}, { firstTarget: false, moreTargets: true })).toEqual(NEXT);
    expect(decided({}, { retry: { attempts: 1, deadlineMs: 60_000 } })).toEqual(STOP);
  });

  it('waits 0.5 s, doubled each time, 8 s at most, with full jitter', () => {
    const retry = { attempts: 20, deadlineMs: 1e9 };
    const waits = [1, 2, 3, 4, 5, 6, 9].map((attemptsHere) =>
      decided({}, { attemptsHere, retry, random: 0.999999 }),
    );
    expect(waits.map((d) => d.do === 'retry' && d.waitMs)).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
    expect(decided({}, { random: 0 })).toEqual({ do: 'retry', waitMs: 0 });
  });

  it('waits as long as the upstream says, up to 10 s; longer is for the next target or the client', () => {
    expect(decided({ kind: 'rate-limit', status: 429, retryAfterMs: 3_000 })).toEqual({
      do: 'retry',
      waitMs: 3_000,
    });
    expect(decided({ kind: 'rate-limit', status: 429, retryAfterMs: 10_000 })).toEqual({
      do: 'retry',
      waitMs: 10_000,
    });
    expect(decided({ kind: 'rate-limit', status: 429, retryAfterMs: 10_001 })).toEqual(STOP);
    expect(
      decided({ kind: 'rate-limit', status: 429, retryAfterMs: 86_400_000 }, { moreTargets: true }),
    ).toEqual(NEXT);
  });

  it('is not another try behind the deadline', () => {
    expect(decided({}, { elapsedMs: 59_900 })).toEqual(STOP);
    expect(decided({ retryAfterMs: 5_000 }, { elapsedMs: 55_000, moreTargets: true })).toEqual(NEXT);
  });

  it('is what the upstream wants: x-should-retry wins over the status', () => {
    expect(decided({ kind: 'overloaded', status: 503 }, {}, false)).toEqual(STOP);
    expect(decided({ kind: 'bad-request', status: 400 }, {}, true)).toEqual(RETRY);
    expect(decided({ kind: 'bad-request', status: 400 }, { attemptsHere: 3 }, true)).toEqual(STOP);
  });

  it('without an answer is another try where nobody was reached, soon; once where it was reset; else none', () => {
    const wired = (wire: WireFailure, standing: Partial<Standing> = {}) =>
      decided({ kind: 'network', status: 502 }, standing, null, wire);
    expect(wired('connect')).toEqual({ do: 'retry', waitMs: 100 });
    expect(wired('connect', { attemptsHere: 2 })).toEqual({ do: 'retry', waitMs: 200 });
    expect(wired('reset')).toEqual(RETRY);
    expect(wired('reset', { attemptsHere: 2, resetsHere: 2 })).toEqual(STOP);
    expect(wired('reset', { attemptsHere: 2, resetsHere: 2, moreTargets: true })).toEqual(NEXT);
    expect(wired('lost')).toEqual(STOP);
    expect(wired('lost', { moreTargets: true })).toEqual(NEXT);
    expect(
      decided({ kind: 'timeout', status: 504, code: 'upstream_timeout' }, { moreTargets: true }),
    ).toEqual(NEXT);
  });

  it('is never another try with a refused key or an untrusted certificate', () => {
    expect(decided({ kind: 'config', status: 400, code: 'key_refused' }, {}, true)).toEqual(STOP);
    expect(decided({ kind: 'network', status: 502, code: 'tls_untrusted' })).toEqual(STOP);
    expect(decided({ kind: 'network', status: 502, code: 'tls_untrusted' }, { moreTargets: true })).toEqual(
      NEXT,
    );
  });
});
