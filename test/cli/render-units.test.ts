import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bar,
  clock,
  createLook,
  day,
  duration,
  exact,
  money,
  percent,
  perMillion,
  plural,
  shortDuration,
  sum,
  tokens,
} from '../../src/cli/render/index.ts';

const NANO = 1_000_000_000;

describe('token counts', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1.0k'],
    [1_249, '1.2k'],
    [99_949, '99.9k'],
    [99_950, '100k'],
    [999_499, '999k'],
    [999_500, '1.0M'],
    [99_949_999, '99.9M'],
    [99_950_000, '100M'],
    [999_949_999, '1000M'],
    [999_950_000, '1.0G'],
    [null, '–'],
    [undefined, '–'],
  ])('%s is %s', (count, shown) => {
    expect(tokens(count)).toBe(shown);
  });

  test('take at most five columns, and never grow smaller with the count', () => {
    const unit: Record<string, number> = { k: 1e3, M: 1e6, G: 1e9 };
    const value = (text: string): number => Number.parseFloat(text) * (unit[text.at(-1) ?? ''] ?? 1);
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.nat(100_000), (count, more) => {
        expect(tokens(count).length).toBeLessThanOrEqual(5);
        expect(value(tokens(count + more))).toBeGreaterThanOrEqual(value(tokens(count)));
        expect(Math.abs(value(tokens(count)) - count)).toBeLessThanOrEqual(count * 0.051);
      }),
      { numRuns: 1000 },
    );
  });

  test('are exact in details', () => {
    expect([exact(88_104), exact(0), exact(null), plural(1, 'request'), plural(1234, 'request')]).toEqual([
      '88,104',
      '0',
      '–',
      '1 request',
      '1,234 requests',
    ]);
  });
});

describe('money', () => {
  test.each<[number | null, Parameters<typeof money>[1], string]>([
    [0, 'exact', '$0.0000'],
    [104_000_000, 'exact', '$0.1040'],
    [999_949_999, 'exact', '$0.9999'],
    [999_950_000, 'exact', '$1.00'],
    [4.82 * NANO, 'exact', '$4.82'],
    [81_000_000, 'estimate', '~$0.081'],
    [null, 'exact', '?'],
    [null, 'estimate', '?'],
    [null, 'unknown', '?'],
    [0, 'unknown', '?'],
    [0, 'free', 'free'],
    [0, 'local', 'local'],
    [0, 'none', '–'],
    [5, 'demo', 'demo'],
  ])('%s (%s) is %s', (nano, state, shown) => {
    expect(money(nano, state)).toBe(shown);
  });

  test('that is not known never looks like zero', () => {
    fc.assert(
      fc.property(fc.constantFrom('exact', 'estimate', 'unknown' as const), (state) => {
        expect(money(null, state as 'exact')).not.toMatch(/\d/);
      }),
    );
  });

  test.each([
    [0, '$0.00'],
    [4_200_000, '$0.0042'],
    [9_999_999, '$0.0100'],
    [10_000_000, '$0.01'],
    [4.82 * NANO, '$4.82'],
    [12_345.678 * NANO, '$12345.68'],
  ])('a sum of %d is %s', (nano, shown) => {
    expect(sum(nano)).toBe(shown);
  });

  test('a price is per million tokens', () => {
    expect([perMillion(1.25), perMillion(15), perMillion(0)]).toEqual(['$1.250/M', '$15.00/M', '$0.000/M']);
  });
});

describe('durations', () => {
  test.each([
    [0, '0.0s'],
    [49, '0.0s'],
    [400, '0.4s'],
    [24_000, '24.0s'],
    [59_949, '59.9s'],
    [59_950, '1m 00s'],
    [303_000, '5m 03s'],
    [3_599_499, '59m 59s'],
    [3_599_500, '1h 00m'],
    [11_040_000, '3h 04m'],
    [86_399_499, '23h 59m'],
    [86_399_500, '1d 0h'],
    [187_200_000, '2d 4h'],
  ])('%d ms is %s', (ms, shown) => {
    expect(duration(ms)).toBe(shown);
  });

  test.each<[number | null, string]>([
    [840, '0.8s'],
    [9_949, '9.9s'],
    [99_949, '99.9s'],
    [99_950, '1m40s'],
    [125_000, '2m05s'],
    [754_000, '12m'],
    [4_320_000, '1h12m'],
    [36_000_000, '10h'],
    [null, '–'],
  ])('%s ms in a column is %s', (ms, shown) => {
    expect(shortDuration(ms)).toBe(shown);
  });

  test('take at most five columns there, up to a hundred days, and never say 60 seconds or 60 minutes', () => {
    fc.assert(
      fc.property(fc.nat(100 * 86_400_000), fc.constantFrom<1 | 2>(1, 2), (ms, digits) => {
        expect(shortDuration(ms, digits).length).toBeLessThanOrEqual(5);
        expect(duration(ms)).not.toMatch(/\b60[.sm]|\b24h/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('other units', () => {
  test('a share of nothing is a dash', () => {
    expect([percent(1, 3), percent(0, 5), percent(0, 0)]).toEqual(['33%', '0%', '–']);
  });

  test('times are in UTC when that is asked for', () => {
    const time = Date.UTC(2026, 10, 22, 14, 2, 11);
    expect([clock(time, true), clock(time, true, true), day(time, true)]).toEqual([
      '14:02:11',
      '14:02',
      '2026-11-22',
    ]);
  });

  test('local days and times are those of the zone', () => {
    const time = Date.UTC(2026, 10, 22, 23, 30);
    const local = new Date(time);
    const two = (value: number): string => String(value).padStart(2, '0');
    expect(clock(time, false, true)).toBe(`${two(local.getHours())}:${two(local.getMinutes())}`);
    expect(day(time, false).slice(8)).toBe(two(local.getDate()));
  });

  test('a bar of something is never empty, and never longer than its room', () => {
    const { glyphs } = createLook({ width: 80, color: false, ascii: true });
    expect([bar(0, 10, 8, glyphs), bar(10, 10, 8, glyphs), bar(5, 0, 8, glyphs)]).toEqual([
      '',
      '========',
      '',
    ]);
    const positive = fc.double({ min: 1e-9, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(positive, positive, fc.integer({ min: 1, max: 50 }), (value, most, width) => {
        const length = bar(value, most, width, glyphs).length;
        expect(length).toBeGreaterThanOrEqual(1);
        expect(length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
