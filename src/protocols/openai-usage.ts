import {
  asArray,
  asCount,
  asObject,
  defined,
  firstCount,
  type JsonObject,
  objectOrNothing,
  type ServiceTier,
  saneUsage,
  type Usage,
} from '../pivot/index.ts';

/**
 * Usage in the OpenAI family's many spellings, whole or within an answer (`usage`, Groq's `x_groq.usage`, Cohere's
 * `meta.billed_units`). Input includes cache reads and writes there already.
 * https://platform.openai.com/docs/api-reference/chat/object
 */
export function openaiUsage(value: unknown): Usage | undefined {
  const usage = objectOrNothing(value);
  if (!usage) return undefined;
  const inputDetails = objectOrNothing(usage.prompt_tokens_details) ?? asObject(usage.input_tokens_details);
  const outputDetails =
    objectOrNothing(usage.completion_tokens_details) ?? asObject(usage.output_tokens_details);
  const input = firstCount(usage.prompt_tokens, usage.input_tokens);
  const output = firstCount(usage.completion_tokens, usage.output_tokens);
  if (input === undefined && output === undefined && asCount(usage.total_tokens) === undefined)
    return undefined;
  const reasoning = firstCount(outputDetails.reasoning_tokens, usage.reasoning_tokens);
  const cacheRead = firstCount(
    inputDetails.cached_tokens,
    usage.prompt_cache_hit_tokens,
    usage.cached_tokens,
    usage.num_cached_tokens,
    usage.cache_read_input_tokens,
  );
  const cacheWrite = firstCount(
    inputDetails.cache_write_tokens,
    inputDetails.cache_creation_tokens,
    inputDetails.cache_creation_input_tokens,
    usage.cache_creation_input_tokens,
  );
  // More cached than prompt tokens (Grok on Azure): the prompt was counted without them, which `saneUsage` mends.
  return saneUsage(
    defined<Usage>({
      // Embeddings of some vendors report only a total.
      input: input ?? (output === undefined ? asCount(usage.total_tokens) : undefined),
      cacheRead,
      cacheWrite,
      cacheWrite1h: asCount(asObject(usage.cache_creation).ephemeral_1h_input_tokens),
      output: withReasoning(usage, input, output, reasoning),
      reasoning,
      inputAudio: asCount(inputDetails.audio_tokens),
      outputAudio: asCount(outputDetails.audio_tokens),
      inputImage: asCount(inputDetails.image_tokens),
      outputImage: asCount(outputDetails.image_tokens),
      searches: firstCount(
        asObject(usage.server_tool_use).web_search_requests,
        usage.num_search_queries,
        usage.num_sources_used,
      ),
      costUsd: costOf(usage),
      tier: serviceTier(usage.service_tier),
    }),
  );
}

const TIERS: Readonly<Record<string, ServiceTier>> = { batch: 'batch', flex: 'flex', priority: 'priority' };

/** A tier of service that has its own prices; `default`, `auto`, `standard`, `scale` have none. */
export function serviceTier(value: unknown): ServiceTier | undefined {
  return typeof value === 'string' && Object.hasOwn(TIERS, value) ? TIERS[value] : undefined;
}

/** Usage of an answer that names its tier beside it, as OpenAI's do. */
export function tieredUsage(value: unknown, tier: unknown): Usage | undefined {
  const usage = openaiUsage(value);
  const named = serviceTier(tier);
  return usage && named ? { ...usage, tier: named } : usage;
}

/** xAI counts reasoning beside completion tokens; its total gives it away, or more reasoning than output. */
function withReasoning(
  usage: JsonObject,
  input?: number,
  output?: number,
  reasoning?: number,
): number | undefined {
  if (!reasoning || output === undefined) return output;
  return input !== undefined && asCount(usage.total_tokens) === input + output + reasoning
    ? output + reasoning
    : output;
}

/** xAI bills in these. https://docs.x.ai/developers/cost-tracking */
const TICKS_PER_USD = 1e10;

/**
 * OpenRouter and gateways give a number, Perplexity an object with a total, xAI ticks. USD. Whose key at another provider
 * is used (OpenRouter's BYOK) pays that provider too: `cost` is then the fee alone.
 */
function costOf(usage: JsonObject): number | undefined {
  const ticks = amount(usage.cost_in_usd_ticks);
  if (ticks !== undefined) return ticks / TICKS_PER_USD;
  const cost = amount(usage.cost) ?? amount(asObject(usage.cost).total_cost);
  const elsewhere = amount(asObject(usage.cost_details).upstream_inference_cost);
  return cost !== undefined && usage.is_byok === true && elsewhere !== undefined ? cost + elsewhere : cost;
}

function amount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** Usage anywhere in a whole answer of the OpenAI family's other endpoints. */
export function openaiBodyUsage(json: unknown): Usage | undefined {
  const body = asObject(json);
  const response = asObject(body.response);
  const direct =
    tieredUsage(body.usage, body.service_tier) ??
    openaiUsage(asObject(body.x_groq).usage) ??
    tieredUsage(response.usage, response.service_tier);
  if (direct) return direct;
  const units = asObject(asObject(body.meta).billed_units);
  const input = asCount(units.input_tokens);
  const searches = asCount(units.search_units);
  if (input === undefined && searches === undefined) return undefined;
  return defined<Usage>({ input, output: asCount(units.output_tokens), searches });
}

/** A piece of text and what it is. */
export interface ContentPart {
  kind: 'text' | 'reasoning' | 'refusal';
  text: string;
}

/** Text of a content value: a string, or an array of parts (Mistral's carry thinking parts beside text). */
export function contentParts(content: unknown): ContentPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  return asArray(content).flatMap((item): ContentPart[] => {
    if (typeof item === 'string') return [{ kind: 'text', text: item }];
    const part = asObject(item);
    if (part.type === 'text' && typeof part.text === 'string') return [{ kind: 'text', text: part.text }];
    if (part.type === 'refusal' && typeof part.refusal === 'string')
      return [{ kind: 'refusal', text: part.refusal }];
    if (part.type !== 'thinking') return [];
    const whole = typeof part.thinking === 'string' ? part.thinking : '';
    return [
      {
        kind: 'reasoning',
        text:
          whole ||
          contentParts(part.thinking)
            .map((p) => p.text)
            .join(''),
      },
    ];
  });
}
