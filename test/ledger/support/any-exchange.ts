import fc from 'fast-check';
import type { CostState, Exchange, Outcome, UsageSource } from '../../../src/exchange.ts';
import { attempt, exchange, NOON, QUARTER_MS } from './exchange-samples.ts';

const name = (...names: string[]) => fc.constantFrom(...names);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const tokens = fc.option(fc.nat(2_000_000), { nil: undefined });

const usage = fc
  .record({
    input: tokens,
    cacheRead: tokens,
    cacheWrite: tokens,
    cacheWrite1h: tokens,
    output: tokens,
    reasoning: tokens,
    searches: tokens,
    inputImage: tokens,
    serverTools: tokens,
    tier: fc.constantFrom(undefined, 'flex', 'priority'),
  })
  .map((counts) => Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined)));

const states = name('exact', 'estimate', 'free', 'local', 'unknown', 'none') as fc.Arbitrary<CostState>;
const sources = name('reported', 'partial', 'estimated', 'none') as fc.Arbitrary<UsageSource>;
const cost = fc.record({
  nanoUsd: maybe(fc.nat(5_000_000_000)),
  state: states,
  source: maybe(name('config', 'list')),
});
const billed = fc.record({ usage, usageSource: sources, cost });

const attempts = fc.array(
  fc
    .record({
      provider: name('openai', 'groq'),
      model: name('gpt-5', 'oss'),
      failure: maybe(name('overloaded')),
      billed: maybe(billed),
    })
    .map(({ billed, ...fields }) => ({ ...fields, ...(billed ? { billed } : {}) })),
  { maxLength: 3 },
);
const nano = maybe(fc.integer({ min: -1_000_000, max: 1_000_000_000 }));

/** Any finished exchange within six hours around noon; ids are numbered by the caller. */
export const anyExchange: fc.Arbitrary<Exchange> = fc
  .record({
    time: fc.integer({ min: NOON - 12 * QUARTER_MS, max: NOON + 12 * QUARTER_MS }),
    agent: maybe(name('codex', 'claude')),
    project: maybe(name('api', 'web')),
    session: maybe(name('a', 'b', 'c')),
    target: maybe(fc.record({ provider: name('openai', 'groq'), model: name('gpt-5', 'oss') })),
    rule: name('default', 'alias fast'),
    outcome: name('ok', 'error', 'client_aborted', 'upstream_cut', 'interrupted') as fc.Arbitrary<Outcome>,
    usage,
    usageSource: sources,
    cost,
    saved: fc.record({ cacheNanoUsd: nano, routeNanoUsd: nano }),
    attempts,
    losses: fc.array(fc.string(), { maxLength: 2 }),
    errorMessage: maybe(fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''))),
    demo: fc.boolean(),
  })
  .map(({ target, attempts, saved, ...fields }) =>
    exchange('', {
      ...fields,
      ...(saved.cacheNanoUsd === null && saved.routeNanoUsd === null ? {} : { saved }),
      provider: target?.provider ?? null,
      model: target?.model ?? null,
      attempts: attempts.map((target, i) => attempt(i + 1, target)),
    }),
  );
