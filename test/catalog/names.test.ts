import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Catalog, loadCatalog, spelling } from '../../src/catalog/index.ts';
import { createNames, type Names, withoutMaker } from '../../src/catalog/names.ts';
import { loadSnapshot } from '../../src/catalog/snapshot.ts';

let names: Names;
let ids: string[];
let catalog: Catalog;

beforeAll(async () => {
  const snapshot = await loadSnapshot();
  ids = Object.values(snapshot.providers).flatMap((bySource) =>
    Object.values(bySource).flatMap((rows) => rows.map(([id]) => id)),
  );
  names = createNames(snapshot.names, ids);
  catalog = await loadCatalog();
});

const anyId = fc.oneof(
  fc.string(),
  fc
    .tuple(
      fc.constantFrom('', 'anthropic/', 'accounts/fireworks/models/', '~x/'),
      fc.constantFrom('claude-opus-4.5', 'gpt-4o', 'GPT_5', 'llama-3.3-70b', 'New.Model-1'),
      fc.constantFrom('', '-20251101', '-2024-08-06', '-latest', '@20250101', ':free', '-2025'),
    )
    .map((parts) => parts.join('')),
);

test('the name of a name is that name', () => {
  fc.assert(
    fc.property(anyId, (id) => {
      expect(names.of(names.of(id))).toBe(names.of(id));
    }),
  );
  for (const id of ids) expect(names.of(names.of(id))).toBe(names.of(id));
});

test('a spelling stays as it is when it is spelled again', () => {
  fc.assert(
    fc.property(anyId, (id) => {
      expect(spelling(spelling(id))).toBe(spelling(id));
    }),
  );
});

test('maker, case and separators make no other name', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ids), fc.constantFrom('acme/', 'a/b/', ''), (id, maker) => {
      const bare = withoutMaker(id);
      expect(names.of(maker + bare.toUpperCase())).toBe(names.of(bare));
      expect(names.of(maker + bare.replaceAll('.', '-'))).toBe(names.of(bare));
    }),
  );
});

test.each([
  ['anthropic/claude-opus-4.5', 'claude-opus-4-5'],
  ['claude-opus-4-5-20251101', 'claude-opus-4-5'],
  ['claude-opus-4-5@20251101', 'claude-opus-4-5'],
  ['openai/gpt-4o-mini-2024-07-18', 'gpt-4o-mini'],
  ['accounts/fireworks/models/deepseek-v4p1-flash', 'deepseek-v4.1-flash'],
  ['llama-3.3-70b-versatile', 'llama-3.3-70b-instruct'],
  ['somebody/never-heard-of-1.0', 'never-heard-of-1.0'],
])('%s is %s', (id, name) => {
  expect(names.of(id)).toBe(name);
});

test('a model of which several dated snapshots are sold keeps them apart', () => {
  expect(names.of('gpt-4o-2024-05-13')).toBe('gpt-4o-2024-05-13');
  expect(names.of('gpt-4o-2031-01-01')).toBe('gpt-4o-2031-01-01');
  expect(names.of('gpt-4o')).toBe('gpt-4o');
});

test('sellers are found by any spelling, with their own ids, and the demo is not among them', () => {
  const dotted = catalog.sellers('claude-opus-4.5');
  expect(dotted).toEqual(catalog.sellers('anthropic/claude-opus-4-5'));
  expect(dotted).toEqual(catalog.sellers('claude-opus-4-5-20251101'.replace('-20251101', '')));
  expect(dotted).toContainEqual({ provider: 'anthropic', model: 'claude-opus-4-5' });
  expect(dotted).toContainEqual({ provider: 'openrouter', model: 'anthropic/claude-opus-4.5' });
  expect(catalog.sellers('coder').filter(({ provider }) => provider === 'demo')).toEqual([]);
});

test('a model that was tried where nobody sells it is not sold there for that', () => {
  const before = catalog.sellers('claude-opus-4.5');
  catalog.setShown(new Map([['mistral/claude-opus-4.5', { tools: false }]]));
  expect(catalog.sellers('claude-opus-4.5')).toEqual(before);
});

test('a free variant is not the model itself', () => {
  const live = [{ id: 'acme/thing-1' }, { id: 'acme/thing-1:free' }];
  catalog.setLive('openrouter', live);
  expect(catalog.info('openrouter', 'thing-1')?.id).toBe('acme/thing-1');
  expect(catalog.info('openrouter', 'thing-1:free')?.id).toBe('acme/thing-1:free');
});

test('every bundled model is found by its own id and by its name', () => {
  for (const provider of catalog.providers())
    for (const info of catalog.modelsOf(provider.id)) {
      expect(catalog.info(provider.id, info.id)).toBe(info);
      expect(catalog.info(provider.id, info.name)?.name).toBe(info.name);
    }
});

test('makers are known by the beginning of a name, whoever sells it', () => {
  expect(catalog.info('openrouter', 'openai/gpt-5')?.maker).toBe('openai');
  expect(catalog.info('groq', 'llama-3.3-70b-versatile')?.maker).toBe('meta');
  expect(catalog.info('demo', 'coder')?.maker).toBeNull();
});
