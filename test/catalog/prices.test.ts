import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Catalog, loadCatalog, type UserPrice } from '../../src/catalog/index.ts';
import { amountOf, nanoUsd, partsOf } from '../../src/catalog/rates.ts';
import type { Usage } from '../../src/pivot/index.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
let catalog: Catalog;

beforeAll(async () => {
  catalog = await loadCatalog({ now: () => NOW });
});

const M = 1_000_000;
const cost = (provider: string, model: string, usage: Usage, at = NOW) =>
  catalog.cost(provider, model, usage, at);

test('a million tokens of Claude cost what the list says, in whole nano-dollars', () => {
  expect(cost('anthropic', 'claude-opus-4-5', { input: M, output: M })).toMatchObject({
    nanoUsd: 30_000_000_000,
    state: 'exact',
  });
  expect(cost('anthropic', 'claude-opus-4-5', { input: 1, output: 0 }).nanoUsd).toBe(5000);
});

test('cache reads, writes and writes of an hour have their own rates and are not paid twice', () => {
  const usage = { input: 1000, cacheRead: 100, cacheWrite: 200, cacheWrite1h: 100, output: 50 };
  // 700 × 5 + 100 × 0.5 + 100 × 6.25 + 100 × 10 + 50 × 25, in millionths
  expect(cost('anthropic', 'claude-opus-4-5', usage)).toMatchObject({ nanoUsd: 6_425_000, state: 'exact' });
});

test('a request above a tier is paid by the tier’s rates', () => {
  const long = { input: 300_000, output: 1000 };
  const short = { input: 100_000, output: 1000 };
  const perToken = (usage: { input: number; output: number }) =>
    (cost('google', 'gemini-2.5-pro', usage).nanoUsd ?? 0) / usage.input;
  expect(perToken(long)).toBeGreaterThan(perToken(short) * 1.5);
});

test('tiers of the snapshot: the highest one that the input exceeds', () => {
  const rates = {
    input: 1,
    output: 2,
    tiers: [
      { above: 100, rates: { input: 10, output: 20 } },
      { above: 200, rates: { input: 100, output: 200 } },
    ],
  };
  const usd = (input: number) => amountOf(partsOf({ input, output: 0 }) ?? fail(), rates)?.usd;
  expect(usd(100)).toBeCloseTo(100 / M, 12);
  expect(usd(101)).toBeCloseTo(1010 / M, 12);
  expect(usd(201)).toBeCloseTo(20_100 / M, 12);
});

function fail(): never {
  throw new Error('no parts');
}

test('a price that changed is the one of the request’s time', async () => {
  const before = cost('openai', 'o3', { input: M, output: 0 }, Date.parse('2025-05-01T00:00:00Z'));
  const after = cost('openai', 'o3', { input: M, output: 0 }, Date.parse('2025-08-01T00:00:00Z'));
  expect(before.nanoUsd).toBe(10_000_000_000);
  expect(after.nanoUsd).toBe(2_000_000_000);
});

test('what nobody knows the price of is unknown, never nothing', () => {
  const unknown = { nanoUsd: null, state: 'unknown', source: null };
  expect(cost('openai', 'no-such-model-at-all', { input: 10, output: 10 })).toEqual(unknown);
  expect(cost('no-such-provider', 'gpt-5', { input: 10, output: 10 })).toEqual(unknown);
  expect(cost('openai', 'gpt-5', {})).toEqual(unknown);
  expect(catalog.info('openai', 'chatgpt-image-latest')?.price).toBeNull();
});

test('what the provider says it charged is taken as it is', () => {
  expect(cost('openrouter', 'anthropic/claude-opus-4.5', { input: 10, output: 10, costUsd: 0.0123 })).toEqual(
    {
      nanoUsd: 12_300_000,
      state: 'exact',
      source: 'provider',
    },
  );
  expect(cost('openai', 'nobody-knows', { costUsd: 0.5 }).nanoUsd).toBe(500_000_000);
});

test('a charge that no bill can hold is not taken', () => {
  for (const costUsd of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e12])
    expect(cost('openai', 'nobody-knows', { input: 1, output: 1, costUsd }).state).toBe('unknown');
});

test('a local server costs nothing, the demo costs what is invented, and both say so', () => {
  expect(cost('ollama', 'qwen3', { input: M, output: M })).toMatchObject({ nanoUsd: 0, state: 'local' });
  expect(cost('demo', 'coder', { input: M, output: M })).toEqual({
    nanoUsd: 5_000_000_000,
    state: 'demo',
    source: 'demo',
  });
});

test('ids that end in :free cost nothing at OpenRouter, and say nothing elsewhere', () => {
  expect(cost('openrouter', 'acme/thing:free', { input: 10, output: 10 })).toMatchObject({
    nanoUsd: 0,
    state: 'free',
  });
  expect(cost('openai', 'thing:free', { input: 10, output: 10 }).state).toBe('unknown');
});

test('the user’s own price beats every other, also what the provider reports', async () => {
  const own = await loadCatalog({
    userPrices: new Map([
      ['anthropic/claude-opus-4-5', { input: 1, output: 2, cached: 0.5, cacheWrite: 3 }],
      ['ollama/qwen3', { input: 1, output: 1 }],
      ['gemini/gemini-2.5-pro', { input: 7, output: 7 }],
    ]),
  });
  const usage = { input: M, output: M, cacheRead: 500_000 };
  expect(own.cost('anthropic', 'claude-opus-4-5', usage, NOW)).toEqual({
    nanoUsd: 2_750_000_000,
    state: 'exact',
    source: 'config',
  });
  expect(own.cost('anthropic', 'claude-opus-4-5', { ...usage, costUsd: 9 }, NOW).nanoUsd).toBe(2_750_000_000);
  expect(own.cost('ollama', 'qwen3', { input: M, output: M }, NOW)).toMatchObject({
    nanoUsd: 2e9,
    source: 'config',
  });
  expect(own.info('google', 'gemini-2.5-pro')?.price).toMatchObject({ input: 7, source: 'config' });
});

test('a price that is written with another spelling of the model is meant for that model', async () => {
  const own = await loadCatalog({
    userPrices: new Map([
      ['anthropic/claude-opus-4.5', { input: 1, output: 1 }],
      ['openrouter/claude-opus-4-5', { input: 2, output: 2 }],
    ]),
  });
  const usage = { input: M, output: 0 };
  expect(own.cost('anthropic', 'claude-opus-4-5', usage, NOW)).toMatchObject({
    nanoUsd: 1e9,
    source: 'config',
  });
  expect(own.cost('openrouter', 'anthropic/claude-opus-4.5', usage, NOW).nanoUsd).toBe(2e9);
  expect(own.cost('openrouter', 'anthropic/claude-opus-5', usage, NOW).source).not.toBe('config');
});

describe('fees that the user sets', () => {
  const own = (price: UserPrice) => loadCatalog({ userPrices: new Map([['openai/gpt-5', price]]) });

  test('are paid by the request and by the search, beside the tokens', async () => {
    const priced = await own({ input: 1, output: 2, perRequest: 0.005, perSearch: 0.01 });
    expect(priced.cost('openai', 'gpt-5', { input: 1000, output: 500, searches: 3 }, NOW)).toEqual({
      // 1000 × 1,000 + 500 × 2,000 + 5,000,000 + 3 × 10,000,000
      nanoUsd: 37_000_000,
      state: 'exact',
      source: 'config',
    });
  });

  test('of a request alone are the whole price, also of an answer without counts', async () => {
    const priced = await own({ perRequest: 0.04 });
    const fee = { nanoUsd: 40_000_000, state: 'exact', source: 'config' };
    expect(
      priced.cost('openai', 'gpt-5', { input: 1000, cacheRead: 500, output: 500, outputAudio: 9 }, NOW),
    ).toEqual(fee);
    expect(priced.cost('openai', 'gpt-5', {}, NOW)).toEqual(fee);
    expect(priced.price('openai', 'gpt-5')).toMatchObject({ input: 0, output: 0, perRequest: 0.04 });
  });

  test('are missing for searches: the cost is an estimate', async () => {
    const priced = await own({ input: 1, output: 2 });
    expect(priced.cost('openai', 'gpt-5', { input: 1, output: 1, searches: 1 }, NOW).state).toBe('estimate');
  });

  test('of sound and pictures have their own rates; cached tokens are text first', async () => {
    const priced = await own({
      input: 1,
      cached: 0.1,
      output: 2,
      inputAudio: 10,
      outputAudio: 20,
      inputImage: 3,
      outputImage: 30,
    });
    const usage = {
      input: 1000,
      cacheRead: 300,
      inputAudio: 100,
      inputImage: 50,
      output: 500,
      outputAudio: 200,
      outputImage: 100,
    };
    // 550 × 1 + 300 × 0.1 + 100 × 10 + 50 × 3 + 200 × 2 + 200 × 20 + 100 × 30, in thousandths of a nano-dollar
    expect(priced.cost('openai', 'gpt-5', usage, NOW)).toMatchObject({ nanoUsd: 9_130_000, state: 'exact' });
    const plain = await own({ input: 1, output: 2 });
    expect(plain.cost('openai', 'gpt-5', { input: 10, output: 10, outputAudio: 5 }, NOW).state).toBe(
      'estimate',
    );
    expect(plain.cost('openai', 'gpt-5', { input: 10, inputImage: 5, output: 10 }, NOW).state).toBe('exact');
  });

  test('are in the tier of service what they are without it', async () => {
    const openrouter = await loadCatalog();
    openrouter.setLive('openai', [{ id: 'gpt-5', price: { input: 2, output: 2, perSearch: 0.01 } }]);
    const usage = { input: 1000, output: 0, searches: 1, tier: 'batch' as const };
    expect(openrouter.cost('openai', 'gpt-5', usage, NOW)).toMatchObject({
      nanoUsd: 11_000_000,
      state: 'exact',
    });
  });
});

test('where the user’s price does not say enough, what the provider reports counts', async () => {
  const own = await loadCatalog({ userPrices: new Map([['openai/gpt-5', { input: 1 }]]) });
  expect(own.cost('openai', 'gpt-5', { input: 5, output: 5, costUsd: 0.25 }, NOW)).toMatchObject({
    nanoUsd: 250_000_000,
    source: 'provider',
  });
});

test('a part without a rate of its own makes the cost an estimate', async () => {
  const own = await loadCatalog({
    userPrices: new Map([['acme/x', { input: 1, output: 1 }]]),
    providers: new Map([['acme', { url: 'https://acme.example/v1' }]]),
  });
  expect(own.cost('acme', 'x', { input: 10, output: 1 }, NOW).state).toBe('exact');
  expect(own.cost('acme', 'x', { input: 10, cacheRead: 5, output: 1 }, NOW).state).toBe('estimate');
});

test('a cost whose input nobody counted is an estimate', () => {
  expect(cost('openai', 'gpt-5', { output: 100 }).state).toBe('estimate');
});

test('the list’s own price is preferred to the bundled one, and its source is named', async () => {
  const live = await loadCatalog();
  live.setLive('openrouter', [{ id: 'openai/gpt-5', price: { input: 9, output: 9 } }]);
  expect(live.info('openrouter', 'openai/gpt-5')?.price).toEqual({
    input: 9,
    output: 9,
    cacheRead: null,
    cacheWrite: null,
    source: 'openrouter /models',
  });
});

test('a dated id that only a live list has gets limits and abilities of the same model', async () => {
  const live = await loadCatalog();
  live.setLive('anthropic', [{ id: 'claude-opus-4-6-20260205' }]);
  const listed = live.info('anthropic', 'claude-opus-4-6-20260205');
  expect(listed).toMatchObject({ name: 'claude-opus-4-6', live: true, tools: true, vision: true });
  expect(listed?.context).toBe(live.info('anthropic', 'claude-opus-4-6')?.context);
  expect(listed?.price?.input).toBe(5);
});

const tokens = fc.option(fc.nat({ max: 2_000_000 }), { nil: undefined });
const anyUsage = fc.record({
  input: tokens,
  output: tokens,
  cacheRead: tokens,
  cacheWrite: tokens,
  cacheWrite1h: tokens,
  reasoning: tokens,
});

test('whatever is counted, the cost is a whole number that is not negative, or unknown', () => {
  const models = catalog.models().filter(({ price }) => price !== null);
  fc.assert(
    fc.property(anyUsage, fc.constantFrom(...models), (counted, model) => {
      const usage: Usage = JSON.parse(JSON.stringify(counted));
      const { nanoUsd: nano, state } = catalog.cost(model.provider, model.id, usage, NOW);
      expect(nano === null ? state === 'unknown' : Number.isSafeInteger(nano) && nano >= 0).toBe(true);
    }),
  );
});

test('more tokens never cost less', () => {
  fc.assert(
    fc.property(fc.nat({ max: 150_000 }), fc.nat({ max: 20_000 }), (input, output) => {
      const nano = (extra: number) =>
        cost('anthropic', 'claude-opus-4-5', { input: input + extra, output }).nanoUsd ?? -1;
      expect(nano(1)).toBeGreaterThanOrEqual(nano(0));
    }),
  );
});

test('nano-dollars are rounded half up, once', () => {
  expect(nanoUsd(0.0000000005)).toBe(1);
  expect(nanoUsd(0.00000000049)).toBe(0);
  expect(nanoUsd(0.1 + 0.2)).toBe(300_000_000);
});

test('prices are asked for only after the data is there', async () => {
  const { createCatalog } = await import('../../src/catalog/index.ts');
  const early = createCatalog();
  expect(early.provider('openai')?.id).toBe('openai');
  expect(() => early.models()).toThrow(/before ready/);
});
