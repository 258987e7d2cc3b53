import { expect, test } from 'vitest';
import { createCatalog, type Provider, type ProviderOverride } from '../../src/catalog/index.ts';

function withOverride(id: string, override: ProviderOverride): Provider {
  const row = createCatalog({ providers: new Map([[id, override]]) }).provider(id);
  if (!row) throw new Error(`no row ${id}`);
  return row;
}

const urlsOf = ({ surfaces }: Provider): Record<string, string> =>
  Object.fromEntries(surfaces.map(({ protocol, url }) => [protocol, url]));

test('another url keeps the rest of a built-in row, and its built-in origins', () => {
  const row = withOverride('openai', { url: 'https://gw.example/openai/v1/' });
  expect(urlsOf(row)).toEqual({
    'openai-chat': 'https://gw.example/openai/v1',
    'openai-responses': 'https://gw.example/openai/v1',
  });
  expect(row).toMatchObject({
    name: 'OpenAI',
    kind: 'maker',
    env: ['OPENAI_API_KEY'],
    pricesId: 'openai',
    builtin: true,
    builtinOrigins: ['https://api.openai.com'],
    modelsUrl: 'https://gw.example/openai/v1/models',
  });
});

test('another url keeps what a list of models needs behind the path', () => {
  expect(withOverride('anthropic', { url: 'https://gw.example/v1' }).modelsUrl).toBe(
    'https://gw.example/v1/models?limit=1000',
  );
  expect(withOverride('nebius', { url: 'https://gw.example/v1' }).modelsUrl).toBe(
    'https://gw.example/v1/models?verbose=true',
  );
});

test('surfaces below the first one’s url stay below the new one', () => {
  expect(urlsOf(withOverride('google', { url: 'https://gw.example/v1beta' }))).toEqual({
    gemini: 'https://gw.example/v1beta',
    'openai-chat': 'https://gw.example/v1beta/openai',
  });
  expect(urlsOf(withOverride('deepseek', { url: 'https://gw.example' }))['anthropic-messages']).toBe(
    'https://gw.example/anthropic/v1',
  );
});

test('a url beside a named protocol is that protocol’s url', () => {
  const row = withOverride('deepseek', { url: 'https://gw.example/a/v1', protocol: ['anthropic-messages'] });
  expect(row.surfaces).toEqual([
    { protocol: 'anthropic-messages', url: 'https://gw.example/a/v1', auth: 'x-api-key' },
  ]);
});

test('the list of models is asked for in the way of the surface that comes first', () => {
  const row = withOverride('google', { protocol: ['openai-chat'] });
  expect(row.surfaces[0]?.auth).toBe('bearer');
  expect(row.modelsUrl).toBe('https://generativelanguage.googleapis.com/v1beta/openai/models');
});

test('another auth alone does not move the list of models', () => {
  expect(withOverride('google', { auth: 'bearer' }).modelsUrl).toMatch(/v1beta\/models\?pageSize=1000$/);
  expect(withOverride('codestral', { auth: 'none' }).modelsUrl).toBeNull();
});

test('auth, headers and quirks are replaced; unknown quirks are left out', () => {
  const row = withOverride('groq', {
    auth: 'none',
    headers: { 'x-team': 'a' },
    quirks: ['no-stream-options', 'no-such-quirk'],
  });
  expect(row.surfaces.map(({ auth }) => auth)).toEqual(['none', 'none']);
  expect(row.headers).toEqual({ 'x-team': 'a' });
  expect(row.quirks).toEqual(['no-stream-options']);
});

test('variables that the user names replace the row’s and are bound to the address beside them', () => {
  const row = withOverride('openai', { url: 'https://gw.example/v1', keys: ['GW_KEY'] });
  expect(row.env).toEqual(['GW_KEY']);
  expect(row.builtinOrigins).toEqual(['https://gw.example']);
});

test('an alias overrides the row that it stands for', () => {
  const catalog = createCatalog({ providers: new Map([['gemini', { auth: 'none' as const }]]) });
  expect(catalog.provider('google')?.surfaces[0]?.auth).toBe('none');
  expect(catalog.providers().filter(({ id }) => id === 'gemini')).toEqual([]);
});

test('a row of the user’s own speaks Chat, takes Bearer, and its variables are bound to its url', () => {
  const row = withOverride('acme', { url: 'https://llm.acme.example/v1', keys: ['ACME_KEY'] });
  expect(row).toMatchObject({
    id: 'acme',
    kind: 'reseller',
    builtin: false,
    env: ['ACME_KEY'],
    builtinOrigins: ['https://llm.acme.example'],
    modelsUrl: 'https://llm.acme.example/v1/models',
    surfaces: [{ protocol: 'openai-chat', url: 'https://llm.acme.example/v1', auth: 'bearer' }],
  });
});

test('each protocol of a row of the user’s own takes keys as its vendor does', () => {
  const row = withOverride('acme', {
    url: 'https://llm.acme.example',
    protocol: ['openai-chat', 'anthropic-messages', 'gemini'],
  });
  expect(row.surfaces.map(({ auth }) => auth)).toEqual(['bearer', 'x-api-key', 'x-goog-api-key']);
});

test.each(['http://localhost:9000/v1', 'http://127.0.0.1:9000', 'http://[::1]:9000/v1'])(
  'a row at %s is a local one',
  (url) => expect(withOverride('mine', { url }).kind).toBe('local'),
);
