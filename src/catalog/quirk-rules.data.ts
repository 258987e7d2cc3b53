import type { Quirk } from './quirks.ts';

/**
 * Quirks that some models have. Rules are read in order; `-` takes back what an earlier rule gave, so that a family's
 * newest is the rule and its closed past the exception: a model of next month behaves like today's newest.
 */
export interface QuirkRule {
  /** Only at these providers; absent = whoever sells the model. */
  at?: readonly string[];
  /** Patterns with `*` and `?` for the name in the form of `spelling()`: no maker, lower case, dashes for dots. */
  models: readonly string[];
  quirks: readonly (`+${Quirk}` | `-${Quirk}`)[];
}

const MOONSHOT = ['moonshotai', 'moonshotai-cn', 'kimi-for-coding'];
const ZAI = ['zai', 'zai-coding-plan', 'zhipuai', 'zhipuai-coding-plan'];
const MINIMAX = ['minimax', 'minimax-cn'];
const OLLAMA = ['ollama', 'ollama-cloud'];
const ZEN = ['opencode', 'opencode-go'];
/** Gateways with a Messages surface of their own for Claude: signatures and cache marks survive there. */
const CLAUDE_GATEWAYS = ['unorouter', 'openrouter', 'vercel', 'requesty', 'aihubmix', 'litellm', ...ZEN];

/** Chat refuses their sampling, newer ones refuse tools there; efforts by developers.openai.com/api/docs/guides/reasoning. */
const OPENAI: readonly QuirkRule[] = [
  {
    models: ['gpt-*', 'o1*', 'o3*', 'o4*', 'codex-*', 'chat-latest'],
    quirks: [
      ...(['+max-completion-tokens', '+no-temperature', '+no-top-p', '+no-penalties'] as const),
      ...(['+no-logprobs', '+no-stop', '+reasoning-effort'] as const),
    ],
  },
  { models: ['gpt-*'], quirks: ['+thinking-off', '+effort-xhigh', '+effort-max'] },
  { models: ['gpt-*'], quirks: ['+verbosity'] },
  { models: ['gpt-5', 'gpt-5-*'], quirks: ['-effort-max'] },
  { models: ['gpt-5-6*'], quirks: ['+effort-max'] },
  { models: ['gpt-5-1*'], quirks: ['-effort-xhigh'] },
  { models: ['gpt-5-1-codex-max*'], quirks: ['+effort-xhigh'] },
  {
    models: ['gpt-5', 'gpt-5-20??-*', 'gpt-5-mini*', 'gpt-5-nano*', 'gpt-5-batch', 'gpt-5-fast'],
    quirks: ['-thinking-off', '-effort-xhigh', '+effort-minimal'],
  },
  { models: ['gpt-5-codex*', 'gpt-5-pro*'], quirks: ['-thinking-off', '-effort-xhigh'] },
  { models: ['gpt-5-pro*'], quirks: ['+effort-high-only'] },
  {
    models: ['gpt-*-pro*', 'gpt-5-1-codex*', 'gpt-5-3-codex-spark*', 'gpt-5-6-cyber*', 'gpt-6-astra*'],
    quirks: ['-thinking-off'],
  },
  { models: ['gpt-6-1-sol*', 'gpt-astra-latest', 'gpt-sol-latest'], quirks: ['-thinking-off'] },
  {
    at: ['openai'],
    models: ['gpt-*', 'o1*', 'o3*', 'o4*', 'codex-*', 'chat-latest'],
    quirks: ['+via-responses'],
  },
  { at: ZEN, models: ['gpt-*'], quirks: ['+via-responses'] },
  // What does not think, or is not OpenAI's own service.
  {
    models: [
      'gpt-3*',
      'gpt-4*',
      'gpt-5*-chat*',
      'gpt-chat-latest',
      'gpt-audio*',
      'gpt-realtime*',
      'gpt-image*',
    ],
    quirks: [
      ...(['-no-temperature', '-no-top-p', '-no-penalties', '-no-logprobs', '-no-stop'] as const),
      ...([
        '-reasoning-effort',
        '-thinking-off',
        '-effort-xhigh',
        '-effort-max',
        '-via-responses',
        '-verbosity',
      ] as const),
    ],
  },
  { models: ['gpt-3*', 'gpt-4*'], quirks: ['-max-completion-tokens'] },
  {
    models: ['gpt-oss*'],
    quirks: [
      ...([
        '-max-completion-tokens',
        '-no-temperature',
        '-no-top-p',
        '-no-penalties',
        '-no-logprobs',
      ] as const),
      ...([
        '-no-stop',
        '-thinking-off',
        '-effort-xhigh',
        '-effort-max',
        '-via-responses',
        '-verbosity',
      ] as const),
    ],
  },
  { at: ['cerebras'], models: ['gpt-oss*'], quirks: ['+no-format-with-tools'] },
];

/** From Opus 4.7 on sampling and budgets are refused; one of both sampling parameters since Opus 4.1. */
const CLAUDE: readonly QuirkRule[] = [
  {
    models: ['claude-*'],
    quirks: [
      ...(['+adaptive-thinking', '+no-temperature', '+no-top-p', '+no-top-k', '+thinking-off'] as const),
      ...(['+effort-xhigh', '+effort-max'] as const),
    ],
  },
  { models: ['claude-fable-*', 'claude-opus-5-5*', 'claude-sonnet-5-5*'], quirks: ['-thinking-off'] },
  {
    models: ['claude-opus-4-6*', 'claude-sonnet-4-6*'],
    quirks: ['-no-temperature', '-no-top-p', '-no-top-k', '-effort-xhigh', '+temperature-or-top-p'],
  },
  {
    models: [
      ...['claude-2*', 'claude-3*', 'claude-4*', 'claude-instant*', 'claude-haiku-4*'],
      ...['claude-opus-4', 'claude-opus-4-0*', 'claude-opus-4-1*', 'claude-opus-4-20*', 'claude-opus-4-5*'],
      ...['claude-sonnet-4', 'claude-sonnet-4-0*', 'claude-sonnet-4-20*', 'claude-sonnet-4-5*'],
    ],
    quirks: [
      ...(['-adaptive-thinking', '-no-temperature', '-no-top-p', '-no-top-k'] as const),
      ...(['-effort-xhigh', '-effort-max'] as const),
    ],
  },
  {
    models: ['claude-opus-4-1*', 'claude-opus-4-5*', 'claude-sonnet-4-5*', 'claude-haiku-4-5*'],
    quirks: ['+temperature-or-top-p'],
  },
  {
    models: [
      ...['claude-2*', 'claude-3*', 'claude-opus-4', 'claude-opus-4-0*', 'claude-opus-4-20*'],
      ...['claude-sonnet-4', 'claude-sonnet-4-0*', 'claude-sonnet-4-20*'],
    ],
    quirks: ['+no-json-schema', '+no-strict-tools'],
  },
  { at: CLAUDE_GATEWAYS, models: ['claude-*'], quirks: ['+via-messages'] },
];

/** Levels since 3; penalties are "not enabled" since 2.5; a JSON format beside tools works since 3. */
const GEMINI: readonly QuirkRule[] = [
  { models: ['gemini-*', 'gemma-4*'], quirks: ['+thinking-level', '+no-penalties', '+effort-minimal'] },
  {
    models: ['gemini-*-pro*', 'gemini-pro-*', 'gemini-3-7*', 'gemini-3-8*', 'gemini-4*'],
    quirks: ['-effort-minimal'],
  },
  {
    models: ['gemini-1*', 'gemini-2*', 'gemini-robotics-er-1*'],
    quirks: ['-thinking-level', '-effort-minimal', '+no-format-with-tools'],
  },
  { models: ['gemini-2-5-flash*'], quirks: ['+thinking-off'] },
  { at: ['google'], models: ['gemini-*'], quirks: ['+reasoning-effort'] },
  { at: ['unorouter', 'aihubmix', 'litellm', 'opencode'], models: ['gemini-*'], quirks: ['+via-gemini'] },
  { models: ['gemma-2*', 'gemma-3*'], quirks: ['+alternating-roles'] },
];

/** Chat is legacy at xAI: thoughts come back on Responses only. */
const GROK: readonly QuirkRule[] = [
  { models: ['grok-4*', 'grok-latest', 'grok-code*', 'grok-build*'], quirks: ['+no-penalties', '+no-stop'] },
  { models: ['grok-*non-reasoning*'], quirks: ['-no-penalties', '-no-stop'] },
  {
    models: ['grok-4-3*', 'grok-4-5*', 'grok-4-6*', 'grok-4-7*', 'grok-latest'],
    quirks: ['+reasoning-effort', '+effort-xhigh'],
  },
  { models: ['grok-4-3*'], quirks: ['+thinking-off'] },
  { at: ['xai', ...ZEN], models: ['grok-*'], quirks: ['+via-responses'] },
];

/** Thinkers whose thoughts must come back with their tool calls, and how their makers' own services take wishes. */
const OPEN_THINKERS: readonly QuirkRule[] = [
  {
    models: [
      ...['deepseek-v4*', 'deepseek-v3-2*', 'deepseek-flash*', 'deepseek-pro*', 'deepseek-reasoner'],
      ...['kimi-k2-thinking*', 'kimi-k2-5*', 'kimi-k2-6*', 'kimi-k2-7*', 'kimi-k3*', 'kimi-*latest'],
      ...['glm-4-5*', 'glm-4-6*', 'glm-4-7*', 'glm-5*', 'glm-*latest', 'mimo-*'],
    ],
    quirks: ['+reasoning-content'],
  },
  { at: ['kimi-for-coding'], models: ['*'], quirks: ['+reasoning-content'] },
  // Strict about fields that they do not know.
  { at: ['groq', 'cerebras', 'mistral'], models: ['*'], quirks: ['-reasoning-content'] },

  {
    at: ['deepseek'],
    models: ['*'],
    quirks: ['+thinking-object', '+reasoning-effort', '+effort-max', '+thinking-off'],
  },

  { at: MOONSHOT, models: ['kimi-k2-5*', 'kimi-k2-6*'], quirks: ['+thinking-object', '+thinking-off'] },
  { at: MOONSHOT, models: ['kimi-k2-7*', 'kimi-for-coding-highspeed'], quirks: ['+thinking-object'] },
  {
    at: MOONSHOT,
    models: ['kimi-k3*', 'k3*', 'kimi-for-coding'],
    quirks: ['+reasoning-effort', '+effort-max'],
  },
  {
    at: MOONSHOT,
    models: ['kimi-k2-5*', 'kimi-k2-6*', 'kimi-k2-7*', 'kimi-k3*', 'k3*', 'kimi-for-coding*'],
    quirks: ['+no-temperature', '+no-top-p', '+no-penalties', '+no-n'],
  },
  // It rejects the field that other hosts of GLM want. https://inference-docs.cerebras.ai/capabilities/reasoning
  { at: ['cerebras'], models: ['*glm-4*', '*glm-5*'], quirks: ['+think-tags'] },
  { at: ['nvidia'], models: ['kimi-*'], quirks: ['+no-parallel-tool-calls'] },

  { at: ZAI, models: ['glm-*'], quirks: ['+thinking-object', '+thinking-off'] },
  { at: ZAI, models: ['glm-5-2*', 'glm-5-3*'], quirks: ['+reasoning-effort', '+effort-max'] },
  { at: ZAI, models: ['glm-5-3*'], quirks: ['-thinking-off'] },

  { at: MINIMAX, models: ['*'], quirks: ['+via-messages'] },
  { at: MINIMAX, models: ['minimax-m3*'], quirks: ['+adaptive-thinking', '+thinking-off'] },
];

/** What hosts do with models that they did not make. */
const HOSTS: readonly QuirkRule[] = [
  { models: ['gpt-oss*'], quirks: ['+reasoning-effort'] },
  {
    at: ['groq', 'cerebras'],
    models: ['qwen3-8*', 'qwen-3-8*'],
    quirks: ['+reasoning-effort', '+thinking-off'],
  },
  {
    at: ['nvidia', 'vllm'],
    models: [
      'qwen3*',
      'nemotron-3*',
      'glm-4-*',
      'glm-5*',
      'deepseek-v3*',
      'deepseek-v4*',
      'kimi-k2-5*',
      'kimi-k2-6*',
    ],
    quirks: ['+template-thinking', '+thinking-off'],
  },
  {
    at: ['nvidia', 'vllm'],
    models: ['qwen3-coder*', 'qwen3-*-instruct*', 'qwen3-*-thinking*'],
    quirks: ['-template-thinking', '-thinking-off'],
  },
  // https://docs.together.ai/docs/inference/chat/reasoning
  {
    at: ['togetherai'],
    models: [
      'deepseek-v3-1*',
      'deepseek-v4*',
      'glm-5*',
      'kimi-k2-5*',
      'kimi-k2-6*',
      'qwen3-5*',
      'qwen3-6*',
      'cogito-v2*',
    ],
    quirks: ['+reasoning-switch', '+thinking-off'],
  },
  // https://docs.fireworks.ai/guides/reasoning
  { at: ['fireworks-ai'], models: ['deepseek-v4*'], quirks: ['+thinking-off', '+effort-xhigh'] },
  { at: ['fireworks-ai'], models: ['glm-5*'], quirks: ['+thinking-off', '+effort-max'] },
  // https://console.groq.com/docs/reasoning
  { at: ['groq'], models: ['qwen3-32b*'], quirks: ['+effort-switch', '+thinking-off'] },
  // https://docs.mistral.ai/capabilities/reasoning/adjustable
  { at: ['mistral'], models: ['mistral-large-4*'], quirks: ['+reasoning-effort'] },
  {
    at: ['mistral'],
    models: ['mistral-small-latest', 'mistral-small-2603*', 'mistral-medium-3-5*'],
    quirks: ['+reasoning-effort', '+effort-high-only', '+thinking-off'],
  },
  { at: ['upstage'], models: ['solar-pro*'], quirks: ['+reasoning-effort'] },
  {
    // Ollama refuses the wish for models that do not think.
    at: OLLAMA,
    models: [
      'qwen3*',
      'deepseek-r1*',
      'deepseek-v*',
      'glm-*',
      'kimi-*',
      'minimax-*',
      'gemma-4*',
      'nemotron-3*',
    ],
    quirks: ['+reasoning-effort', '+thinking-off'],
  },
  {
    at: OLLAMA,
    models: ['qwen3-coder*', '*-instruct*', 'kimi-k2-1t'],
    quirks: ['-reasoning-effort', '-thinking-off'],
  },
  { at: ['opencode'], models: ['qwen3-5-plus', 'qwen3-6-plus', 'qwen3-8-flash'], quirks: ['+via-messages'] },
  { at: ['opencode-go'], models: ['qwen*', 'minimax-*'], quirks: ['+via-messages'] },
  { at: ZEN, models: ['muse-*'], quirks: ['+via-responses'] },
  // Chat templates of these families raise an error on two messages of one role.
  {
    at: ['vllm', 'llamacpp', 'lmstudio', 'localai', 'jan'],
    models: ['mistral*', 'ministral*', 'mixtral*', 'devstral*', 'codestral*'],
    quirks: ['+alternating-roles'],
  },
];

/** Every rule, in the order in which they are read. */
export const QUIRK_RULES: readonly QuirkRule[] = [
  ...OPENAI,
  ...CLAUDE,
  ...GEMINI,
  ...GROK,
  ...OPEN_THINKERS,
  ...HOSTS,
];
