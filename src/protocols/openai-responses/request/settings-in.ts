import {
  asArray,
  asCount,
  asObject,
  asText,
  defined,
  type JsonObject,
  type OutputFormat,
  objectOrNothing,
  type PivotRequest,
  type ReasoningWish,
  readEffort,
  type Sampling,
  type VendorFields,
} from '../../../pivot/index.ts';
import { WIRE } from './content-in.ts';
import { toolChoiceIn } from './tools-in.ts';

/** `include`: reasoning comes back sealed, so that the provider need not store it. */
export const SEALED_REASONING = 'reasoning.encrypted_content';
/** `include`: log probabilities. */
export const LOGPROBS = 'message.output_text.logprobs';

/** Top-level fields that the pivot has words for, and some that mean nothing behind this server. */
const READ: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'generate',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
  'include',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'store',
  'previous_response_id',
  'prompt_cache_key',
  'service_tier',
]);

/** Saying these is saying nothing. */
const DEFAULTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['truncation', 'disabled'],
  ['background', false],
]);

type Settings = Omit<PivotRequest, 'model' | 'stream' | 'messages' | 'tools'>;

/** Everything of a request that is neither conversation nor tools. */
export function settingsIn(json: JsonObject): Settings {
  const text = asObject(json.text);
  const tier = asText(json.service_tier);
  return defined<Settings>({
    toolChoice: toolChoiceIn(json.tool_choice),
    parallelToolCalls: bool(json.parallel_tool_calls),
    sampling: samplingIn(json),
    reasoning: reasoningIn(asObject(json.reasoning)),
    format: formatIn(asObject(text.format)),
    verbosity: asText(text.verbosity),
    cacheKey: asText(json.prompt_cache_key),
    previousResponseId: asText(json.previous_response_id),
    store: bool(json.store),
    serviceTier: tier === 'auto' ? undefined : tier,
    vendor: vendorIn(json, text),
  });
}

function bool(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function samplingIn(json: JsonObject): Sampling {
  const asked = asArray(json.include).includes(LOGPROBS) ? 0 : undefined;
  return defined<Sampling>({
    maxOutputTokens: asCount(json.max_output_tokens),
    temperature: number(json.temperature),
    topP: number(json.top_p),
    logprobs: asCount(json.top_logprobs) ?? asked,
  });
}

function reasoningIn({ effort, summary, generate_summary: older }: JsonObject): ReasoningWish | undefined {
  const show = asText(summary) ?? asText(older);
  const wish = defined<ReasoningWish>({
    enabled: effort === 'none' ? false : undefined,
    effort: readEffort(effort),
    show: show === undefined || show === 'none' ? undefined : true,
  });
  return Object.keys(wish).length === 0 ? undefined : wish;
}

function formatIn({ type, name, description, schema, strict }: JsonObject): OutputFormat | undefined {
  if (type === 'json_object') return { type: 'json' };
  const shape = objectOrNothing(schema);
  if (type !== 'json_schema' || !shape) return undefined;
  return defined<OutputFormat & { type: 'json-schema' }>({
    type: 'json-schema',
    name: asText(name),
    description: asText(description),
    schema: shape,
    strict: bool(strict),
  });
}

/** What only this wire understands. Members of objects that the pivot reads in part have dotted names (`text.verbosity`). */
function vendorIn(json: JsonObject, text: JsonObject): VendorFields {
  const { effort, summary: _s, generate_summary: _g, ...thinking } = asObject(json.reasoning);
  const { format: _f, verbosity, ...verbal } = text;
  const includes = asArray(json.include).filter((one) => one !== SEALED_REASONING && one !== LOGPROBS);
  const fields: JsonObject = {
    ...Object.fromEntries(Object.entries(json).filter(([name]) => !READ.has(name))),
    ...dotted('text', { ...verbal, verbosity: asText(verbosity) === undefined ? verbosity : undefined }),
    ...dotted('reasoning', {
      ...thinking,
      effort: effort === 'none' || readEffort(effort) ? undefined : effort,
    }),
    include: includes.length > 0 ? includes : undefined,
    tool_choice: toolChoiceIn(json.tool_choice) ? undefined : json.tool_choice,
  };
  const said = Object.entries(fields).filter(
    ([name, value]) => value !== undefined && value !== null && DEFAULTS.get(name) !== value,
  );
  return { origin: WIRE, fields: Object.fromEntries(said) };
}

function dotted(prefix: string, members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [`${prefix}.${name}`, value]));
}
