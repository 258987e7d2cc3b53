import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseModelList } from '../../src/catalog/index.ts';

const parse = (provider: string, answer: unknown) => parseModelList(provider, JSON.stringify(answer));

test('OpenAI’s list', () => {
  expect(
    parse('openai', {
      object: 'list',
      data: [{ id: 'gpt-5', object: 'model', created: 1754425777, owned_by: 'system' }],
    }),
  ).toEqual([{ id: 'gpt-5' }]);
});

test('Anthropic’s list, with limits', () => {
  expect(
    parse('anthropic', {
      data: [
        {
          type: 'model',
          id: 'claude-opus-4-5-20251101',
          display_name: 'Claude Opus 4.5',
          max_input_tokens: 200_000,
          max_tokens: 64_000,
        },
      ],
      has_more: false,
    }),
  ).toEqual([{ id: 'claude-opus-4-5-20251101', context: 200_000, maxOutput: 64_000 }]);
});

test('Gemini’s list: ids without models/', () => {
  expect(
    parse('google', {
      models: [{ name: 'models/gemini-2.5-pro', inputTokenLimit: 1_048_576, outputTokenLimit: 65_536 }],
    }),
  ).toEqual([{ id: 'gemini-2.5-pro', context: 1_048_576, maxOutput: 65_536 }]);
});

test('Ollama’s two lists, and the one without models', () => {
  expect(parse('ollama', { models: [{ name: 'qwen3:8b', model: 'qwen3:8b', size: 1 }] })).toEqual([
    { id: 'qwen3:8b' },
  ]);
  expect(parse('ollama', { object: 'list', data: [{ id: 'qwen3:8b', object: 'model' }] })).toEqual([
    { id: 'qwen3:8b' },
  ]);
  expect(parse('ollama', { object: 'list', data: null })).toEqual([]);
});

test('OpenRouter’s list: USD per token becomes USD per million', () => {
  expect(
    parse('openrouter', {
      data: [
        {
          id: 'openai/gpt-5',
          context_length: 400_000,
          top_provider: { context_length: 400_000, max_completion_tokens: 128_000 },
          pricing: { prompt: '0.00000125', completion: '0.00001', input_cache_read: '0.000000125' },
        },
        { id: 'openrouter/auto', pricing: { prompt: '-1', completion: '-1' } },
        { id: 'acme/free:free', pricing: { prompt: '0', completion: '0', request: '0', image: '0' } },
      ],
    }),
  ).toEqual([
    {
      id: 'openai/gpt-5',
      context: 400_000,
      maxOutput: 128_000,
      price: { input: 1.25, output: 10, cacheRead: 0.125 },
    },
    { id: 'openrouter/auto' },
    { id: 'acme/free:free', price: { input: 0, output: 0 } },
  ]);
});

test('what OpenRouter lists beside text: sound by the token, requests and searches by the call; 0 says nothing', () => {
  const pricing = {
    prompt: '0.000001',
    completion: '0.000002',
    audio: '0.000003',
    request: '0.005',
    web_search: '0.01',
  };
  expect(parse('openrouter', { data: [{ id: 'a', pricing }] })).toEqual([
    { id: 'a', price: { input: 1, output: 2, inputAudio: 3, perRequest: 0.005, perSearch: 0.01 } },
  ]);
  const none = { ...pricing, audio: '0', request: '0', web_search: '0' };
  expect(parse('openrouter', { data: [{ id: 'a', pricing: none }] })).toEqual([
    { id: 'a', price: { input: 1, output: 2 } },
  ]);
});

test('a model whose tokens cost nothing but whose pictures or requests do is not free', () => {
  expect(
    parse('openrouter', {
      data: [{ id: 'acme/painter', pricing: { prompt: '0', completion: '0', image: '0.04' } }],
    }),
  ).toEqual([{ id: 'acme/painter' }]);
});

test.each([
  ['vercel', { pricing: { input: '0.000001', output: '0.000002' } }, { input: 1, output: 2 }],
  [
    'togetherai',
    { pricing: { input: 0.6, output: 1.7, cached_input: 0.1 } },
    { input: 0.6, output: 1.7, cacheRead: 0.1 },
  ],
  ['chutes', { pricing: { prompt: 0.15, completion: 1.2 } }, { input: 0.15, output: 1.2 }],
  [
    'novita-ai',
    { input_token_price_per_m: 2700, output_token_price_per_m: 11_000 },
    { input: 0.27, output: 1.1 },
  ],
  ['venice', { model_spec: { pricing: { input: { usd: 2 }, output: { usd: 6 } } } }, { input: 2, output: 6 }],
])('%s writes prices in a unit of its own', (provider, facts, price) => {
  expect(parse(provider, { data: [{ id: 'm', ...facts }] })).toEqual([{ id: 'm', price }]);
});

test('a provider whose unit nobody knows gives no prices', () => {
  expect(parse('poe', { data: [{ id: 'm', pricing: { prompt: '1', completion: '1' } }] })).toEqual([
    { id: 'm' },
  ]);
});

test('bare arrays, of objects and of names', () => {
  expect(parse('togetherai', [{ id: 'a/b', context_length: 8192 }])).toEqual([{ id: 'a/b', context: 8192 }]);
  expect(parse('x', ['a', 'b'])).toEqual([{ id: 'a' }, { id: 'b' }]);
});

test.each([
  ['an error page', '<html>502</html>'],
  ['a cut answer', '{"data":[{"id":"a"'],
  ['an error', '{"error":{"message":"no"}}'],
  ['another list', '{"data":[{"foo":1}]}'],
  ['null', 'null'],
  ['a number', '7'],
  ['nothing', ''],
])('%s is no list', (_what, body) => {
  expect(parseModelList('openai', body)).toBeNull();
});

test('what is absurd in a list is left out, the rest stays', () => {
  expect(
    parse('openrouter', {
      data: [
        { id: 'ok', context_length: -5, max_completion_tokens: 'many' },
        { id: 'with space' },
        { id: 'esc\u001b[31m' },
        { id: 'x'.repeat(500) },
        { id: 7 },
        null,
        { id: 'dear', pricing: { prompt: '99999', completion: '1' } },
        { id: 'ok2', context_length: 1e12 },
      ],
    }),
  ).toEqual([{ id: 'ok' }, { id: 'dear', price: { output: 1e6 } }, { id: 'ok2' }]);
});

test('a model that is listed twice is one model', () => {
  expect(parse('openai', { data: [{ id: 'a' }, { id: 'a', context_length: 5 }] })).toEqual([
    { id: 'a', context: 5 },
  ]);
});

test('whatever comes is a list of ids that can be printed, or none', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('openrouter', 'google', 'novita-ai'), (body, provider) => {
      for (const { id } of parseModelList(provider, body) ?? []) expect(id).toMatch(/^[\x21-\x7e]{1,200}$/);
    }),
  );
});
