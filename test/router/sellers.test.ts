import { beforeAll, expect, test } from 'vitest';
import { type Catalog, loadCatalog } from '../../src/catalog/index.ts';
import { orderSellers } from '../../src/router/index.ts';

let catalog: Catalog;
beforeAll(async () => {
  catalog = await loadCatalog();
  catalog.setLive('ollama', [{ id: 'gpt-oss:20b' }]);
});

const order = (name: string, prefer: string[] = []): string[] =>
  orderSellers(catalog.sellers(name), { catalog, prefer }).map(({ provider }) => provider);

test('the maker of a model comes first, whatever is preferred', () => {
  expect(order('claude-opus-4-5', ['openrouter']).slice(0, 2)).toEqual(['anthropic', 'openrouter']);
});

test('then what the user prefers, in that order, by id or alias', () => {
  const sellers = order('gpt-oss-20b');
  expect(sellers).toContain('huggingface');
  expect(order('gpt-oss-20b', ['hf', 'no-such', 'groq']).slice(0, 2)).toEqual(['huggingface', 'groq']);
});

test('then direct providers before resellers, then the alphabet', () => {
  const sellers = order('gpt-oss-20b');
  expect(sellers[0]).toBe('ollama');
  expect(sellers.slice(1)).toEqual([...sellers.slice(1)].sort());
});
