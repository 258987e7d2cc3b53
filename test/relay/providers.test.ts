import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCatalog } from '../../src/catalog/index.ts';
import type { JsonObject } from '../../src/pivot/index.ts';
import type { ProtocolId } from '../../src/protocols/index.ts';
import type { Target } from '../../src/router/index.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { type Bench, type FakeClient, fakeClient, inboundOf, startBench } from '../support/relay.ts';
import { answerOf, readBy, WIRES } from '../support/wires.ts';

/** What named providers refuse, rename and answer, as it shows on the wire: each row a fact of the catalog. */

type Loose = ReturnType<typeof JSON.parse>;

let upstream: FakeUpstream;
let bench: Bench;
const catalog = createCatalog();
beforeAll(async () => {
  upstream = await startFakeUpstream();
  bench = await startBench({ quirks: ({ provider, model }) => catalog.quirks(provider.id, model) });
});
afterAll(async () => {
  await bench.close();
  await upstream.close();
});

/** A model at a built-in provider, whose surface of this protocol is the fake one. */
function targetOf(name: string, protocol: ProtocolId): Target {
  const id = name.slice(0, name.indexOf('/'));
  const provider = catalog.provider(id);
  const surface = provider?.surfaces.find((one) => one.protocol === protocol);
  if (!provider || !surface) throw new Error(`${id} has no ${protocol}`);
  return { provider, model: name.slice(id.length + 1), surface: { ...surface, url: upstream.url } };
}

async function ask(
  client: ProtocolId,
  body: JsonObject,
  target: Target,
): Promise<{ client: FakeClient; losses: string[] }> {
  const fake = fakeClient();
  const { losses } = await bench.relay(inboundOf(client, JSON.stringify(body)), [target], fake);
  return { client: fake, losses };
}

const PNG = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0=' } };
const PDF = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } };
const AT = { type: 'image', source: { type: 'url', url: 'https://a.example/tide.png' } };
const TOOL = { name: 'f', input_schema: { type: 'object', properties: {} } };

/** A Messages request that says this, too. */
const says = (rest: JsonObject, content: unknown = 'Hi'): JsonObject => ({
  model: 'x',
  max_tokens: 900,
  messages: [{ role: 'user', content }],
  ...rest,
});
/** A Messages request in the middle of a tool loop. */
const loop = (id: string, thoughts: JsonObject[] = []): JsonObject =>
  says({
    tools: [TOOL],
    messages: [
      { role: 'user', content: 'Go' },
      { role: 'assistant', content: [...thoughts, { type: 'tool_use', id, name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] },
    ],
  });
/** A Gemini request with these settings: it has words for more of them. */
const draws = (generationConfig: JsonObject): JsonObject => ({
  model: 'x',
  contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
  generationConfig,
});
const schema = { responseMimeType: 'application/json', responseSchema: { type: 'OBJECT', properties: {} } };
const thought = { type: 'thinking', thinking: 'Hm.', signature: '' };

interface Fact {
  fact: string;
  at: string;
  /** Default `openai-chat`. */
  wire?: ProtocolId;
  from?: ProtocolId;
  asked: JsonObject;
  /** What the body holds. */
  sent: JsonObject;
  /** What it does not. */
  not?: RegExp;
  /** By name. */
  lost?: string[];
}

const CALLED = { tools: [TOOL], tool_choice: { type: 'any' } };

const FACTS: readonly Fact[] = [
  // DeepSeek
  {
    fact: 'a tool cannot be required',
    at: 'deepseek/deepseek-v4-pro',
    asked: says(CALLED),
    sent: { tool_choice: 'auto' },
    lost: ['tool_choice'],
  },
  {
    fact: 'thoughts come back with their calls',
    at: 'deepseek/deepseek-v4-pro',
    asked: loop('call_1', [thought]),
    sent: { messages: expect.arrayContaining([expect.objectContaining({ reasoning_content: 'Hm.' })]) },
  },
  {
    fact: 'a schema is an instruction',
    at: 'deepseek/deepseek-v4-pro',
    from: 'gemini',
    asked: draws(schema),
    sent: { response_format: { type: 'json_object' } },
    lost: ['json_schema'],
  },
  {
    fact: 'the limit is max_tokens',
    at: 'deepseek/deepseek-v4-pro',
    asked: says({}),
    sent: { max_tokens: 900 },
  },
  {
    fact: 'files are refused',
    at: 'deepseek/deepseek-v4-pro',
    asked: says({}, [PDF]),
    sent: {},
    not: /"file"|JVBERi0/,
    lost: ['document'],
  },
  // Groq
  {
    fact: 'the limit is max_completion_tokens',
    at: 'groq/llama-4-scout',
    asked: says({}),
    sent: { max_completion_tokens: 900 },
    not: /"max_tokens"/,
  },
  {
    fact: 'one answer without probabilities',
    at: 'groq/llama-4-scout',
    from: 'gemini',
    asked: draws({ candidateCount: 2, responseLogprobs: true }),
    sent: {},
    not: /"n"|logprobs/,
    lost: ['n', 'logprobs'],
  },
  {
    fact: 'thoughts of earlier turns are refused',
    at: 'groq/qwen/qwen3-32b',
    asked: loop('call_1', [thought]),
    sent: {},
    not: /reasoning/,
  },
  {
    fact: 'the effort of Qwen is a switch',
    at: 'groq/qwen/qwen3-32b',
    asked: says({ thinking: { type: 'disabled' } }),
    sent: { reasoning_effort: 'none' },
  },
  // xAI
  {
    fact: 'thinkers refuse penalties and stops',
    at: 'xai/grok-4.5',
    from: 'gemini',
    asked: draws({ frequencyPenalty: 1, stopSequences: ['x'] }),
    sent: {},
    not: /penalty|"stop"/,
    lost: ['frequency_penalty', 'stop'],
  },
  {
    fact: 'custom tools become functions',
    at: 'xai/grok-4.5',
    wire: 'openai-responses',
    asked: says({ tools: [TOOL] }),
    sent: { tools: [expect.objectContaining({ type: 'function' })] },
  },
  // Mistral
  {
    fact: 'ids of calls are nine letters and digits',
    at: 'mistral/mistral-large-4-0',
    asked: loop('toolu_01A-long'),
    sent: {
      messages: expect.arrayContaining([
        expect.objectContaining({ tool_call_id: expect.stringMatching(/^[a-zA-Z0-9]{9}$/) }),
      ]),
    },
  },
  {
    fact: 'the seed is random_seed',
    at: 'mistral/mistral-large-4-0',
    from: 'gemini',
    asked: draws({ seed: 7 }),
    sent: { random_seed: 7 },
    not: /"seed"/,
    lost: [],
  },
  {
    fact: 'unknown fields are refused',
    at: 'mistral/mistral-large-4-0',
    asked: says({ metadata: { user_id: 'u' } }),
    sent: { max_tokens: 900 },
    not: /max_completion_tokens|store|reasoning_details|stream_options/,
  },
  {
    fact: 'some models think as hard as they can or not',
    at: 'mistral/mistral-medium-3-5',
    asked: says({ output_config: { effort: 'low' } }),
    sent: { reasoning_effort: 'high' },
    lost: ['effort'],
  },
  {
    fact: 'documents are parts of their own',
    at: 'mistral/mistral-large-4-0',
    asked: says({}, [PDF]),
    sent: {
      messages: [
        expect.objectContaining({
          content: [
            expect.objectContaining({
              type: 'document_url',
              document_url: 'data:application/pdf;base64,JVBERi0=',
            }),
          ],
        }),
      ],
    },
    lost: [],
  },
  // OpenRouter
  {
    fact: 'thinking is an object',
    at: 'openrouter/z-ai/glm-5',
    asked: says({ thinking: { type: 'enabled', budget_tokens: 2000 } }),
    sent: { reasoning: { max_tokens: 2000, exclude: false } },
  },
  {
    fact: 'marks of the prompt cache stay',
    at: 'openrouter/z-ai/glm-5',
    asked: says({}, [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }]),
    sent: {
      messages: [
        expect.objectContaining({
          content: [expect.objectContaining({ cache_control: { type: 'ephemeral' } })],
        }),
      ],
    },
  },
  // Together
  {
    fact: 'thinking is a switch',
    at: 'togetherai/zai-org/GLM-5',
    asked: says({ thinking: { type: 'disabled' } }),
    sent: { reasoning: { enabled: false } },
  },
  {
    fact: 'strict tools are refused',
    at: 'togetherai/zai-org/GLM-5',
    asked: says({ tools: [{ ...TOOL, strict: true }] }),
    sent: {},
    not: /strict/,
  },
  // Fireworks
  {
    fact: 'thinking is an effort alone',
    at: 'fireworks-ai/accounts/fireworks/models/deepseek-v4-pro',
    asked: says({ thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } }),
    sent: { reasoning_effort: 'xhigh' },
    not: /"thinking"/,
  },
  // Cerebras
  {
    fact: 'no penalties, no parallel flag',
    at: 'cerebras/gpt-oss-120b',
    asked: says({ tools: [TOOL], tool_choice: { type: 'auto', disable_parallel_tool_use: true } }),
    sent: { max_completion_tokens: 900 },
    not: /parallel_tool_calls/,
    lost: ['parallel_tool_calls'],
  },
  {
    fact: 'GLM reads its thoughts in tags',
    at: 'cerebras/zai-glm-4.7',
    asked: loop('call_1', [thought]),
    sent: {
      messages: expect.arrayContaining([
        expect.objectContaining({ role: 'assistant', content: '<think>Hm.</think>\n' }),
      ]),
    },
    not: /reasoning_content/,
  },
  // Moonshot
  {
    fact: 'sampling is fixed',
    at: 'moonshotai/kimi-k2.6',
    from: 'gemini',
    asked: draws({ temperature: 0.2, topP: 0.5, maxOutputTokens: 900 }),
    sent: { max_completion_tokens: 900 },
    not: /temperature|top_p/,
    lost: ['temperature', 'top_p'],
  },
  {
    fact: 'its own ids of calls stay',
    at: 'moonshotai/kimi-k2.6',
    asked: loop('functions.f:0', [thought]),
    sent: {
      messages: expect.arrayContaining([
        expect.objectContaining({ tool_call_id: 'functions.f:0' }),
        expect.objectContaining({ reasoning_content: 'Hm.' }),
      ]),
    },
  },
  {
    fact: 'pictures stand in the request',
    at: 'moonshotai/kimi-k2.6',
    asked: says({}, [PNG, AT]),
    sent: {
      messages: [
        expect.objectContaining({
          content: [
            expect.objectContaining({ type: 'image_url' }),
            { type: 'text', text: 'Image: https://a.example/tide.png' },
          ],
        }),
      ],
    },
    lost: ['image'],
  },
  // Z.ai
  {
    fact: 'thinking is a switch of its own',
    at: 'zai/glm-4.7',
    asked: says({ thinking: { type: 'disabled' } }),
    sent: { thinking: { type: 'disabled' } },
    not: /reasoning_effort/,
  },
  {
    fact: 'temperatures end at 1',
    at: 'zai/glm-4.7',
    from: 'gemini',
    asked: draws({ temperature: 1.5, seed: 1 }),
    sent: { temperature: 1 },
    not: /seed/,
    lost: ['temperature', 'seed'],
  },
  // Qwen
  {
    fact: 'thinking is a switch and a budget',
    at: 'alibaba/qwen3.8-plus',
    asked: says({ thinking: { type: 'enabled', budget_tokens: 2000 } }),
    sent: { enable_thinking: true, thinking_budget: 2000 },
  },
  {
    fact: 'one answer, no file',
    at: 'alibaba/qwen3.8-plus',
    asked: says({}, [PDF]),
    sent: {},
    not: /"file"/,
    lost: ['document'],
  },
  // MiniMax
  {
    fact: 'temperatures lie above 0 and end at 1',
    at: 'minimax/MiniMax-M3',
    asked: says({ temperature: 0 }),
    sent: { temperature: 0.01, max_completion_tokens: 900 },
    lost: ['temperature'],
  },
  {
    fact: 'Messages thinks adaptively',
    at: 'minimax/MiniMax-M3',
    wire: 'anthropic-messages',
    from: 'gemini',
    asked: draws({ thinkingConfig: { thinkingBudget: 9000 } }),
    sent: { thinking: { type: 'adaptive' } },
  },
  // Perplexity
  {
    fact: 'Responses is its wire',
    at: 'perplexity/sonar',
    wire: 'openai-responses',
    asked: says({}),
    sent: { max_output_tokens: 900 },
  },
  // NVIDIA
  {
    fact: 'templates have a switch',
    at: 'nvidia/nvidia/nemotron-3-super-120b',
    asked: says({ thinking: { type: 'disabled' } }),
    sent: { chat_template_kwargs: { enable_thinking: false, thinking: false } },
  },
  {
    fact: 'Kimi calls one tool at a time',
    at: 'nvidia/moonshotai/kimi-k2.5',
    from: 'openai-responses',
    asked: {
      model: 'x',
      input: 'Hi',
      tools: [{ type: 'function', name: 'f', parameters: {} }],
      parallel_tool_calls: true,
    },
    sent: {},
    not: /parallel_tool_calls/,
  },
  // Ollama
  {
    fact: 'pictures stand in the request',
    at: 'ollama/qwen3-vl',
    asked: says({}, [AT]),
    sent: {},
    not: /image_url/,
    lost: ['image'],
  },
  {
    fact: 'tools cannot be required',
    at: 'ollama/qwen3-vl',
    asked: says(CALLED),
    sent: {},
    not: /required/,
    lost: ['tool_choice'],
  },
  {
    fact: 'thinking can be switched off',
    at: 'ollama/qwen3:8b',
    asked: says({ thinking: { type: 'disabled' } }),
    sent: { reasoning_effort: 'none' },
  },
];

test.each(FACTS)(
  '$at: $fact',
  async ({ at, wire = 'openai-chat', from = 'anthropic-messages', asked, sent, not, lost }) => {
    upstream.answer(answerOf(WIRES[wire].spoken, false));
    const { client, losses } = await ask(from, asked, targetOf(at, wire));
    expect(client.status).toBe(200);
    const body = upstream.seen.at(-1)?.body.toString() ?? '';
    expect(JSON.parse(body)).toMatchObject(sent);
    if (not) expect(body).not.toMatch(not);
    if (lost) expect(losses.map((loss) => loss.split(':')[0])).toEqual(expect.arrayContaining(lost));
    if (lost?.length === 0) expect(losses).toEqual([]);
  },
);

const chatAnswer = (message: JsonObject, usage: JsonObject, beside: JsonObject = {}): JsonObject => ({
  id: 'c1',
  object: 'chat.completion',
  model: 'm',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'High water.', ...message }, finish_reason: 'stop' },
  ],
  ...(Object.keys(usage).length > 0 ? { usage } : {}),
  ...beside,
});
const counted = (rest: JsonObject): JsonObject => ({ prompt_tokens: 100, completion_tokens: 20, ...rest });

/** How providers tell their thoughts and their counts, and what the client and the ledger have of it. */
const ANSWERS: readonly (readonly [at: string, answer: JsonObject, usage: JsonObject])[] = [
  [
    'deepseek/deepseek-v4-pro',
    chatAnswer(
      { reasoning_content: 'Hm.' },
      counted({ prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36, total_tokens: 120 }),
    ),
    { input: 100, cacheRead: 64, output: 20 },
  ],
  [
    'groq/openai/gpt-oss-120b',
    chatAnswer({ reasoning: 'Hm.' }, {}, { x_groq: { usage: counted({ total_tokens: 120 }) } }),
    { input: 100, output: 20 },
  ],
  [
    'xai/grok-4.5',
    chatAnswer(
      { reasoning_content: 'Hm.' },
      counted({ total_tokens: 150, completion_tokens_details: { reasoning_tokens: 30 } }),
    ),
    { input: 100, output: 50, reasoning: 30 },
  ],
  [
    'mistral/mistral-medium-3-5',
    chatAnswer(
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
          { type: 'text', text: 'High water.' },
        ],
      },
      counted({ total_tokens: 120 }),
    ),
    { input: 100, output: 20 },
  ],
  [
    'openrouter/z-ai/glm-5',
    chatAnswer(
      { reasoning: 'Hm.', reasoning_details: [{ type: 'reasoning.text', text: 'Hm.' }] },
      counted({ cost: 0.25, prompt_tokens_details: { cached_tokens: 64 } }),
    ),
    { input: 100, cacheRead: 64, output: 20, costUsd: 0.25 },
  ],
  [
    'togetherai/zai-org/GLM-5',
    chatAnswer({ reasoning: 'Hm.' }, counted({ cached_tokens: 64 })),
    { input: 100, cacheRead: 64, output: 20 },
  ],
  [
    'fireworks-ai/accounts/fireworks/models/glm-5',
    chatAnswer({ reasoning_content: 'Hm.' }, counted({ prompt_tokens_details: { cached_tokens: 64 } })),
    { cacheRead: 64 },
  ],
  [
    'cerebras/gpt-oss-120b',
    chatAnswer({ reasoning: 'Hm.' }, counted({ prompt_tokens_details: { cached_tokens: 64 } })),
    { cacheRead: 64 },
  ],
  [
    'moonshotai/kimi-k2.6',
    chatAnswer({ reasoning_content: 'Hm.' }, counted({ cached_tokens: 64 })),
    { cacheRead: 64 },
  ],
  [
    'zai/glm-4.7',
    chatAnswer({ reasoning_content: 'Hm.' }, counted({ prompt_tokens_details: { cached_tokens: 64 } })),
    { cacheRead: 64 },
  ],
  [
    'alibaba/qwen3.8-plus',
    chatAnswer(
      { reasoning_content: 'Hm.' },
      counted({ completion_tokens_details: { reasoning_tokens: 12 } }),
    ),
    { output: 20, reasoning: 12 },
  ],
  [
    'minimax/MiniMax-M3',
    chatAnswer(
      { reasoning_content: 'Hm.', reasoning_details: [{ type: 'reasoning.text', text: 'Hm.' }] },
      counted({ total_tokens: 120 }),
      { base_resp: { status_code: 0 } },
    ),
    { output: 20 },
  ],
  [
    'nvidia/nvidia/nemotron-3-super-120b',
    chatAnswer({ reasoning_content: 'Hm.' }, counted({ prompt_tokens_details: null })),
    { output: 20 },
  ],
  [
    'ollama/qwen3:8b',
    chatAnswer({ reasoning: 'Hm.' }, counted({ total_tokens: 120 })),
    { input: 100, output: 20 },
  ],
];

test.each(ANSWERS)(
  '%s: its thoughts and counts reach a client of another wire, and the record',
  async (at, answer, usage) => {
    upstream.answer({ pieces: [JSON.stringify(answer)], headers: { 'content-type': 'application/json' } });
    const { client } = await ask('anthropic-messages', says({}), targetOf(at, 'openai-chat'));
    const { blocks } = readBy('anthropic-messages', false, client.text());
    expect(blocks.map((block: Loose) => [block.type, block.text])).toEqual([
      ['reasoning', 'Hm.'],
      ['text', 'High water.'],
    ]);
    expect(bench.heard.finished.at(-1)?.usage).toMatchObject(usage);
  },
);

test.each([
  [1008, 'insufficient balance', 'quota'],
  [1002, 'slow down', 'rate-limit'],
  [2013, 'invalid params', 'bad-request'],
])('MiniMax says error %i inside a 200: %s', async (number, words, failure) => {
  const answer = { base_resp: { status_code: number, status_msg: words }, choices: null };
  upstream.answer({ pieces: [JSON.stringify(answer)], headers: { 'content-type': 'application/json' } });
  const { client } = await ask('anthropic-messages', says({}), targetOf('minimax/MiniMax-M3', 'openai-chat'));
  expect(client.status).toBeGreaterThanOrEqual(400);
  expect(client.text()).toContain(words);
  expect(bench.heard.finished.at(-1)?.attempts.at(-1)?.failure).toBe(failure);
});
