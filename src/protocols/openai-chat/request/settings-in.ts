import {
  asArray,
  asCount,
  asObject,
  asText,
  defined,
  type JsonObject,
  type OutputFormat,
  objectOrNothing,
  type ReasoningWish,
  readEffort,
  type Sampling,
} from '../../../pivot/index.ts';

/** The fields that are read here or by `parseRequest` itself. */
export const SETTINGS: readonly string[] = [
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'n',
  'frequency_penalty',
  'presence_penalty',
  'logprobs',
  'top_logprobs',
  'reasoning_effort',
  'reasoning',
  'include_reasoning',
  'thinking',
  'enable_thinking',
  'thinking_budget',
  'response_format',
  'verbosity',
  'modalities',
  'prompt_cache_key',
  'store',
  'service_tier',
];

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A count of at least one. */
function asLimit(value: unknown): number | undefined {
  return asCount(value) || undefined;
}

/** How the answer is drawn. */
export function readSampling(json: JsonObject): Sampling {
  const stop = asArray(typeof json.stop === 'string' ? [json.stop] : json.stop).filter(
    (text) => typeof text === 'string' && text !== '',
  );
  return defined<Sampling>({
    maxOutputTokens: asLimit(json.max_completion_tokens) ?? asLimit(json.max_tokens),
    temperature: asNumber(json.temperature),
    topP: asNumber(json.top_p),
    topK: asLimit(json.top_k),
    stop: stop.length === 0 ? undefined : (stop as string[]),
    seed: asNumber(json.seed),
    n: asLimit(json.n),
    frequencyPenalty: asNumber(json.frequency_penalty),
    presencePenalty: asNumber(json.presence_penalty),
    logprobs: json.logprobs === true ? (asCount(json.top_logprobs) ?? 0) : undefined,
  });
}

/** A wish in one of its spellings; the more general ones come last and win. */
const WISHES: readonly ((json: JsonObject) => {
  [K in keyof ReasoningWish]?: ReasoningWish[K] | undefined;
})[] = [
  // OpenRouter's old switch.
  ({ include_reasoning: show }) => ({ show: typeof show === 'boolean' ? show : undefined }),
  // Qwen, and servers that run its template.
  ({ enable_thinking: enabled, thinking_budget: budget }) => ({
    enabled: typeof enabled === 'boolean' ? enabled : undefined,
    ...budgetWish(budget),
  }),
  // DeepSeek, GLM, Kimi, Doubao; LiteLLM passes Anthropic's object.
  ({ thinking }) => ({
    ...THINKING.get(asObject(thinking).type),
    ...budgetWish(asObject(thinking).budget_tokens),
  }),
  // OpenRouter.
  ({ reasoning }) => {
    const { enabled, effort, max_tokens: budget, exclude, summary } = asObject(reasoning);
    return {
      ...effortWish(effort),
      ...budgetWish(budget),
      ...(typeof enabled === 'boolean' ? { enabled } : {}),
      ...(asText(summary) === undefined ? {} : { show: true }),
      ...(typeof exclude === 'boolean' ? { show: !exclude } : {}),
    };
  },
  // OpenAI.
  ({ reasoning_effort: effort }) => effortWish(effort),
];

const THINKING: ReadonlyMap<unknown, ReasoningWish> = new Map([
  ['enabled', { enabled: true }],
  ['disabled', { enabled: false }],
  ['adaptive', { adaptive: true }],
  ['auto', { adaptive: true }],
]);

function effortWish(word: unknown): ReasoningWish {
  if (word === 'none') return { enabled: false };
  const effort = readEffort(word);
  return effort === undefined ? {} : { effort };
}

function budgetWish(tokens: unknown): ReasoningWish {
  const budgetTokens = asCount(tokens);
  if (budgetTokens === undefined) return {};
  return budgetTokens === 0 ? { enabled: false } : { budgetTokens };
}

/** How much to think, in whatever spelling the client knows. */
export function readReasoning(json: JsonObject): ReasoningWish | undefined {
  const wish: ReasoningWish = {};
  for (const read of WISHES) Object.assign(wish, defined<ReasoningWish>(read(json)));
  return Object.keys(wish).length === 0 ? undefined : wish;
}

/** `response_format`; plain text and what is not known are nothing. */
export function readFormat(value: unknown): OutputFormat | undefined {
  const format = asObject(value);
  if (format.type === 'json_object') return { type: 'json' };
  if (format.type !== 'json_schema') return undefined;
  const named = asObject(format.json_schema);
  const schema = objectOrNothing(named.schema);
  // A schema-less one still asks for JSON.
  if (!schema) return { type: 'json' };
  return defined<Extract<OutputFormat, { type: 'json-schema' }>>({
    type: 'json-schema',
    name: asText(named.name),
    description: asText(named.description),
    schema,
    strict: typeof named.strict === 'boolean' ? named.strict : undefined,
  });
}

type Modality = 'text' | 'image' | 'audio';

/** Kinds of output, when they are more than text. */
export function readModalities(value: unknown): Modality[] | undefined {
  const known = asArray(value).filter(
    (one): one is Modality => one === 'text' || one === 'image' || one === 'audio',
  );
  return known.some((one) => one !== 'text') ? known : undefined;
}
