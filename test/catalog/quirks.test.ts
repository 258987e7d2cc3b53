import { expect, test } from 'vitest';
import { createCatalog, QUIRKS, type Quirk } from '../../src/catalog/index.ts';
import { spelling } from '../../src/catalog/names.ts';
import { QUIRK_RULES } from '../../src/catalog/quirk-rules.data.ts';

const catalog = createCatalog();
const of = (provider: string, model: string): Quirk[] => [...catalog.quirks(provider, model)];

test('every quirk is named once, and every one is some provider’s or some model’s', () => {
  expect(new Set(QUIRKS).size).toBe(QUIRKS.length);
  const given = new Set<string>([
    ...catalog.providers().flatMap((row) => row.quirks),
    ...QUIRK_RULES.flatMap((rule) => rule.quirks.map((quirk) => quirk.slice(1))),
  ]);
  expect(QUIRKS.filter((quirk) => !given.has(quirk))).toEqual([]);
});

test('rules name built-in providers, and models in the form in which they are looked up', () => {
  const ids = new Set(catalog.providers().map((row) => row.id));
  for (const { at = [], models } of QUIRK_RULES) {
    for (const id of at) expect(ids).toContain(id);
    for (const model of models) expect(spelling(model)).toBe(model);
  }
});

test('a rule takes back only what an earlier rule gave', () => {
  const given = new Set<string>();
  for (const { quirks } of QUIRK_RULES) {
    for (const quirk of quirks) {
      if (quirk.startsWith('-')) expect(given).toContain(quirk.slice(1));
      else given.add(quirk.slice(1));
    }
  }
});

test.each([
  ['openai', 'gpt-5'],
  ['openai', 'gpt-5-2025-08-07'],
  ['openai', 'o4-mini'],
  ['openai', 'gpt-6-luna'],
  ['openai', 'gpt-9-of-next-year'],
  ['openrouter', 'openai/gpt-5.2'],
  ['vercel', 'openai/gpt-5.4-mini'],
])('%s/%s thinks: sampling is refused', (provider, model) => {
  expect(of(provider, model)).toEqual(
    expect.arrayContaining([
      'no-temperature',
      'no-top-p',
      'no-penalties',
      'no-logprobs',
      'max-completion-tokens',
    ]),
  );
});

test.each([
  ['openai', 'gpt-4o'],
  ['openai', 'gpt-5-chat-latest'],
  ['groq', 'openai/gpt-oss-120b'],
  ['anthropic', 'claude-sonnet-4-5-20250929'],
  ['anthropic', 'claude-opus-4-6'],
  ['openrouter', 'anthropic/claude-sonnet-4.5'],
  ['deepinfra', 'moonshotai/Kimi-K2.5'],
])('%s/%s takes a temperature', (provider, model) => {
  expect(of(provider, model)).not.toContain('no-temperature');
});

test('OpenAI’s own service knows the developer role; the same model elsewhere may not', () => {
  expect(of('openai', 'gpt-5')).toContain('developer-role');
  expect(of('openrouter', 'openai/gpt-5')).not.toContain('developer-role');
});

test.each([
  ['openai', 'gpt-5', ['effort-minimal']],
  ['openai', 'gpt-5-mini', ['effort-minimal']],
  ['openai', 'gpt-5.1', ['thinking-off']],
  ['openai', 'gpt-5.5', ['effort-xhigh', 'thinking-off']],
  ['openai', 'gpt-5.5-pro', ['effort-xhigh']],
  ['openai', 'gpt-6-sol', ['effort-max', 'effort-xhigh', 'thinking-off']],
  ['openai', 'o3', []],
  ['openai', 'gpt-5-pro', ['effort-high-only']],
  ['mistral', 'mistral-medium-3-5', ['effort-high-only', 'thinking-off']],
  ['anthropic', 'claude-opus-4-8', ['effort-max', 'effort-xhigh', 'thinking-off']],
  ['anthropic', 'claude-sonnet-5-5', ['effort-max', 'effort-xhigh']],
  ['google', 'gemini-3-flash-preview', ['effort-minimal']],
  ['google', 'gemini-3.1-pro-preview', []],
])('%s/%s thinks as much as %j says beyond low, medium and high', (provider, model, levels) => {
  const found = of(provider, model).filter((quirk) => /^(effort-|thinking-off)/.test(quirk));
  expect(found.sort()).toEqual(levels);
});

test.each(['claude-opus-4-7', 'claude-opus-5', 'claude-fable-5-2', 'claude-haiku-9', 'claude-opus-latest'])(
  '%s thinks adaptively and refuses sampling, wherever it is sold',
  (model) => {
    for (const seller of ['anthropic', 'openrouter', 'acme'])
      expect(of(seller, model)).toEqual(
        expect.arrayContaining(['adaptive-thinking', 'no-temperature', 'no-top-p', 'no-top-k']),
      );
  },
);

test('Claude 4.5 takes a budget, and one of both sampling parameters', () => {
  expect(of('anthropic', 'claude-haiku-4-5')).toContain('temperature-or-top-p');
  expect(of('anthropic', 'claude-haiku-4-5')).not.toContain('adaptive-thinking');
  expect(of('anthropic', 'claude-3-7-sonnet-20250219')).not.toContain('temperature-or-top-p');
});

test('Gemini has levels since 3 and budgets before', () => {
  expect(of('google', 'gemini-3.8-flash')).toContain('thinking-level');
  expect(of('google', 'gemini-flash-latest')).toContain('thinking-level');
  expect(of('google', 'gemini-2.5-pro')).not.toContain('thinking-level');
});

test.each([
  ['deepseek', 'deepseek-v4-pro'],
  ['moonshotai', 'kimi-k3'],
  ['kimi-for-coding', 'kimi-for-coding'],
  ['fireworks-ai', 'accounts/fireworks/models/kimi-k2p6'],
  ['opencode', 'glm-5.3'],
  ['my-own-host', 'zai-org/GLM-4.7'],
])('%s/%s wants its thoughts back', (provider, model) => {
  expect(of(provider, model)).toContain('reasoning-content');
});

test('a strict host is not sent thoughts in a field that it does not know', () => {
  expect(of('mistral', 'glm-5-2')).not.toContain('reasoning-content');
});

test.each([
  ['openai', 'gpt-6-luna', 'via-responses'],
  ['opencode', 'claude-opus-5', 'via-messages'],
  ['opencode', 'gemini-4-argon', 'via-gemini'],
  ['openrouter', 'anthropic/claude-opus-4.8', 'via-messages'],
  ['minimax', 'MiniMax-M3', 'via-messages'],
])('%s/%s is translated %s', (provider, model, via) => {
  const surfaces = catalog.provider(provider)?.surfaces.map((surface) => surface.protocol);
  expect(of(provider, model).filter((quirk) => quirk.startsWith('via-'))).toEqual([via]);
  expect(surfaces?.some((protocol) => protocol.includes(via.slice('via-'.length)))).toBe(true);
});

test('an alias and upper case ask for the same row', () => {
  expect(of('gemini', 'gemini-3.8-flash')).toEqual(of('google', 'gemini-3.8-flash'));
  expect(of('OpenAI', 'GPT-5')).toEqual(of('openai', 'gpt-5'));
});

test('a user’s list takes the place of the row’s; what the model refuses stays', () => {
  const own = createCatalog({
    providers: new Map([['openai', { quirks: ['short-tool-ids', 'cache-control'] }]]),
  });
  const quirks = [...own.quirks('openai', 'gpt-5')];
  expect(quirks).toEqual(expect.arrayContaining(['short-tool-ids', 'cache-control', 'no-temperature']));
  expect(quirks).not.toContain('developer-role');
});

test('no rule takes back what a user gave', () => {
  const own = createCatalog({ providers: new Map([['groq', { quirks: ['reasoning-content'] }]]) });
  expect([...own.quirks('groq', 'kimi-k2.5')]).toContain('reasoning-content');
});

test('an unknown model of an unknown provider has none', () => {
  expect(of('nobody', 'tide-1')).toEqual([]);
});

test('quirks are known before the data is loaded, and the data does not change them', async () => {
  const fresh = createCatalog();
  const before = [...fresh.quirks('openrouter', 'anthropic/claude-opus-4.8')];
  await fresh.ready();
  expect([...fresh.quirks('openrouter', 'anthropic/claude-opus-4.8')]).toEqual(before);
});
