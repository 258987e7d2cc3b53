import { expect, test } from 'vitest';
import { createCatalog, type Provider } from '../../src/catalog/index.ts';
import { PROVIDER_ALIASES } from '../../src/catalog/providers/index.ts';

const rows = createCatalog().providers();
const remote = rows.filter(({ kind, id }) => kind !== 'local' && kind !== 'demo' && id !== 'litellm');
const find = (id: string): Provider => {
  const row = createCatalog().provider(id);
  if (!row) throw new Error(`no row ${id}`);
  return row;
};
const surface = (id: string, protocol: string) => find(id).surfaces.find((one) => one.protocol === protocol);

test('there are at least 40 providers, each id once and fit for an environment variable', () => {
  expect(rows.length).toBeGreaterThanOrEqual(40);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  for (const { id } of rows) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

test('remote providers are reached over https, with urls that end before the protocol’s own path', () => {
  for (const { surfaces, modelsUrl, keyPage } of remote) {
    for (const { url } of surfaces) {
      expect(new URL(url).protocol).toBe('https:');
      expect(url).not.toMatch(/\/$|\/(chat\/completions|responses|messages|models)$|[{}]/);
    }
    if (modelsUrl !== null) expect(new URL(modelsUrl).protocol).toBe('https:');
    expect(keyPage).toMatch(/^https:\/\//);
  }
});

test('local providers are on this machine, need no key and have a list of models', () => {
  const local = rows.filter(({ kind }) => kind === 'local');
  expect(local.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['ollama', 'lmstudio', 'llamacpp', 'vllm']),
  );
  for (const { surfaces, modelsUrl } of local) {
    expect(modelsUrl).not.toBeNull();
    for (const { url, auth } of surfaces) {
      expect(['localhost', '127.0.0.1']).toContain(new URL(url).hostname);
      expect(auth).toBe('none');
    }
  }
});

test('no row speaks a protocol twice, and every row speaks one', () => {
  for (const { surfaces } of rows) {
    const spoken = surfaces.map(({ protocol }) => protocol);
    expect(spoken.length).toBeGreaterThan(0);
    expect(new Set(spoken).size).toBe(spoken.length);
  }
});

test('well-known variables are bound to all origins of the built-in urls and to no other', () => {
  for (const { surfaces, builtinOrigins, kind } of rows) {
    const origins = kind === 'demo' ? [] : surfaces.map(({ url }) => new URL(url).origin);
    expect([...builtinOrigins].sort()).toEqual([...new Set(origins)].sort());
  }
});

test('a list of models lies at an origin that may see the key', () => {
  for (const { modelsUrl, builtinOrigins } of rows)
    if (modelsUrl !== null) expect(builtinOrigins).toContain(new URL(modelsUrl).origin);
});

test('every remote provider has a variable for its key, in the spelling of the environment', () => {
  for (const { env } of remote) {
    expect(env.length).toBeGreaterThan(0);
    for (const name of env) expect(name).toMatch(/^[A-Z][A-Z0-9_]+$/);
  }
});

test('aliases lead to rows and are no ids themselves', () => {
  const ids = new Set(rows.map(({ id }) => id));
  for (const [alias, id] of PROVIDER_ALIASES) {
    expect(ids).toContain(id);
    expect(ids).not.toContain(alias);
    expect(createCatalog().provider(alias)?.id).toBe(id);
  }
});

test('providers are found in upper case as well', () => {
  expect(find('OpenAI').id).toBe('openai');
  expect(find('Gemini').id).toBe('google');
});

test('what was retired is not offered', () => {
  const text = JSON.stringify(rows);
  for (const gone of ['models.github.ai', 'api.lambdalabs.com', 'api.lambda.ai', 'api.llama.com'])
    expect(text).not.toContain(gone);
  expect(surface('perplexity', 'openai-chat')).toBeUndefined();
});

test.each([
  ['anthropic', 'anthropic-messages', 'x-api-key'],
  ['anthropic', 'openai-chat', 'bearer'],
  ['google', 'gemini', 'x-goog-api-key'],
  ['google', 'openai-chat', 'bearer'],
  ['deepseek', 'anthropic-messages', 'x-api-key'],
  ['poe', 'anthropic-messages', 'x-api-key'],
  ['requesty', 'anthropic-messages', 'x-api-key'],
  ['aihubmix', 'anthropic-messages', 'x-api-key'],
  ['aihubmix', 'gemini', 'x-goog-api-key'],
  ['opencode', 'anthropic-messages', 'x-api-key'],
  ['opencode', 'gemini', 'x-goog-api-key'],
  ['opencode-go', 'anthropic-messages', 'x-api-key'],
  ['baseten', 'anthropic-messages', 'bearer'],
  ['ollama-cloud', 'anthropic-messages', 'bearer'],
  ['fireworks-ai', 'anthropic-messages', 'bearer'],
  ['openrouter', 'anthropic-messages', 'bearer'],
])('%s takes its key on %s as %s', (id, protocol, auth) => {
  expect(surface(id, protocol)?.auth).toBe(auth);
});

test.each([
  ['openai', 'openai-chat', 'https://api.openai.com/v1'],
  ['anthropic', 'anthropic-messages', 'https://api.anthropic.com/v1'],
  ['google', 'gemini', 'https://generativelanguage.googleapis.com/v1beta'],
  ['google', 'openai-chat', 'https://generativelanguage.googleapis.com/v1beta/openai'],
  ['unorouter', 'openai-chat', 'https://api.unorouter.com/v1'],
  ['deepseek', 'openai-chat', 'https://api.deepseek.com'],
  ['groq', 'openai-chat', 'https://api.groq.com/openai/v1'],
  ['zai', 'openai-chat', 'https://api.z.ai/api/paas/v4'],
  ['deepinfra', 'openai-responses', 'https://api.deepinfra.com/v1'],
  ['chutes', 'anthropic-messages', 'https://claude.chutes.ai/v1'],
])('%s speaks %s at %s', (id, protocol, url) => {
  expect(surface(id, protocol)?.url).toBe(url);
});

test('plans have no price of their own: what a token costs there is not for sale by the token', () => {
  for (const id of [
    'zai-coding-plan',
    'zhipuai-coding-plan',
    'kimi-for-coding',
    'alibaba-coding-plan',
    'opencode-go',
  ])
    expect(find(id).pricesId).toBeNull();
});
