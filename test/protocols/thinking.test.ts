import { expect, test } from 'vitest';
import { createCatalog } from '../../src/catalog/index.ts';
import type { JsonObject } from '../../src/pivot/index.ts';
import { type ProtocolId, protocolOf } from '../../src/protocols/index.ts';
import { PROTOCOL_IDS } from '../support/fixtures.ts';
import { type Loose, read } from '../traps/support.ts';

/** What clients wish. A wire without an entry has no words for it. */
const WISHES = {
  off: {
    'openai-chat': { reasoning_effort: 'none' },
    'openai-responses': { reasoning: { effort: 'none' } },
    'anthropic-messages': { thinking: { type: 'disabled' } },
    gemini: { thinkingBudget: 0 },
  },
  minimal: {
    'openai-chat': { reasoning_effort: 'minimal' },
    'openai-responses': { reasoning: { effort: 'minimal' } },
    gemini: { thinkingLevel: 'MINIMAL' },
  },
  low: {
    'openai-chat': { reasoning_effort: 'low' },
    'openai-responses': { reasoning: { effort: 'low' } },
    'anthropic-messages': { output_config: { effort: 'low' } },
    gemini: { thinkingLevel: 'LOW' },
  },
  high: {
    'openai-chat': { reasoning_effort: 'high' },
    'openai-responses': { reasoning: { effort: 'high' } },
    'anthropic-messages': { output_config: { effort: 'high' } },
    gemini: { thinkingLevel: 'HIGH' },
  },
  xhigh: {
    'openai-chat': { reasoning_effort: 'xhigh' },
    'openai-responses': { reasoning: { effort: 'xhigh' } },
    'anthropic-messages': { output_config: { effort: 'xhigh' } },
  },
  max: {
    'openai-chat': { reasoning_effort: 'max' },
    'openai-responses': { reasoning: { effort: 'max' } },
    'anthropic-messages': { output_config: { effort: 'max' } },
  },
  'budget 9000': {
    'openai-chat': { reasoning: { enabled: true, max_tokens: 9000, exclude: false } },
    'anthropic-messages': { thinking: { type: 'enabled', budget_tokens: 9000 } },
    gemini: { thinkingBudget: 9000, includeThoughts: true },
  },
  adaptive: {
    'openai-chat': { reasoning: { enabled: true, exclude: false }, thinking: { type: 'adaptive' } },
    'anthropic-messages': { thinking: { type: 'adaptive' } },
    gemini: { thinkingBudget: -1, includeThoughts: true },
  },
} satisfies Record<string, Partial<Record<ProtocolId, JsonObject>>>;

/** Targets, one a generation, and what each is told for each wish in order. `!` = less than was wished: a loss. */
const TABLE: readonly { target: string; wire: ProtocolId; told: readonly string[] }[] = [
  {
    target: 'openai/gpt-6-sol',
    wire: 'openai-responses',
    told: [
      'effort none',
      'effort low !',
      'effort low',
      'effort high',
      'effort xhigh',
      'effort max',
      'effort medium, summary auto',
      'effort high, summary auto',
    ],
  },
  {
    target: 'openai/gpt-5.1',
    wire: 'openai-responses',
    told: [
      'effort none',
      'effort low !',
      'effort low',
      'effort high',
      'effort high !',
      'effort high !',
      'effort medium, summary auto',
      'effort high, summary auto',
    ],
  },
  {
    target: 'openai/gpt-5',
    wire: 'openai-responses',
    told: [
      'effort minimal !',
      'effort minimal',
      'effort low',
      'effort high',
      'effort high !',
      'effort high !',
      'effort medium, summary auto',
      'summary auto',
    ],
  },
  {
    target: 'openai/o3',
    wire: 'openai-responses',
    told: [
      'effort low !',
      'effort low !',
      'effort low',
      'effort high',
      'effort high !',
      'effort high !',
      'effort medium, summary auto',
      'summary auto',
    ],
  },
  {
    target: 'acme/unknown',
    wire: 'openai-responses',
    told: [
      'effort low !',
      'effort low !',
      'effort low',
      'effort high',
      'effort high !',
      'effort high !',
      'effort medium, summary auto',
      'summary auto',
    ],
  },
  {
    target: 'groq/openai/gpt-oss-120b',
    wire: 'openai-chat',
    told: [
      'reasoning_effort low !',
      'reasoning_effort low !',
      'reasoning_effort low',
      'reasoning_effort high',
      'reasoning_effort high !',
      'reasoning_effort high !',
      'reasoning_effort medium',
      '',
    ],
  },
  {
    target: 'groq/qwen/qwen3-32b',
    wire: 'openai-chat',
    told: [
      'reasoning_effort none',
      'reasoning_effort default !',
      'reasoning_effort default !',
      'reasoning_effort default !',
      'reasoning_effort default !',
      'reasoning_effort default !',
      'reasoning_effort default !',
      'reasoning_effort default',
    ],
  },
  {
    target: 'mistral/mistral-medium-3-5',
    wire: 'openai-chat',
    told: [
      'reasoning_effort none',
      'reasoning_effort high !',
      'reasoning_effort high !',
      'reasoning_effort high',
      'reasoning_effort high !',
      'reasoning_effort high !',
      'reasoning_effort high',
      'reasoning_effort high',
    ],
  },
  {
    target: 'deepseek/deepseek-v4-pro',
    wire: 'openai-chat',
    told: [
      'type disabled',
      'reasoning_effort low, type enabled !',
      'reasoning_effort low, type enabled',
      'reasoning_effort high, type enabled',
      'reasoning_effort high, type enabled !',
      'reasoning_effort max, type enabled',
      'reasoning_effort medium, type enabled',
      'type enabled',
    ],
  },
  {
    target: 'zai/glm-4.7',
    wire: 'openai-chat',
    told: [
      'type disabled',
      'type enabled !',
      'type enabled !',
      'type enabled !',
      'type enabled !',
      'type enabled !',
      'type enabled !',
      'type enabled',
    ],
  },
  {
    target: 'zai/glm-5.3',
    wire: 'openai-chat',
    told: [
      'reasoning_effort low !',
      'reasoning_effort low, type enabled !',
      'reasoning_effort low, type enabled',
      'reasoning_effort high, type enabled',
      'reasoning_effort high, type enabled !',
      'reasoning_effort max, type enabled',
      'reasoning_effort medium, type enabled',
      'type enabled',
    ],
  },
  {
    target: 'moonshotai/kimi-k3',
    wire: 'openai-chat',
    told: [
      'reasoning_effort low !',
      'reasoning_effort low !',
      'reasoning_effort low',
      'reasoning_effort high',
      'reasoning_effort high !',
      'reasoning_effort max',
      'reasoning_effort medium',
      '',
    ],
  },
  {
    target: 'alibaba/qwen3.8-plus',
    wire: 'openai-chat',
    told: [
      'enable_thinking false',
      'enable_thinking true, thinking_budget 1024',
      'enable_thinking true, thinking_budget 2048',
      'enable_thinking true, thinking_budget 16384',
      'enable_thinking true, thinking_budget 32768',
      'enable_thinking true, thinking_budget 32768',
      'enable_thinking true, thinking_budget 9000',
      'enable_thinking true',
    ],
  },
  {
    target: 'nvidia/nvidia/nemotron-3-super',
    wire: 'openai-chat',
    told: [
      'enable_thinking false, thinking false',
      'enable_thinking true, thinking true !',
      'enable_thinking true, thinking true !',
      'enable_thinking true, thinking true !',
      'enable_thinking true, thinking true !',
      'enable_thinking true, thinking true !',
      'enable_thinking true, thinking true !',
      'enable_thinking true, thinking true',
    ],
  },
  {
    target: 'openrouter/deepseek/deepseek-v4-pro',
    wire: 'openai-chat',
    told: [
      'enabled false',
      'effort minimal',
      'effort low',
      'effort high',
      'effort xhigh',
      'effort max',
      'max_tokens 9000, exclude false',
      'enabled true, exclude false',
    ],
  },
  {
    target: 'minimax/MiniMax-M3',
    wire: 'anthropic-messages',
    told: [
      'type disabled',
      'type adaptive, effort low !',
      'type adaptive, effort low',
      'type adaptive, effort high',
      'type adaptive, effort high !',
      'type adaptive, effort high !',
      'type adaptive, display summarized, effort medium',
      'type adaptive, display summarized',
    ],
  },
  {
    target: 'xai/grok-4.3',
    wire: 'openai-responses',
    told: [
      'effort none',
      'effort low !',
      'effort low',
      'effort high',
      'effort xhigh',
      'effort xhigh !',
      'effort medium, summary auto',
      'effort high, summary auto',
    ],
  },
  {
    target: 'anthropic/claude-opus-4-8',
    wire: 'anthropic-messages',
    told: [
      'type disabled',
      'type adaptive, effort low !',
      'type adaptive, effort low',
      'type adaptive, effort high',
      'type adaptive, effort xhigh',
      'type adaptive, effort max',
      'type adaptive, display summarized, effort medium',
      'type adaptive, display summarized',
    ],
  },
  {
    target: 'anthropic/claude-sonnet-5-5',
    wire: 'anthropic-messages',
    told: [
      'effort low !',
      'type adaptive, effort low !',
      'type adaptive, effort low',
      'type adaptive, effort high',
      'type adaptive, effort xhigh',
      'type adaptive, effort max',
      'type adaptive, display summarized, effort medium',
      'type adaptive, display summarized',
    ],
  },
  {
    target: 'anthropic/claude-opus-4-6',
    wire: 'anthropic-messages',
    told: [
      'type disabled',
      'type adaptive, effort low !',
      'type adaptive, effort low',
      'type adaptive, effort high',
      'type adaptive, effort high !',
      'type adaptive, effort max',
      'type adaptive, display summarized, effort medium',
      'type adaptive, display summarized',
    ],
  },
  {
    target: 'anthropic/claude-haiku-4-5',
    wire: 'anthropic-messages',
    told: [
      'type disabled',
      'type enabled, budget_tokens 1024',
      'type enabled, budget_tokens 2048',
      'type enabled, budget_tokens 16384',
      'type enabled, budget_tokens 32768',
      'type enabled, budget_tokens 48000',
      'type enabled, budget_tokens 9000',
      'type enabled, budget_tokens 16384',
    ],
  },
  {
    target: 'google/gemini-3.8-flash',
    wire: 'gemini',
    told: [
      'thinkingLevel LOW !',
      'thinkingLevel LOW !',
      'thinkingLevel LOW',
      'thinkingLevel HIGH',
      'thinkingLevel HIGH !',
      'thinkingLevel HIGH !',
      'thinkingLevel MEDIUM, includeThoughts true',
      'includeThoughts true',
    ],
  },
  {
    target: 'google/gemini-3-flash-preview',
    wire: 'gemini',
    told: [
      'thinkingLevel MINIMAL !',
      'thinkingLevel MINIMAL',
      'thinkingLevel LOW',
      'thinkingLevel HIGH',
      'thinkingLevel HIGH !',
      'thinkingLevel HIGH !',
      'thinkingLevel MEDIUM, includeThoughts true',
      'includeThoughts true',
    ],
  },
  {
    target: 'google/gemini-3.1-pro-preview',
    wire: 'gemini',
    told: [
      'thinkingLevel LOW !',
      'thinkingLevel LOW !',
      'thinkingLevel LOW',
      'thinkingLevel HIGH',
      'thinkingLevel HIGH !',
      'thinkingLevel HIGH !',
      'thinkingLevel MEDIUM, includeThoughts true',
      'includeThoughts true',
    ],
  },
  {
    target: 'google/gemini-2.5-flash',
    wire: 'gemini',
    told: [
      'thinkingBudget 0',
      'thinkingBudget 1024',
      'thinkingBudget 2048',
      'thinkingBudget 16384',
      'thinkingBudget 24576',
      'thinkingBudget 24576',
      'thinkingBudget 9000, includeThoughts true',
      'thinkingBudget -1, includeThoughts true',
    ],
  },
  {
    target: 'google/gemini-2.5-pro',
    wire: 'gemini',
    told: [
      'thinkingBudget 128 !',
      'thinkingBudget 1024',
      'thinkingBudget 2048',
      'thinkingBudget 16384',
      'thinkingBudget 32768',
      'thinkingBudget 32768',
      'thinkingBudget 9000, includeThoughts true',
      'thinkingBudget -1, includeThoughts true',
    ],
  },
];

const SETTINGS = [
  'reasoning',
  'reasoning_effort',
  'thinking',
  'enable_thinking',
  'thinking_budget',
  'chat_template_kwargs',
  'output_config',
];

/** The settings of thinking in a request, in short: `effort none`, `type adaptive, display summarized`. */
function toldOf(body: Loose): string {
  const said = [
    ...SETTINGS.map((name) => [name, body[name]]),
    ...Object.entries(body.generationConfig?.thinkingConfig ?? {}),
  ];
  return said
    .flatMap(([name, value]) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).map(([member, one]) => `${member} ${one}`)
        : value === undefined
          ? []
          : [`${name} ${value}`],
    )
    .join(', ');
}

const catalog = createCatalog();

function asked(client: ProtocolId, words: JsonObject): JsonObject {
  const messages = [{ role: 'user', content: 'Hi' }];
  const forms: Record<ProtocolId, JsonObject> = {
    'openai-chat': { messages, ...words },
    'openai-responses': { input: 'Hi', ...words },
    'anthropic-messages': { messages, max_tokens: 20_000, ...words },
    gemini: {
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      generationConfig: { thinkingConfig: words },
    },
  };
  return forms[client];
}

/** What a wish makes of a request for this target, in short. */
function tell(client: ProtocolId, words: JsonObject, target: string, wire: ProtocolId): string {
  const provider = target.slice(0, target.indexOf('/'));
  const model = target.slice(provider.length + 1);
  const quirks = catalog.quirks(provider, model);
  const to = { model, provider, quirks, reasons: true, maxOutput: 64_000 };
  const { body, losses } = protocolOf(wire).renderRequest(read(client, asked(client, words)), to);
  return toldOf(body) + (losses.length > 0 ? ' !' : '');
}

test.each(TABLE)(
  '$target is told on $wire how much to think, alike by every client',
  ({ target, wire, told }) => {
    // A client of the target's own wire is taken at its word: its requests are not translated.
    for (const [at, [wish, spellings]] of Object.entries(WISHES).entries())
      for (const client of PROTOCOL_IDS.filter((id) => id !== wire)) {
        const words = (spellings as Partial<Record<ProtocolId, JsonObject>>)[client];
        if (words) expect(tell(client, words, target, wire), `${wish} by ${client}`).toBe(told[at]);
      }
  },
);

test('a client of the target’s own wire is taken at its word where its request is rendered anew', () => {
  expect(tell('openai-responses', { reasoning: { effort: 'max' } }, 'openai/o3', 'openai-responses')).toBe(
    'effort max',
  );
  expect(tell('openai-responses', { reasoning: { effort: 'none' } }, 'openai/o3', 'openai-responses')).toBe(
    'effort none',
  );
});

test('whether thoughts are shown is a wish of its own, where the wire knows it', () => {
  const hidden = { thinking: { type: 'adaptive', display: 'omitted' } };
  expect(tell('anthropic-messages', hidden, 'openai/gpt-5', 'openai-responses')).toBe('');
  expect(tell('anthropic-messages', hidden, 'google/gemini-3.8-flash', 'gemini')).toBe(
    'includeThoughts false',
  );
  expect(
    tell('openai-responses', { reasoning: { summary: 'detailed' } }, 'google/gemini-2.5-pro', 'gemini'),
  ).toBe('includeThoughts true');
  const summed = { reasoning: { effort: 'low', summary: 'auto' } };
  expect(tell('openai-responses', summed, 'anthropic/claude-opus-4-8', 'anthropic-messages')).toBe(
    'type adaptive, display summarized, effort low',
  );
  expect(
    tell('gemini', { thinkingLevel: 'LOW', includeThoughts: true }, 'openai/gpt-5', 'openai-responses'),
  ).toBe('effort low, summary auto');
});
