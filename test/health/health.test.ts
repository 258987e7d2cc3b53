import { beforeEach, describe, expect, it } from 'vitest';
import { createHealth, type Health, type HealthFailure, type Place } from '../../src/health/index.ts';

const START = 1_760_000_000_000;
const PLACE: Place = { provider: 'acme', model: 'tide-1', key: null };
const DOWN: HealthFailure = { kind: 'overloaded', status: 503 };

let clock: number;
let health: Health;

beforeEach(() => {
  clock = START;
  health = createHealth({ now: () => clock });
});

function fail(times: number, failure = DOWN, place = PLACE): void {
  for (let i = 0; i < times; i++) {
    health.began(place);
    health.failed(place, failure);
  }
}

function succeed(times: number, ttftMs: number | null = null, place = PLACE): void {
  for (let i = 0; i < times; i++) {
    health.began(place);
    health.succeeded(place, ttftMs);
  }
}

const state = (place = PLACE) => health.of(place).state;

describe('a provider that was never called', () => {
  it('is well, and nothing is known of it', () => {
    expect(health.of(PLACE)).toEqual({ state: 'ok', until: null, why: null, ok: null, ttftMs: null });
  });
});

describe('a provider that keeps failing', () => {
  it('is left alone for 15 s after 5 failures in a row, with all its models and keys', () => {
    fail(4);
    expect(state()).toBe('ok');
    fail(1);
    expect(health.of({ provider: 'acme', model: 'other', key: 'second' })).toMatchObject({
      state: 'open',
      until: START + 15_000,
      why: '5 failures in a row',
    });
    expect(state({ ...PLACE, provider: 'other' })).toBe('ok');
  });

  it('is not left alone when an answer came in between', () => {
    fail(4);
    succeed(1);
    fail(4);
    expect(state()).toBe('ok');
  });

  it('is left alone when half of at least 20 calls failed within 30 s', () => {
    for (let i = 0; i < 9; i++) {
      succeed(1);
      fail(1);
    }
    expect(state()).toBe('ok');
    succeed(1);
    fail(1);
    expect(health.of(PLACE)).toMatchObject({ state: 'open', why: '10 of 20 calls failed' });
  });

  it('is not left alone when those calls are longer ago', () => {
    for (let i = 0; i < 9; i++) {
      succeed(1);
      fail(1);
    }
    clock += 31_000;
    succeed(1);
    fail(2);
    expect(state()).toBe('ok');
  });

  it('is tried by one request afterwards; an answer ends it', () => {
    fail(5);
    clock += 15_000;
    expect(state()).toBe('ok');
    health.began(PLACE);
    expect(health.of(PLACE)).toMatchObject({ state: 'probing', until: clock + 60_000 });
    health.succeeded(PLACE, null);
    expect(state()).toBe('ok');
    fail(4);
    expect(state()).toBe('ok');
  });

  it('is left alone for twice as long after each probe that failed, 5 minutes at most', () => {
    fail(5);
    const spans: number[] = [];
    for (let i = 0; i < 7; i++) {
      const { until } = health.of(PLACE);
      spans.push((until ?? 0) - clock);
      clock = until ?? 0;
      fail(1);
    }
    expect(spans).toEqual([15_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
  });

  it('is tried again when a client took the probe away, or nobody heard of it again', () => {
    fail(5);
    clock += 15_000;
    health.began(PLACE);
    health.failed(PLACE, { kind: 'client', status: null });
    expect(state()).toBe('ok');
    health.began(PLACE);
    clock += 60_000;
    expect(state()).toBe('ok');
  });

  it('is well again when a last resort was answered', () => {
    fail(5);
    succeed(1);
    expect(state()).toBe('ok');
  });

  it('is not left alone for a day because the clock was set back', () => {
    fail(5);
    clock -= 86_400_000;
    expect(state()).toBe('ok');
  });
});

describe('a failure of the request', () => {
  it.each([
    ['bad-request', 400],
    ['not-found', 404],
    ['bad-request', 413],
    ['bad-request', 422],
    ['context-too-long', 400],
    ['client', null],
    ['config', null],
  ] as const)('is no failure of the provider: %s %s', (kind, status) => {
    fail(30, { kind, status });
    expect(health.of(PLACE)).toMatchObject({ state: 'ok', ok: null });
  });
});

describe('a key', () => {
  it('without quota is parked for 10 minutes, or as long as was said; other keys are not', () => {
    const second = { ...PLACE, key: 'second' };
    fail(1, { kind: 'quota', status: 429 });
    fail(1, { kind: 'quota', status: 429, retryAfterMs: 3_600_000 }, second);
    expect(health.of(PLACE)).toMatchObject({
      state: 'parked',
      until: START + 600_000,
      why: 'quota used up',
    });
    expect(health.of({ ...second, model: 'other' }).until).toBe(START + 3_600_000);
    expect(state({ ...PLACE, key: 'third' })).toBe('ok');
    clock += 600_000;
    expect(state()).toBe('ok');
  });

  it('that is refused is parked until the keys are loaded again', () => {
    fail(1, { kind: 'auth', status: 401 });
    expect(health.of({ ...PLACE, model: 'other' })).toMatchObject({ state: 'parked', why: 'key refused' });
    health.forgiveKeys();
    expect(state()).toBe('ok');
  });

  it('that may not use one model is parked for that model only', () => {
    fail(1, { kind: 'auth', status: 403 });
    expect(state()).toBe('parked');
    expect(state({ ...PLACE, model: 'other' })).toBe('ok');
  });

  it('is parked by a rate limit of more than a minute, for its model', () => {
    fail(1, { kind: 'rate-limit', status: 429, retryAfterMs: 60_000 });
    expect(state()).toBe('ok');
    fail(1, { kind: 'rate-limit', status: 429, retryAfterMs: 61_000 });
    expect(health.of(PLACE)).toMatchObject({ state: 'parked', until: START + 61_000 });
    expect(state({ ...PLACE, model: 'other' })).toBe('ok');
  });

  it('that answers after all is parked no more', () => {
    fail(1, { kind: 'auth', status: 401 });
    succeed(1);
    expect(state()).toBe('ok');
  });
});

describe('the retry budget', () => {
  it('is ten retries of one provider; ten answers give one back', () => {
    const take = (n: number) => Array.from({ length: n }, () => health.takeRetry('acme'));
    expect(take(11)).toEqual([...Array.from({ length: 10 }, () => true), false]);
    expect(health.takeRetry('other')).toBe(true);
    succeed(9);
    expect(take(1)).toEqual([false]);
    succeed(1);
    expect(take(2)).toEqual([true, false]);
    succeed(1_000);
    expect(take(11).filter(Boolean)).toHaveLength(10);
  });
});

describe('what is measured', () => {
  it('is the median of the last 20 times to first token, of each place', () => {
    succeed(1, 100);
    succeed(1, 300);
    expect(health.of(PLACE).ttftMs).toBe(200);
    succeed(1, null);
    succeed(1, 900);
    expect(health.of(PLACE).ttftMs).toBe(300);
    succeed(20, 50);
    expect(health.of(PLACE).ttftMs).toBe(50);
    expect(health.of({ ...PLACE, model: 'other' }).ttftMs).toBeNull();
  });

  it('is the share of attempts that answered within the hour', () => {
    succeed(3);
    fail(1);
    expect(health.of(PLACE).ok).toBe(0.75);
    clock += 3_600_000;
    expect(health.of(PLACE).ok).toBeNull();
  });

  it('is forgotten for places that were not used for longest', () => {
    for (let i = 0; i <= 2_000; i++) succeed(1, 5, { ...PLACE, model: `model-${i}` });
    expect(health.of({ ...PLACE, model: 'model-0' }).ttftMs).toBeNull();
    expect(health.of({ ...PLACE, model: 'model-1' }).ttftMs).toBe(5);
  });
});

describe('all places of a provider', () => {
  it('are one row: attempts of the last hour, median of all first tokens, the worst state', () => {
    const other: Place = { ...PLACE, model: `${PLACE.model}-small` };
    health.began(PLACE);
    health.succeeded(PLACE, 100);
    health.began(other);
    health.succeeded(other, 300);
    health.failed(other, DOWN);
    const row = { provider: PLACE.provider, answered: 2, failed: 1, ttftMs: 200 };
    expect(health.providers()).toEqual([{ ...row, state: 'ok', why: null }]);
    health.failed(other, { kind: 'quota', status: 429 });
    expect(health.providers()).toMatchObject([{ state: 'parked', why: expect.any(String) }]);
  });
});
