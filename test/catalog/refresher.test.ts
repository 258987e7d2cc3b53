import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type Catalog,
  createRefresher,
  loadCatalog,
  type Provider,
  type RefresherDeps,
} from '../../src/catalog/index.ts';
import { cachedLists, writeList } from '../../src/catalog/model-cache.ts';
import { temporaryDirectory } from './support/temporary.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const list = (...ids: string[]) => ({
  status: 200,
  body: JSON.stringify({ data: ids.map((id) => ({ id })) }),
});

async function setUp(
  fetchList: RefresherDeps['fetchList'],
  modelsDir = join(temporaryDirectory(), 'models'),
) {
  const catalog = await loadCatalog({ now: () => NOW });
  return {
    catalog,
    modelsDir,
    refresher: createRefresher({ catalog, fetchList, modelsDir, now: () => NOW }),
  };
}

const liveIds = (catalog: Catalog, provider: string): string[] =>
  catalog.modelsOf(provider).flatMap(({ id, live }) => (live ? [id] : []));

test('a list goes into the catalog and onto the disk, where the next run finds it', async () => {
  const first = await setUp(async () => list('brand-new-model'));
  expect(await first.refresher.refresh(['openai'])).toEqual([
    { provider: 'openai', outcome: 'updated', models: 1, problem: null },
  ]);
  expect(liveIds(first.catalog, 'openai')).toEqual(['brand-new-model']);
  expect(first.catalog.sellers('brand-new-model')).toEqual([
    { provider: 'openai', model: 'brand-new-model' },
  ]);
  expect(first.catalog.freshness()).toEqual({ at: NOW, source: 'refreshed' });

  const second = await setUp(async () => null, first.modelsDir);
  expect(second.catalog.freshness().source).toBe('bundled');
  await second.refresher.loadCached();
  expect(liveIds(second.catalog, 'openai')).toEqual(['brand-new-model']);
  expect(second.catalog.freshness()).toEqual({ at: NOW, source: 'refreshed' });
});

test('one provider that fails does not disturb the others and keeps what it had', async () => {
  const answers: Record<string, () => Promise<{ status: number; body: string } | null>> = {
    openai: async () => list('new'),
    groq: async () => {
      throw new Error('ECONNREFUSED');
    },
    mistral: async () => ({ status: 401, body: '{}' }),
    xai: async () => ({ status: 200, body: '<html>' }),
    cerebras: async () => null,
  };
  const { refresher, catalog } = await setUp(async ({ id }) => (await answers[id]?.()) ?? null);
  catalog.setLive('groq', [{ id: 'kept' }]);
  const results = await refresher.refresh(Object.keys(answers));
  expect(
    Object.fromEntries(results.map(({ provider, outcome, problem }) => [provider, [outcome, problem]])),
  ).toEqual({
    openai: ['updated', null],
    groq: ['failed', 'ECONNREFUSED'],
    mistral: ['failed', 'its list of models answered 401'],
    xai: ['failed', 'its list of models is not one that we can read'],
    cerebras: ['skipped', null],
  });
  expect(liveIds(catalog, 'groq')).toEqual(['kept']);
  expect(liveIds(catalog, 'openai')).toEqual(['new']);
});

test('all providers with a list are asked when none is named; aliases are understood', async () => {
  const asked: string[] = [];
  const { refresher } = await setUp(async ({ id }) => {
    asked.push(id);
    return null;
  });
  await refresher.refresh();
  expect(asked).toContain('ollama');
  expect(asked).not.toContain('demo');
  expect(asked).not.toContain('codestral');
  asked.length = 0;
  await refresher.refresh(['gemini', 'no-such-provider']);
  expect(asked).toEqual(['google']);
});

test('refreshes run one after the other', async () => {
  let running = 0;
  let most = 0;
  const { refresher } = await setUp(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return list('a');
  });
  await Promise.all([
    refresher.refresh(['openai']),
    refresher.refresh(['openai']),
    refresher.refresh(['groq']),
  ]);
  expect(most).toBe(1);
});

test('a list that cannot be kept on disk is used all the same, and the result says so', async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'models'), 'a file where the directory should be');
  const { refresher, catalog } = await setUp(async () => list('new'), join(directory, 'models'));
  const [result] = await refresher.refresh(['openai']);
  expect(result).toMatchObject({ provider: 'openai', outcome: 'updated', models: 1 });
  expect(result?.problem).toMatch(/not kept on disk/);
  expect(liveIds(catalog, 'openai')).toEqual(['new']);
});

test('what was written is read again, private to its owner', async () => {
  const directory = join(temporaryDirectory(), 'models');
  const entry = {
    provider: 'openrouter',
    at: NOW - 5,
    models: [
      { id: 'a/b', context: 5, maxOutput: 6, price: { input: 1, output: 2, cacheRead: 0.5 } },
      { id: 'c' },
    ],
  };
  await writeList(directory, entry);
  expect(await cachedLists(directory, NOW)).toEqual([entry]);
  expect(readdirSync(directory)).toEqual(['openrouter.json']);
  if (process.platform !== 'win32')
    expect(statSync(join(directory, 'openrouter.json')).mode & 0o777).toBe(0o600);
});

test('files that are no lists are as if absent', async () => {
  const directory = temporaryDirectory();
  const good = {
    version: 1,
    provider: 'groq',
    at: 1,
    models: [{ id: 'ok' }, { id: 7 }, null, { id: '' }, { id: 'p', price: { input: -1 } }],
  };
  writeFileSync(join(directory, 'groq.json'), JSON.stringify(good));
  writeFileSync(join(directory, 'cut.json'), JSON.stringify(good).slice(0, 30));
  writeFileSync(join(directory, 'garbage.json'), Buffer.from([0, 255, 1]));
  writeFileSync(join(directory, 'newer.json'), JSON.stringify({ ...good, version: 2 }));
  writeFileSync(join(directory, 'other.json'), '[]');
  writeFileSync(join(directory, 'notes.txt'), 'x');
  mkdirSync(join(directory, 'directory.json'));
  expect(await cachedLists(directory, NOW)).toEqual([
    { provider: 'groq', at: 1, models: [{ id: 'ok' }, { id: 'p' }] },
  ]);
  expect(await cachedLists(join(directory, 'nowhere'), NOW)).toEqual([]);
});

test('prices in a kept list that nobody can mean are as if absent: the cost is unknown, never nothing', async () => {
  const { catalog, modelsDir, refresher } = await setUp(async () => null);
  mkdirSync(modelsDir, { recursive: true });
  const models = [
    '{"id":"negative","price":{"input":-5,"output":-1}}',
    '{"id":"endless","price":{"input":1e308,"output":1e999}}',
    '{"id":"words","price":{"input":"3","output":["15"]}}',
    '{"id":"__proto__","price":{"__proto__":{"input":1,"output":1}}}',
    '{"id":"heir","__proto__":{"price":{"input":1,"output":1}}}',
  ];
  const file = `{"version":1,"provider":"acme","at":${NOW},"__proto__":{"models":[]},"models":[${models}]}`;
  writeFileSync(join(modelsDir, 'groq.json'), file.replace('acme', 'groq'));
  await refresher.loadCached();
  expect(liveIds(catalog, 'groq')).toContain('negative');
  for (const id of ['negative', 'endless', 'words', '__proto__', 'heir'])
    expect(catalog.cost('groq', id, { input: 1_000, output: 1_000 }, NOW), id).toMatchObject({
      nanoUsd: null,
      state: 'unknown',
    });
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('a list from the future is as old as now', async () => {
  const directory = temporaryDirectory();
  await writeList(directory, { provider: 'groq', at: NOW + 1e9, models: [{ id: 'a' }] });
  expect((await cachedLists(directory, NOW))[0]?.at).toBe(NOW);
});

test.each(['../../evil', '..', '.', 'a/b', 'C:\\x', '\u0000', 'ünï'])(
  'the list of a provider called %j stays in the directory',
  async (provider) => {
    const parent = temporaryDirectory();
    const directory = join(parent, 'models');
    await writeList(directory, { provider, at: 1, models: [{ id: 'a' }] });
    expect(readdirSync(parent)).toEqual(['models']);
    expect(readdirSync(directory)).toHaveLength(1);
    expect(await cachedLists(directory, NOW)).toEqual([{ provider, at: 1, models: [{ id: 'a' }] }]);
  },
);

test('a kept list of a provider that is gone does no harm', async () => {
  const directory = temporaryDirectory();
  await writeList(directory, { provider: 'gone', at: 1, models: [{ id: 'a' }] });
  const { refresher, catalog } = await setUp(async () => null, directory);
  await refresher.loadCached();
  expect(catalog.sellers('a')).toEqual([]);
});

test('the provider is asked with its own row', async () => {
  const seen: Provider[] = [];
  const { refresher } = await setUp(async (provider) => {
    seen.push(provider);
    return null;
  });
  await refresher.refresh(['anthropic']);
  expect(seen[0]?.modelsUrl).toBe('https://api.anthropic.com/v1/models?limit=1000');
});
