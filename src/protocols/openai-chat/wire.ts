/**
 * Chat Completions, the fields we touch. Everything is optional: a hundred servers speak dialects of it.
 * https://platform.openai.com/docs/api-reference/chat/object and .../chat/streaming
 */
export interface ChatToolCall {
  index?: number | null;
  id?: string | null;
  type?: string;
  function?: { name?: string | null; arguments?: unknown };
  custom?: { name?: string; input?: string };
  /** Google's own Chat endpoint: `{ google: { thought_signature } }`. */
  extra_content?: unknown;
}

/** A message, or in streams its delta. */
export interface ChatDelta {
  role?: string;
  content?: unknown;
  refusal?: string | null;
  reasoning_content?: string | null;
  reasoning?: string | null;
  reasoning_details?: unknown;
  annotations?: unknown;
  /** OpenRouter: `[{ type: 'image_url', image_url: { url } }]`. */
  images?: unknown;
  audio?: { data?: string; transcript?: string } | null;
  tool_calls?: ChatToolCall[] | null;
  function_call?: { name?: string; arguments?: string } | null;
}

/** One candidate. */
export interface ChatChoice {
  index?: number;
  delta?: ChatDelta;
  message?: ChatDelta;
  finish_reason?: string | null;
  logprobs?: { content?: unknown; refusal?: unknown } | null;
  error?: unknown;
}

/** A chunk of a stream or a whole answer. */
export interface ChatChunk {
  id?: string;
  model?: string;
  choices?: ChatChoice[] | null;
  usage?: unknown;
  service_tier?: unknown;
  x_groq?: { usage?: unknown; error?: unknown };
  error?: unknown;
  /** MiniMax. */
  base_resp?: unknown;
  /** Perplexity. */
  citations?: unknown;
  search_results?: unknown;
}
