import {
  asArray,
  asCount,
  asObject,
  defined,
  firstCount,
  type JsonObject,
  objectOrNothing,
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
  return defined<Usage>({
    // Embeddings of some vendors report only a total.
    input: withCache(
      input ?? (output === undefined ? asCount(usage.total_tokens) : undefined),
      (cacheRead ?? 0) + (cacheWrite ?? 0),
    ),
    cacheRead,
    cacheWrite,
    output: withReasoning(usage, input, output, reasoning),
    reasoning,
    inputAudio: asCount(inputDetails.audio_tokens),
    outputAudio: asCount(outputDetails.audio_tokens),
    searches: firstCount(
      asObject(usage.server_tool_use).web_search_requests,
      usage.num_search_queries,
      usage.num_sources_used,
    ),
    costUsd: costOf(usage),
  });
}

/** More cached than prompt tokens (Grok on Azure): then the prompt can only have been counted without them. */
export function withCache(input: number | undefined, cached: number): number | undefined {
  return input !== undefined && cached > input ? input + cached : input;
}

/** xAI counts reasoning beside completion tokens; its total gives it away, or more reasoning than output. */
function withReasoning(
  usage: JsonObject,
  input?: number,
  output?: number,
  reasoning?: number,
): number | undefined {
  if (!reasoning || output === undefined) return output;
  if (reasoning > output) return output + reasoning;
  return input !== undefined && asCount(usage.total_tokens) === input + output + reasoning
    ? output + reasoning
    : output;
}

/** OpenRouter and gateways give a number, Perplexity an object with a total. USD. */
function costOf(usage: JsonObject): number | undefined {
  const cost = typeof usage.cost === 'number' ? usage.cost : asObject(usage.cost).total_cost;
  return typeof cost === 'number' && Number.isFinite(cost) && cost >= 0 ? cost : undefined;
}

/** Usage anywhere in a whole answer of the OpenAI family's other endpoints. */
export function openaiBodyUsage(json: unknown): Usage | undefined {
  const body = asObject(json);
  const direct =
    openaiUsage(body.usage) ??
    openaiUsage(asObject(body.x_groq).usage) ??
    openaiUsage(asObject(body.response).usage);
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
