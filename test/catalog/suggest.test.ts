import { beforeAll, expect, test } from 'vitest';
import { type Catalog, closest, loadCatalog } from '../../src/catalog/index.ts';

let catalog: Catalog;
beforeAll(async () => {
  catalog = await loadCatalog();
});

const NAMES = ['claude-opus-4-5', 'claude-sonnet-4-5', 'gpt-5', 'gpt-5-mini', 'o1', 'o3', 'gemini-2.5-pro'];
const near = (asked: string): string[] => closest(asked, NAMES, 3);

test.each([
  ['claud-opus-4-5', 'claude-opus-4-5'],
  ['cluade-opus-4-5', 'claude-opus-4-5'],
  ['claude-opsu-4-5', 'claude-opus-4-5'],
  ['gpt5', 'gpt-5'],
  ['GPT-5', 'gpt-5'],
  ['opus', 'claude-opus-4-5'],
  ['sonnet', 'claude-sonnet-4-5'],
  ['gemini-2.5', 'gemini-2.5-pro'],
])('%s is close to %s', (asked, name) => {
  expect(near(asked)[0]).toBe(name);
});

test.each(['', 'zz', 'qqqqqqqqqq', 'nothing-like-that', 'x'.repeat(1000)])(
  '%j is close to nothing',
  (asked) => {
    expect(near(asked)).toEqual([]);
  },
);

test('the name itself is closer than any other', () => {
  expect(closest('claude-opus-4-5', ['claude-opus-5-5', 'claude-opus-4-5', 'claude-opus-4-6'], 3)[0]).toBe(
    'claude-opus-4-5',
  );
});

test('at most as many as asked, each once, higher versions first', () => {
  expect(
    closest('opus', ['claude-opus-4-1', 'claude-opus-4-6', 'claude-opus-4-6', 'claude-opus-4-5'], 2),
  ).toEqual(['claude-opus-4-6', 'claude-opus-4-5']);
});

test('the catalog compares names however they are separated, and never names the demo', () => {
  expect(catalog.suggest('anthropic/claud-opus-4.5', 3)).toContain('claude-opus-4-5');
  expect(catalog.suggest('reasonr', 5)).not.toContain('reasoner');
});
