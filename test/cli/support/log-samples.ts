import type { Exchange } from '../../../src/exchange.ts';
import { attempt, exchange } from '../../ledger/support/exchange-samples.ts';

/** An afternoon that is not today's. */
export const AFTERNOON = Date.UTC(2025, 10, 21, 14);

const SECOND = 1_000;
const nothing = { nanoUsd: 0, state: 'none', source: null } as const;

/** A request of each kind that looks different, oldest first. Ids end in what tables show. */
export const SAMPLES: readonly Exchange[] = [
  exchange('01K5AAAAAAAAAAAAAA001CODEX', {
    time: AFTERNOON + 2 * SECOND,
    asked: 'gpt-5-codex',
    model: 'gpt-5-codex',
    usage: { input: 88_104, cacheRead: 80_402, cacheWrite: 0, output: 2_103, reasoning: 1_412 },
    cost: { nanoUsd: 40_708_000, state: 'exact', source: 'genai-prices openai/gpt-5-codex 2025-11-20' },
    ttftMs: 10_920,
    totalMs: 24_000,
    session: '0199a3c4-7e5f-7000-8000-1234567890ab',
    attempts: [
      attempt(1, {
        model: 'gpt-5-codex',
        status: 429,
        failure: 'rate-limit',
        message: 'Rate limit reached for gpt-5-codex on tokens per minute',
        ms: 5_310,
      }),
      attempt(2, { model: 'gpt-5-codex', startedMs: 8_510, waitedMs: 3_200, ms: 15_490 }),
    ],
  }),
  exchange('01K5AAAAAAAAAAAAAA002CLAUD', {
    time: AFTERNOON + 4 * SECOND,
    agent: 'claude',
    project: 'web',
    protocol: 'anthropic-messages',
    asked: 'claude-haiku-4-5',
    provider: 'openrouter',
    model: 'z-ai/glm-4.6',
    rule: 'alias background',
    usage: { input: 18_400, output: 310 },
    cost: { nanoUsd: 7_900_000, state: 'exact', source: 'provider' },
    attempts: [
      attempt(1, {
        provider: 'anthropic',
        model: 'claude-haiku-4-5',
        status: 529,
        failure: 'overloaded',
        ms: 400,
      }),
      attempt(2, { provider: 'openrouter', model: 'z-ai/glm-4.6', startedMs: 400, ms: 1_700 }),
    ],
    losses: ['the thinking budget'],
  }),
  exchange('01K5AAAAAAAAAAAAAA003AIDER', {
    time: AFTERNOON + 6 * SECOND,
    agent: 'aider',
    asked: 'ollama/qwen3-coder:30b',
    provider: 'ollama',
    model: 'qwen3-coder:30b',
    usage: { input: 9_800, output: 512 },
    cost: { nanoUsd: 0, state: 'local', source: null },
  }),
  exchange('01K5AAAAAAAAAAAAAA004ACMEX', {
    time: AFTERNOON + 8 * SECOND,
    agent: null,
    project: null,
    session: null,
    asked: 'acme/llama-4-mav',
    provider: 'acme',
    model: 'llama-4-mav',
    usage: { input: 6_200, output: 233 },
    cost: { nanoUsd: null, state: 'unknown', source: null },
  }),
  exchange('01K5AAAAAAAAAAAAAA005CUTXX', {
    time: AFTERNOON + 10 * SECOND,
    agent: 'claude',
    asked: 'claude-opus-4-5',
    provider: 'anthropic',
    model: 'claude-opus-4-5',
    outcome: 'upstream_cut',
    usage: { input: 118_000, output: 702 },
    usageSource: 'partial',
    cost: { nanoUsd: 1_079_300_000, state: 'estimate', source: 'genai-prices anthropic/claude-opus-4-5' },
    attempts: [attempt(1, { provider: 'anthropic', model: 'claude-opus-4-5' })],
    errorCode: 'upstream_cut',
    errorMessage: 'anthropic broke off in the middle of its answer',
  }),
  exchange('01K5AAAAAAAAAAAAAA006NOKEY', {
    time: AFTERNOON + 12 * SECOND,
    agent: 'gemini',
    protocol: 'gemini',
    asked: 'gemini-2.5-pro',
    provider: null,
    model: null,
    status: 400,
    outcome: 'error',
    stream: false,
    usage: {},
    usageSource: 'none',
    cost: nothing,
    attempts: [],
    ttftMs: null,
    totalMs: 3,
    errorCode: 'no_provider_key',
    errorMessage: 'no API key for google, which serves gemini-2.5-pro',
  }),
  exchange('01K5AAAAAAAAAAAAAA007DEMOX', {
    time: AFTERNOON + 14 * SECOND,
    asked: 'demo/echo',
    provider: 'demo',
    model: 'echo',
    usage: { input: 12, output: 4 },
    cost: { nanoUsd: 12_345, state: 'demo', source: 'demo' },
    attempts: [attempt(1, { provider: 'demo', model: 'echo' })],
    demo: true,
  }),
];

/** Names and messages of somebody who wants to command the terminal or a spreadsheet. */
export const HOSTILE: Exchange = exchange('01K5AAAAAAAAAAAAAA008EVILX', {
  time: AFTERNOON + 16 * SECOND,
  agent: '=HYPERLINK("http://x.example")',
  project: '\u001b[31mred\u202e',
  session: '\u001b]0;session\u0007',
  asked: '\u001b]0;owned\u0007model\r\u001b[2J',
  provider: 'acme',
  model: '@SUM(1)\u001b[8m\nmodel',
  rule: 'alias \u001b[5m',
  status: 502,
  outcome: 'error',
  attempts: [
    attempt(1, {
      provider: 'acme',
      model: '\u001b[1mm',
      status: 502,
      failure: 'malformed',
      message: '\u001b[2J\u0007gone',
    }),
  ],
  losses: ['\u001b[7mloss'],
  errorCode: 'upstream_malformed',
  errorMessage: '\u001b[2Jfirst\nsecond\u200b',
  cost: { nanoUsd: 5_000_000, state: 'exact', source: '\u001b[3msource' },
});
