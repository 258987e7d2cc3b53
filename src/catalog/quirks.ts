/**
 * Every oddity that a provider or a model may have: what its wire refuses, wants or knows beyond the common ground of
 * its protocol. One that makes sense on one wire only is ignored on the others. This list is the only one: the
 * configuration checks names against it, and each is read in exactly one place of a protocol (or of the relay).
 */
export const QUIRKS = [
  // Streams and lists
  /** Refuses or does not need `stream_options` on Chat streams (it reports usage anyway). */
  'no-stream-options',
  /** GET /models answers without a key, so it does not prove that a key is good. */
  'open-model-list',

  // What is nobody's business
  /** Speaks Messages without being Anthropic: Claude Code's account and device (`metadata.user_id`) and its billing header stay out. */
  'no-user-id',

  // Which surface
  /** The model is served by this surface alone, or the others refuse its tools or lose its thoughts: translations go here. */
  'via-responses',
  'via-messages',
  'via-gemini',

  // Roles
  /** Chat knows the role `developer`; without it system text is `system`. */
  'developer-role',
  /** Two messages of one role in a row are refused: they are joined. */
  'alternating-roles',

  // Length and sampling
  /** Chat: the limit is called `max_completion_tokens`, not `max_tokens`. */
  'max-completion-tokens',
  /** Refuses any `temperature` but its own. */
  'no-temperature',
  /** Refuses any `top_p` but its own. */
  'no-top-p',
  /** Refuses a `temperature` above 1. */
  'temperature-to-1',
  /** Refuses a `temperature` of 0, not a little one. */
  'temperature-above-0',
  /** Refuses `top_k`, which its wire knows. */
  'no-top-k',
  /** Takes `temperature` or `top_p`, not both: the temperature is kept. */
  'temperature-or-top-p',
  /** Refuses or ignores `presence_penalty` and `frequency_penalty`. */
  'no-penalties',
  /** Refuses or ignores `logprobs` and `top_logprobs`. */
  'no-logprobs',
  /** Gives one answer only. */
  'no-n',
  /** Refuses or does not know `seed`. */
  'no-seed',
  /** Chat: the seed is called `random_seed`. */
  'random-seed',
  /** Refuses stop sequences. */
  'no-stop',

  // Parts of messages
  /** Chat: refuses names of speakers (`messages[].name`). */
  'no-names',
  /** Pictures only as base64: addresses are refused. */
  'no-image-urls',
  /** Chat: knows no parts of type `file`. */
  'no-files',
  /** Chat: documents are parts of type `document_url` (Mistral's). */
  'document-url',

  // Tools
  /** Refuses `parallel_tool_calls` (or the wire's own word for it). */
  'no-parallel-tool-calls',
  /** Tool choice is auto or none: `required` and named tools are refused or ignored. */
  'no-required-tool-choice',
  /** Refuses `strict` on tools. */
  'no-strict-tools',
  /** Chat knows tools of type `custom`; without it they become functions. */
  'custom-tools',
  /** Responses does not know tools of type `custom`: they become functions there, too. */
  'no-custom-tools',
  /** Refuses JSON Schema beyond types, properties, required, enum and items (`$schema`, `additionalProperties`, lengths ...). */
  'simple-schemas',
  /** Tool-call ids must be exactly nine letters and digits. */
  'short-tool-ids',
  /** Tool-call ids have at most 40 characters. */
  'tool-ids-40',

  // Shape of the answer
  /** Knows how wordy answers shall be: Chat `verbosity`, Responses `text.verbosity`. */
  'verbosity',
  /** Knows JSON mode but no schema for it: the schema becomes an instruction. */
  'no-json-schema',
  /** A JSON format beside tools is refused: with tools the format becomes an instruction. */
  'no-format-with-tools',

  // Thinking: how to ask for it
  /** Chat `reasoning_effort`, with low, medium and high. */
  'reasoning-effort',
  /** Chat `reasoning_effort` is a switch: `default` or `none`. */
  'effort-switch',
  /** Chat `reasoning: { enabled }`, without amounts (Together's). */
  'reasoning-switch',
  /** Chat `reasoning: { effort | max_tokens, exclude }` (OpenRouter's); goes before `reasoning-effort`. */
  'reasoning-object',
  /** Chat `thinking: { type: enabled | disabled }`; may stand beside `reasoning_effort`. */
  'thinking-object',
  /** Chat `enable_thinking` and `thinking_budget` (Qwen's). */
  'enable-thinking',
  /** Chat `chat_template_kwargs`: the model's template has a switch (vLLM, SGLang, NVIDIA). */
  'template-thinking',
  /** Messages: a budget is refused; `thinking: { type: adaptive }` with an effort. */
  'adaptive-thinking',
  /** Gemini: `thinkingLevel` instead of `thinkingBudget`. */
  'thinking-level',
  /** Thinking can be switched off (effort none, type disabled, budget 0); without it that is refused: it is not said. */
  'thinking-off',
  /** Knows efforts beyond low, medium and high; without these the nearest of those three is asked for. */
  'effort-minimal',
  'effort-xhigh',
  'effort-max',
  /** Knows no effort but `high`. */
  'effort-high-only',

  // Thinking and caches: what the history must or may carry
  /** Chat: assistant messages with tool calls must carry `reasoning_content` again. */
  'reasoning-content',
  /** Chat: thoughts of earlier turns stand in `<think>` tags in the text. */
  'think-tags',
  /** Chat: keeps `cache_control` marks. */
  'cache-control',
  /** Chat and Responses: knows `prompt_cache_key`. */
  'prompt-cache-key',
] as const;

/** A named oddity of a provider or a model; see QUIRKS for what each means. */
export type Quirk = (typeof QUIRKS)[number];

const KNOWN: ReadonlySet<string> = new Set(QUIRKS);

/** Whether a name is one of QUIRKS. */
export function isQuirk(name: string): name is Quirk {
  return KNOWN.has(name);
}
