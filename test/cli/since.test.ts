import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPeriod, readSpan } from '../../src/cli/since.ts';

/** A Wednesday. */
const NOW = Date.UTC(2026, 10, 25, 14, 30, 15);
const UTC = { now: NOW, utc: true };
const iso = (time: number) => new Date(time).toISOString().replace('.000Z', 'Z');

const SPANS: [string, string, string][] = [
  ['90m', '2026-11-25T13:00:15Z', '2026-11-25T13:00:15Z'],
  ['24h', '2026-11-24T14:30:15Z', '2026-11-24T14:30:15Z'],
  ['7d', '2026-11-18T14:30:15Z', '2026-11-18T14:30:15Z'],
  ['2w', '2026-11-11T14:30:15Z', '2026-11-11T14:30:15Z'],
  ['today', '2026-11-25T00:00:00Z', '2026-11-26T00:00:00Z'],
  ['Yesterday', '2026-11-24T00:00:00Z', '2026-11-25T00:00:00Z'],
  ['monday', '2026-11-23T00:00:00Z', '2026-11-24T00:00:00Z'],
  ['wed', '2026-11-25T00:00:00Z', '2026-11-26T00:00:00Z'],
  ['thursday', '2026-11-19T00:00:00Z', '2026-11-20T00:00:00Z'],
  ['month', '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z'],
  ['2026-10', '2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z'],
  ['2026-11-01', '2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z'],
  ['2026-11-01T10:00', '2026-11-01T10:00:00Z', '2026-11-01T10:00:00Z'],
  ['2026-11-01 10:00:30', '2026-11-01T10:00:30Z', '2026-11-01T10:00:30Z'],
  ['2026-11-01T10:00:00+02:00', '2026-11-01T08:00:00Z', '2026-11-01T08:00:00Z'],
  ['2026-11-01T10:00:00.500Z', '2026-11-01T10:00:00.500Z', '2026-11-01T10:00:00.500Z'],
];

test.each(SPANS)('%s is a time', (text, start, end) => {
  const span = readSpan(text, UTC);
  expect([span && iso(span.start), span && iso(span.end)]).toEqual([start, end]);
});

test.each([
  '',
  '7',
  'd',
  '-7d',
  '7y',
  '1.5h',
  '2026',
  '2026-13-01',
  '2026-02-30',
  '2026-11-01T25:00',
  '2026-02-30T10:00',
  '11/01/2026',
  'tomorrow',
  'someday',
  '2026-11-01T10',
  '9999999999d',
])('"%s" is no time', (text) => {
  expect(readSpan(text, UTC)).toBeNull();
});

test('whatever is typed is a time from 1970 on with an end not before its start, or none', () => {
  const piece = fc.constantFrom(
    '7',
    '24',
    '2026',
    '-',
    '11',
    '01',
    'T',
    '10',
    ':',
    '00',
    'd',
    'h',
    'mon',
    'day',
    'Z',
    ' ',
    '+',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
      (text) => {
        const span = readSpan(text, UTC);
        if (span) {
          expect(span.end).toBeGreaterThanOrEqual(span.start);
          expect(() => iso(span.start)).not.toThrow();
        }
      },
    ),
  );
});

describe('a period', () => {
  test('has no bounds that were not said', () => {
    expect(readPeriod({}, UTC, 'logs')).toEqual({ since: 0, until: Number.POSITIVE_INFINITY, words: '' });
  });

  test('ends with the whole of the day that is named as its end', () => {
    const { since, until, words } = readPeriod({ since: 'monday', until: 'yesterday' }, UTC, 'logs');
    expect([iso(since), iso(until), words]).toEqual([
      '2026-11-23T00:00:00Z',
      '2026-11-25T00:00:00Z',
      'since Monday until yesterday',
    ]);
  });

  test('of whole days is today and the days before it', () => {
    const { since } = readPeriod({ since: '7d' }, { ...UTC, wholeDays: true }, 'spend');
    expect(iso(since)).toBe('2026-11-19T00:00:00Z');
    expect(iso(readPeriod({ since: '24h' }, { ...UTC, wholeDays: true }, 'spend').since)).toBe(
      '2026-11-24T14:30:15Z',
    );
  });

  test.each([
    [{ since: '1h' }, 'in the last hour'],
    [{ since: '7d' }, 'in the last 7 days'],
    [{ since: 'today' }, 'today'],
    [{ since: '2026-11-01' }, 'since 2026-11-01'],
    [{ until: '2d' }, 'until 2 days ago'],
    [{ since: 'yesterday', until: 'yesterday' }, 'yesterday'],
  ])('%o is said in words', (flags, words) => {
    expect(readPeriod(flags, UTC, 'logs').words).toBe(words);
  });

  test('that makes no sense is wrong usage, answered with examples', () => {
    const usage = expect.objectContaining({
      exit: 2,
      fix: expect.arrayContaining([expect.stringContaining('7d')]),
    });
    expect(() => readPeriod({ since: 'soon' }, UTC, 'logs')).toThrow(usage);
    expect(() => readPeriod({ until: '2026-02-30' }, UTC, 'logs')).toThrow(usage);
    expect(() => readPeriod({ since: 'today', until: 'yesterday' }, UTC, 'logs')).toThrow(usage);
  });
});
