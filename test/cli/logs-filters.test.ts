import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Filters, matches, readFilters } from '../../src/cli/commands/logs/filters.ts';
import { anyExchange } from '../ledger/support/any-exchange.ts';
import { NOON, QUARTER_MS } from '../ledger/support/exchange-samples.ts';
import { ALL, bench } from '../ledger/support/ledger.ts';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const time = fc.integer({ min: NOON - 12 * QUARTER_MS, max: NOON + 12 * QUARTER_MS });
const part = fc.constantFrom(
  '',
  'A',
  'gpt',
  'GPT-5',
  'openai/',
  'i/g',
  'oss',
  'web',
  'x1',
  '%',
  '_',
  'ä',
  'Ä',
  'default',
);

const anyFilters: fc.Arbitrary<Filters> = fc
  .record({
    since: maybe(time),
    until: maybe(time),
    agent: maybe(fc.constantFrom('codex', 'CODEX', 'claude')),
    model: maybe(part),
    provider: maybe(fc.constantFrom('openai', 'groq')),
    project: maybe(fc.constantFrom('api', 'web')),
    status: maybe(
      fc.constantFrom(
        'ok',
        'err',
        'open',
        'client_aborted',
        'upstream_cut',
        'interrupted',
        '2xx',
        '4xx',
        '200',
        '429',
      ),
    ),
    slowerThan: maybe(fc.constantFrom(0, 2_099, 2_100)),
    minCostNanoUsd: maybe(fc.constantFrom(0, 1_000_000_000)),
    fallback: maybe(fc.boolean()),
    grep: maybe(part),
  })
  // One or two at a time: with eleven nothing would ever be found.
  .chain((all) =>
    fc
      .subarray(
        Object.entries(all).filter(([, value]) => value !== undefined),
        { maxLength: 2 },
      )
      .map((entries) => Object.fromEntries(entries)),
  );

const exchanges = fc.array(
  fc.record({
    x: anyExchange,
    status: fc.constantFrom(null, 200, 429, 404, 500),
    totalMs: fc.constantFrom(null, 0, 2_100, 2_100.5),
    asked: fc.constantFrom('gpt-5', 'ÄÖ', 'ä', '100%'),
    open: fc.boolean(),
  }),
  { maxLength: 25 },
);

test('what is still on its way is filtered as the ledger filters what is past', async () => {
  await fc.assert(
    fc.asyncProperty(
      exchanges,
      fc.array(anyFilters, { minLength: 5, maxLength: 20 }),
      async (list, filters) => {
        const { open, read } = bench();
        const ledger = open();
        const all = list.map(({ x, status, totalMs, asked, open: isOpen }, i) => ({
          ...x,
          id: `X${i}X`,
          status,
          totalMs,
          asked,
          ...(isOpen ? { outcome: 'open' as const } : {}),
        }));
        for (const x of all) {
          ledger.open({ ...x, outcome: 'open' });
          if (x.outcome !== 'open') ledger.finish(x);
        }
        await ledger.flush();
        const reader = await read();
        for (const wanted of filters) {
          const found = reader.exchanges({ ...ALL, ...wanted }).map(({ id }) => id);
          expect(
            all
              .filter((x) => matches(x, wanted))
              .map(({ id }) => id)
              .sort(),
          ).toEqual(found.sort());
        }
        reader.close();
        await ledger.close();
      },
    ),
    { numRuns: 20 },
  );
});

const CLOCK = { now: NOON, utc: true };

test('flags become filters', () => {
  const { filters, words } = readFilters(
    { since: '1h', slow: '1.5s', minCost: '$0.10', status: 'CUT', fallback: true, agent: 'codex' },
    CLOCK,
  );
  expect(filters).toEqual({
    since: NOON - 3_600_000,
    slowerThan: 1_500,
    minCostNanoUsd: 100_000_000,
    status: 'upstream_cut',
    fallback: true,
    agent: 'codex',
  });
  expect(words).toBe('in the last hour');
});

test.each([
  [{ slow: '500ms' }, { slowerThan: 500 }],
  [{ slow: '2m' }, { slowerThan: 120_000 }],
  [{ slow: '10' }, { slowerThan: 10_000 }],
  [{ minCost: '.5' }, { minCostNanoUsd: 500_000_000 }],
  [{ status: '4XX' }, { status: '4xx' }],
  [{}, {}],
])('%o is understood', (options, filters) => {
  expect(readFilters(options, CLOCK).filters).toEqual(filters);
});

test.each([
  { slow: 'long' },
  { slow: '-1s' },
  { minCost: 'much' },
  { minCost: '-1' },
  { minCost: '.' },
  { status: '6xx' },
  { status: 'broken' },
])('%o is wrong usage', (options) => {
  expect(() => readFilters(options, CLOCK)).toThrow(expect.objectContaining({ exit: 2 }));
});
