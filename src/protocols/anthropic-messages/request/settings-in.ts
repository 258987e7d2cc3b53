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

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Length and chance. */
export function readSampling(json: JsonObject): Sampling {
  const stop = asArray(json.stop_sequences).flatMap((text) => asText(text) ?? []);
  return defined<Sampling>({
    maxOutputTokens: asCount(json.max_tokens),
    temperature: asNumber(json.temperature),
    topP: asNumber(json.top_p),
    topK: asCount(json.top_k),
    stop: stop.length === 0 ? undefined : stop,
  });
}

type Mode = (thinking: JsonObject) => ReasoningWish;

/** https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking */
const MODES: ReadonlyMap<unknown, Mode> = new Map<unknown, Mode>([
  ['disabled', () => ({ enabled: false })],
  ['adaptive', ({ display }) => ({ enabled: true, adaptive: true, show: display !== 'omitted' })],
  [
    'enabled',
    ({ budget_tokens, display }) =>
      defined<ReasoningWish>({
        enabled: true,
        budgetTokens: asCount(budget_tokens),
        show: display !== 'omitted',
      }),
  ],
]);

/** `thinking` and `output_config.effort`. Who thinks here sees the thoughts, unless `display` says otherwise. */
export function readReasoning(json: JsonObject): ReasoningWish | undefined {
  const thinking = asObject(json.thinking);
  const effort = readEffort(asObject(json.output_config).effort);
  const mode = MODES.get(thinking.type)?.(thinking);
  return mode || effort ? { ...mode, ...(effort ? { effort } : {}) } : undefined;
}

/** `output_config.format`, or `output_format` as the beta called it. */
export function readFormat(json: JsonObject): OutputFormat | undefined {
  const format = asObject(asObject(json.output_config).format ?? json.output_format);
  const schema = objectOrNothing(format.schema);
  return format.type === 'json_schema' && schema ? { type: 'json-schema', schema } : undefined;
}

const TIERS: ReadonlyMap<unknown, string> = new Map([
  ['auto', 'auto'],
  ['standard_only', 'default'],
]);

/** The tier in the words that most wires share. */
export function readTier(json: JsonObject): string | undefined {
  return TIERS.get(json.service_tier);
}

/** Fields that have a place in the pivot, or none in a body (`stream`). */
const READ: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'service_tier',
  'stream',
]);

/** Everything else that the client said: for this wire alone. */
export function readRest(json: JsonObject): JsonObject {
  const { effort: _effort, format: _format, ...config } = asObject(json.output_config);
  return {
    ...Object.fromEntries(Object.entries(json).filter(([name]) => !READ.has(name))),
    ...(Object.keys(config).length === 0 ? {} : { output_config: config }),
  };
}
