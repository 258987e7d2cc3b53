import {
  asText,
  defined,
  type JsonObject,
  type ParseProblem,
  type PivotRequest,
  type VendorFields,
} from '../../../pivot/index.ts';
import { readMessages } from './messages-in.ts';
import { readFormat, readModalities, readReasoning, readSampling, SETTINGS } from './settings-in.ts';
import { readToolChoice, readTools, TOOL_FIELDS } from './tools-in.ts';

const ORIGIN = 'openai-chat';

/** What parsing turns into words of the pivot. All else is kept as it is, for this wire alone. */
const READ: ReadonlySet<string> = new Set([
  'model',
  'stream',
  // Relay asks the upstream for usage and gives it to whom it was promised.
  'stream_options',
  'messages',
  ...SETTINGS,
  ...TOOL_FIELDS,
]);

/**
 * A Chat Completions request in any of its dialects: OpenAI's, OpenRouter's, and what DeepSeek, Qwen and others added.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export function parseRequest(
  json: JsonObject,
  from: { model: string; stream: boolean },
): PivotRequest | ParseProblem {
  if (!Array.isArray(json.messages)) return { problem: 'messages is missing or no list', param: 'messages' };
  const messages = readMessages(json.messages);
  if (messages.length === 0)
    return { problem: 'messages has no message that says anything', param: 'messages' };
  return defined<PivotRequest>({
    model: from.model,
    stream: from.stream,
    messages,
    tools: readTools(json),
    toolChoice: readToolChoice(json),
    parallelToolCalls: asBoolean(json.parallel_tool_calls),
    sampling: readSampling(json),
    reasoning: readReasoning(json),
    format: readFormat(json.response_format),
    verbosity: asText(json.verbosity),
    modalities: readModalities(json.modalities),
    cacheKey: asText(json.prompt_cache_key),
    store: asBoolean(json.store),
    serviceTier: asText(json.service_tier),
    vendor: vendorOf(json),
  });
}

function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function vendorOf(json: JsonObject): VendorFields | undefined {
  const fields = Object.entries(json).filter(
    ([name, value]) => !READ.has(name) && value !== null && value !== undefined,
  );
  return fields.length === 0 ? undefined : { origin: ORIGIN, fields: Object.fromEntries(fields) };
}
