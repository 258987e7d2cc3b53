import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { waitForUpdate } from '@pydantic/genai-prices';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type Catalog,
  createPriceFeeds,
  FEED_IDS,
  loadCatalog,
  type UserPrice,
} from '../../src/catalog/index.ts';
import type { Usage } from '../../src/pivot/index.ts';
import { createFetchPrices } from '../../src/server/index.ts';
import { createConnections, createTransport } from '../../src/upstream/index.ts';
import { temporaryDirectory } from './support/temporary.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const DAY_MS = 86_400_000;
const M = 1_000_000;
const [GENAI = '', MODELS_DEV = '', LITELLM = ''] = FEED_IDS;

/** So many models that nobody needs, and one that matters. */
const padded = (row: (i: number) => unknown, one: Record<string, unknown>): Record<string, unknown> => ({
  ...Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`filler-${i}`, row(i)])),
  ...one,
});

const modelsDev = (cost: Record<string, unknown>): unknown => ({
  openai: {
    models: padded(() => ({ cost: { input: 1, output: 1 } }), { 'gpt-99': { cost }, 'gpt-5': { cost } }),
  },
});

const litellm = (row: Record<string, unknown>): unknown =>
  padded(() => ({ litellm_provider: 'other' }), { 'gpt-99': { litellm_provider: 'openai', ...row } });

/** The price package's own data with another input price of one model. */
let genai: (input: unknown) => Record<string, unknown>[];
beforeAll(async () => {
  const bundled = JSON.stringify(await waitForUpdate());
  genai = (input) => {
    const list = JSON.parse(bundled) as { id: string; models: { id: string; prices: unknown }[] }[];
    const model = list.find(({ id }) => id === 'openai')?.models.find(({ id }) => id === 'gpt-5');
    if (model) model.prices = { input_mtok: input, output_mtok: 20, cache_read_mtok: 0.2 };
    return list;
  };
});

/** A real server in the place of every public list, and a catalog that downloads from it. */
async function setUp(
  answer: RequestListener,
  more: { dir?: string; now?: () => number; own?: UserPrice } = {},
) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url?.slice(1) ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connections = await createConnections({ env: {}, proxy: null, ca: null });
  onTestFinished(async () => {
    await connections.destroy();
    server.closeAllConnections();
    server.close();
  });
  const fetch = createFetchPrices(() => createTransport(connections), new AbortController().signal);
  const { port } = server.address() as AddressInfo;
  const catalog = await loadCatalog({
    now: () => NOW,
    ...(more.own ? { userPrices: new Map([['openai/gpt-5', more.own]]) } : {}),
  });
  const pricesDir = more.dir ?? join(temporaryDirectory(), 'prices');
  const now = more.now ?? (() => NOW);
  const origin = `http://127.0.0.1:${port}`;
  const idOf = (url: string): string =>
    url.includes('genai') ? GENAI : url.includes('models.dev') ? MODELS_DEV : LITELLM;
  const feeds = createPriceFeeds({
    catalog,
    fetch: (url) => fetch(`${origin}/${idOf(url)}`),
    pricesDir,
    now,
  });
  return { catalog, feeds, pricesDir, asked, origin };
}

/** Answers each list with its JSON; what is not there is a 404. */
const lists =
  (bodies: Record<string, unknown>): RequestListener =>
  ({ url = '' }, response) => {
    const body = bodies[url.slice(1)];
    response.writeHead(body === undefined ? 404 : 200).end(body === undefined ? 'no' : JSON.stringify(body));
  };

const cost = (catalog: Catalog, model: string, usage: Usage = { input: M, output: 0 }) =>
  catalog.cost('openai', model, usage, NOW);

describe('the price package’s data as it was downloaded', () => {
  test('prices what the bundled one would have priced, and says of which day it is', async () => {
    const { catalog, feeds } = await setUp(lists({ [GENAI]: genai(7) }));
    expect(cost(catalog, 'gpt-5').nanoUsd).toBe(1_250_000_000);
    expect(await feeds.refresh([GENAI])).toEqual([
      { provider: GENAI, outcome: 'updated', models: expect.any(Number), problem: null },
    ]);
    expect(cost(catalog, 'gpt-5')).toEqual({
      nanoUsd: 7_000_000_000,
      state: 'exact',
      source: 'genai-prices openai/gpt-5 2026-11-25',
    });
    expect(catalog.freshness()).toEqual({ at: NOW, source: 'refreshed' });
  });

  test('is weaker than the user’s price and than the provider’s own list', async () => {
    const own = await setUp(lists({ [GENAI]: genai(7) }), { own: { input: 3, output: 3 } });
    await own.feeds.refresh();
    expect(cost(own.catalog, 'gpt-5')).toMatchObject({ nanoUsd: 3_000_000_000, source: 'config' });
    const live = await setUp(lists({ [GENAI]: genai(7) }));
    await live.feeds.refresh();
    live.catalog.setLive('openai', [{ id: 'gpt-5', price: { input: 4, output: 4 } }]);
    expect(cost(live.catalog, 'gpt-5')).toMatchObject({ nanoUsd: 4_000_000_000, source: 'openai /models' });
  });

  test('lies on the disk for the next run, which needs no network, private to its owner', async () => {
    const first = await setUp(lists({ [GENAI]: genai(7) }));
    await first.feeds.refresh([GENAI]);
    expect(statSync(join(first.pricesDir, `${GENAI}.json`)).mode & 0o777).toBe(0o600);
    const later = await setUp(lists({}), { dir: first.pricesDir, now: () => NOW + 3 * DAY_MS });
    await later.feeds.loadCached();
    expect(cost(later.catalog, 'gpt-5').source).toBe('genai-prices openai/gpt-5 2026-11-25');
    expect(later.asked).toEqual([]);
  });

  test('is asked for again when it is older than most of a day, and when somebody names it', async () => {
    let now = NOW;
    const { feeds, asked } = await setUp(
      lists({ [GENAI]: genai(7), [MODELS_DEV]: modelsDev({ input: 1, output: 2 }), [LITELLM]: litellm({}) }),
      { now: () => now },
    );
    await feeds.refresh();
    expect(asked.sort()).toEqual([...FEED_IDS].sort());
    await feeds.refresh();
    expect(asked.length).toBe(3);
    await feeds.refresh([GENAI]);
    expect(asked.length).toBe(4);
    now += DAY_MS;
    await feeds.refresh();
    expect(asked.length).toBe(7);
  });
});

test('models.dev prices what neither the provider nor the price package does', async () => {
  const { catalog, feeds } = await setUp(
    lists({ [MODELS_DEV]: modelsDev({ input: 2, output: 4, cache_read: 0.2 }) }),
  );
  expect(cost(catalog, 'gpt-99')).toMatchObject({ nanoUsd: null, state: 'unknown' });
  await feeds.refresh([MODELS_DEV]);
  expect(cost(catalog, 'gpt-99', { input: M, cacheRead: 500_000, output: M })).toEqual({
    nanoUsd: 5_100_000_000,
    state: 'exact',
    source: 'models.dev 2026-11-25',
  });
  expect(cost(catalog, 'gpt-5').nanoUsd).toBe(1_250_000_000);
});

test.each([
  ['tiers', { tiers: [{ input: 4, output: 6, tier: { type: 'context', size: 200_000 } }] }],
  ['one row for long requests', { context_over_200k: { input: 4, output: 6 } }],
])('models.dev knows what long requests cost, written as %s', async (_how, long) => {
  const first = await setUp(lists({ [MODELS_DEV]: modelsDev({ input: 2, output: 3, ...long }) }));
  await first.feeds.refresh([MODELS_DEV]);
  const later = await setUp(lists({}), { dir: first.pricesDir });
  await later.feeds.loadCached();
  for (const { catalog } of [first, later]) {
    expect(cost(catalog, 'gpt-99', { input: 200_000, output: 0 }).nanoUsd).toBe(400_000_000);
    expect(cost(catalog, 'gpt-99', { input: 300_000, output: 100_000 }).nanoUsd).toBe(1_800_000_000);
  }
});

test('what a subscription’s tokens would cost elsewhere is no price', async () => {
  const row = { cost: { input: 1, output: 1 } };
  const list = {
    ...(modelsDev({ input: 2, output: 3 }) as object),
    'opencode-go': { models: { 'glm-5': row } },
  };
  const { catalog, feeds } = await setUp(lists({ [MODELS_DEV]: list }));
  await feeds.refresh([MODELS_DEV]);
  expect(catalog.cost('opencode-go', 'glm-5', { input: M, output: M }, NOW)).toMatchObject({
    nanoUsd: null,
    state: 'unknown',
  });
});

const TIERED = {
  ...{ input_cost_per_token: 2e-6, output_cost_per_token: 4e-6 },
  ...{ input_cost_per_token_priority: 5e-6, output_cost_per_token_priority: 10e-6 },
};

test('LiteLLM’s table says what tiers of service cost, and nothing else', async () => {
  const rows = {
    ...TIERED,
    // Two sides that do not agree are no share of anything.
    ...{ input_cost_per_token_flex: 1e-6, output_cost_per_token_flex: 1e-6 },
  };
  const { catalog, feeds } = await setUp(
    lists({ [LITELLM]: litellm(rows), [MODELS_DEV]: modelsDev({ input: 1, output: 2 }) }),
  );
  await feeds.refresh([LITELLM]);
  expect(cost(catalog, 'gpt-99').state).toBe('unknown');
  await feeds.refresh([MODELS_DEV]);
  expect(cost(catalog, 'gpt-99', { input: M, output: 0, tier: 'priority' })).toEqual({
    nanoUsd: 2_500_000_000,
    state: 'exact',
    source: 'models.dev 2026-11-25 priority',
  });
});

describe('a bad download', () => {
  const broken = (change: (list: Record<string, unknown>[]) => unknown): (() => string) => {
    return () => JSON.stringify(change(genai(9)));
  };
  const model = { id: 'gpt-5', match: { equals: 'gpt-5' }, prices: { input_mtok: 9 } };
  const withModel = (fields: Record<string, unknown>): (() => string) =>
    broken((list) => [...list, { id: 'x', models: [{ ...model, ...fields }] }]);

  const BODIES: readonly (readonly [what: string, body: () => string, problem: string])[] = [
    ['that broke off', () => JSON.stringify(genai(9)).slice(0, 400_000), 'no JSON'],
    ['that is a page for people', () => '<!doctype html><title>Sign in</title>', 'no JSON'],
    ['that is empty', () => '', 'no JSON'],
    ['without a list', () => '{"error":"gone"}', 'no list of providers'],
    ['with hardly a model', broken((list) => list.slice(-2)), 'too few models'],
    ['with a negative price', () => JSON.stringify(genai(-1)), 'nobody can mean, of gpt-5'],
    ['with an absurd price', () => JSON.stringify(genai(1e9)), 'nobody can mean, of gpt-5'],
    ['with a price in words', () => JSON.stringify(genai('free')), 'nobody can mean, of gpt-5'],
    [
      'with a tier below zero',
      () => JSON.stringify(genai({ base: 1, tiers: [{ start: 1, price: -1 }] })),
      'gpt-5',
    ],
    [
      'with a date that is none',
      withModel({ prices: [{ constraint: { start_date: 'x' }, prices: {} }] }),
      'gpt-5',
    ],
    [
      'with a name that is none',
      withModel({ match: { equals: 5, or: [{ equals: 'gpt-5' }] } }),
      'without a name',
    ],
    ['with a model that nothing matches', withModel({ match: 'gpt-5' }), 'without a name'],
    ['with a name without end', withModel({ id: 'x'.repeat(10_000) }), 'without a name'],
    ['that is larger than any list', () => `[${' '.repeat(17 * 1024 * 1024)}]`, 'longer than 16 MB'],
  ];

  test.each(BODIES)('%s changes nothing, neither in memory nor on disk', async (_what, body, problem) => {
    let bad = false;
    const { catalog, feeds, pricesDir } = await setUp((_request, response) => {
      response.end(bad ? body() : JSON.stringify(genai(7)));
    });
    await feeds.refresh([GENAI]);
    const file = join(pricesDir, `${GENAI}.json`);
    const before = readFileSync(file, 'utf8');
    bad = true;
    const [result] = await feeds.refresh([GENAI]);
    expect(result).toMatchObject({ outcome: 'failed', problem: expect.stringContaining(problem) });
    expect(cost(catalog, 'gpt-5').nanoUsd).toBe(7_000_000_000);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(readdirSync(pricesDir)).toEqual([`${GENAI}.json`]);
  });

  test('from somebody to whom we are sent is not taken', async () => {
    const other = await setUp(lists({ [GENAI]: genai(9) }));
    const { catalog, feeds, pricesDir } = await setUp((_request, response) => {
      response.writeHead(302, { location: `${other.origin}/${GENAI}` }).end();
    });
    expect(await feeds.refresh([GENAI])).toMatchObject([
      { outcome: 'failed', problem: 'its prices answered 302' },
    ]);
    expect(other.asked).toEqual([]);
    expect(cost(catalog, 'gpt-5').nanoUsd).toBe(1_250_000_000);
    expect(existsSync(pricesDir)).toBe(false);
  });

  test('of one list does not disturb the others; a server that is not there is no exception', async () => {
    const { catalog, feeds } = await setUp(({ url }, response) => {
      if (url === `/${GENAI}`) response.destroy();
      else response.end(JSON.stringify(url === `/${LITELLM}` ? [] : modelsDev({ input: 2, output: 4 })));
    });
    const results = await feeds.refresh();
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'updated', 'failed']);
    expect(cost(catalog, 'gpt-99').source).toBe('models.dev 2026-11-25');
  });

  test.each([
    [MODELS_DEV, () => modelsDev({ input: -2, output: 4 })],
    [MODELS_DEV, () => modelsDev({ input: '2', output: 4 })],
    [MODELS_DEV, () => modelsDev({ input: 2, output: 4, context_over_200k: { input: -1, output: 4 } })],
    [
      MODELS_DEV,
      () => modelsDev({ input: 2, output: 4, tiers: [{ input: 1, tier: { type: 'context', size: 'x' } }] }),
    ],
    [LITELLM, () => litellm({ input_cost_per_token: -1e-6 })],
  ])('of %s with a price that nobody can mean is not taken', async (id, body) => {
    const { feeds } = await setUp(lists({ [id]: body() }));
    expect(await feeds.refresh([id])).toMatchObject([
      { outcome: 'failed', problem: expect.stringContaining('nobody can mean') },
    ]);
  });

  test('that somebody wrote into our file is as if absent', async () => {
    const first = await setUp(lists({ [GENAI]: genai(7) }));
    await first.feeds.refresh([GENAI]);
    const file = join(first.pricesDir, `${GENAI}.json`);
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...kept, data: genai(-7) }));
    const { catalog, feeds } = await setUp(lists({}), { dir: first.pricesDir });
    await feeds.loadCached();
    expect(cost(catalog, 'gpt-5').nanoUsd).toBe(1_250_000_000);
  });

  const TAMPERED: readonly (readonly [id: string, data: unknown])[] = [
    [MODELS_DEV, { openai: { 'gpt-99': { input: -2, output: 4 } } }],
    [MODELS_DEV, { openai: { 'gpt-99': { input: 2 } } }],
    [MODELS_DEV, { openai: ['gpt-99'] }],
    [LITELLM, { 'openai/gpt-98': { priority: [-5, 2] } }],
    [LITELLM, { 'openai/gpt-98': { priority: [5] } }],
    [GENAI, [{ id: 'openai', models: [{ id: 'gpt-99', match: { equals: 'gpt-99' } }, null] }, null]],
    ...FEED_IDS.map((id) => [id, null] as const),
  ];

  test.each(TAMPERED)('that somebody wrote into our file of %s as %j prices nothing', async (id, data) => {
    const { catalog, feeds, pricesDir } = await setUp(lists({}));
    catalog.setLive('openai', [{ id: 'gpt-98', price: { input: 1, output: 1 } }]);
    const costs = () =>
      ['gpt-98', 'gpt-99', 'constructor', '__proto__', 'gpt-5'].map((model) =>
        cost(catalog, model, { input: M, output: M, tier: 'priority' }),
      );
    const before = costs();
    mkdirSync(pricesDir);
    writeFileSync(join(pricesDir, `${id}.json`), JSON.stringify({ version: 2, at: NOW, data }));
    await feeds.loadCached();
    expect(costs()).toEqual(before);
  });
});

test('on the disk lies what prices hang on, and no whole download', async () => {
  const note = 'a page of words';
  const list = genai(7).map((provider) => ({ ...provider, description: note, price_comments: note }));
  const rates = { input: 2, output: 4, cache_read: 0.2, note };
  const first = await setUp(
    lists({ [GENAI]: list, [MODELS_DEV]: modelsDev(rates), [LITELLM]: litellm({ ...TIERED, note }) }),
  );
  await first.feeds.refresh();
  const texts = readdirSync(first.pricesDir).map((name) => readFileSync(join(first.pricesDir, name), 'utf8'));
  expect(texts.map((text) => text.includes(note))).toEqual([false, false, false]);
  const later = await setUp(lists({}), { dir: first.pricesDir });
  await later.feeds.loadCached();
  for (const usage of [{}, { tier: 'priority' as const }, { cacheRead: 1000 }])
    for (const model of ['gpt-5', 'gpt-99'])
      expect(cost(later.catalog, model, { input: M, output: M, ...usage })).toEqual(
        cost(first.catalog, model, { input: M, output: M, ...usage }),
      );
  expect(cost(later.catalog, 'gpt-99', { input: M, output: 0, tier: 'priority' }).nanoUsd).toBe(
    5_000_000_000,
  );
});
