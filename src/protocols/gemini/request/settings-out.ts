import {
  defined,
  type JsonObject,
  type OutputFormat,
  type PivotRequest,
  type Sampling,
} from '../../../pivot/index.ts';
import type { Rendering } from './context.ts';
import { writeSchema } from './schema-out.ts';
import { writeThinking } from './thinking-out.ts';

const MAX_STOPS = 5;
/** https://ai.google.dev/api/generate-content#generationconfig; many models take only one. */
const MAX_CANDIDATES = 8;

/** Our name of a setting, its names on the wire and in losses, and the quirk of models that refuse it. */
const SIMPLE: readonly (readonly [keyof Sampling, string, string, string])[] = [
  ['temperature', 'temperature', 'temperature', 'no-temperature'],
  ['topP', 'topP', 'top_p', 'no-top-p'],
  ['topK', 'topK', 'top_k', 'no-top-k'],
  ['stop', 'stopSequences', 'stop', 'no-stop'],
  ['seed', 'seed', 'seed', 'no-seed'],
  ['frequencyPenalty', 'frequencyPenalty', 'frequency_penalty', 'no-penalties'],
  ['presencePenalty', 'presencePenalty', 'presence_penalty', 'no-penalties'],
];

/** `generationConfig`, and what of it must be said in words (`instruction`). */
export function writeSettings(
  request: PivotRequest,
  rendering: Rendering,
): { config: JsonObject; instruction: string | undefined } {
  const { format, instruction } = writeFormat(request.format, rendering);
  return {
    config: defined<JsonObject>({
      ...writeSampling(request.sampling, rendering),
      ...format,
      responseModalities: request.modalities?.map((one) => one.toUpperCase()),
      thinkingConfig: writeThinking(request.reasoning, rendering),
    }),
    instruction,
  };
}

function writeSampling(sampling: Sampling, { target, lose }: Rendering): JsonObject {
  const refused = `${target.provider}/${target.model} refuses it`;
  const config: JsonObject = {};
  for (const [key, name, what, quirk] of SIMPLE) {
    if (sampling[key] === undefined) continue;
    if (target.quirks.has(quirk)) lose(what, refused);
    else config[name] = sampling[key];
  }
  if (
    target.quirks.has('temperature-or-top-p') &&
    config.temperature !== undefined &&
    config.topP !== undefined
  ) {
    delete config.topP;
    lose('top_p', refused);
  }
  if (sampling.stop && sampling.stop.length > MAX_STOPS && config.stopSequences) {
    config.stopSequences = sampling.stop.slice(0, MAX_STOPS);
    lose('stop', `only the first ${MAX_STOPS}`);
  }
  return defined<JsonObject>({
    maxOutputTokens: maxTokens(sampling, target, lose),
    ...config,
    candidateCount: candidates(sampling, refused, target, lose),
    ...logprobs(sampling, refused, target, lose),
  });
}

function candidates(
  { n = 1 }: Sampling,
  refused: string,
  { quirks }: Rendering['target'],
  lose: Rendering['lose'],
): number | undefined {
  if (n < 2) return undefined;
  if (quirks.has('no-n')) {
    lose('n', refused);
    return undefined;
  }
  if (n > MAX_CANDIDATES) lose('n', `clamped to ${MAX_CANDIDATES}`);
  return Math.min(n, MAX_CANDIDATES);
}

function logprobs(
  { logprobs: asked }: Sampling,
  refused: string,
  { quirks }: Rendering['target'],
  lose: Rendering['lose'],
): JsonObject {
  if (asked === undefined) return {};
  if (!quirks.has('no-logprobs'))
    return { responseLogprobs: true, ...(asked > 0 ? { logprobs: asked } : {}) };
  lose('logprobs', refused);
  return {};
}

function maxTokens(
  { maxOutputTokens: most }: Sampling,
  { maxOutput: limit }: Rendering['target'],
  lose: Rendering['lose'],
): number | undefined {
  if (most === undefined || limit === undefined || most <= limit) return most;
  lose('max_tokens', `clamped to ${limit}`);
  return limit;
}

const JSON_TYPE = 'application/json';

/** JSON by media type and schema. Older models refuse it beside tools: they are asked in words. */
function writeFormat(
  format: OutputFormat | undefined,
  { target, tools, lose }: Rendering,
): { format: JsonObject; instruction?: string } {
  if (!format) return { format: {} };
  if (tools.length > 0 && target.quirks.has('no-format-with-tools')) {
    lose('response format', 'refused beside tools; asked for in words');
    return { format: {}, instruction: inWords(format) };
  }
  if (format.type === 'json') return { format: { responseMimeType: JSON_TYPE } };
  if (target.quirks.has('no-json-schema')) {
    lose('json schema', `${target.provider}/${target.model} refuses it; asked for in words`);
    return { format: { responseMimeType: JSON_TYPE }, instruction: inWords(format) };
  }
  const { description } = format;
  const schema = description === undefined ? format.schema : { description, ...format.schema };
  return { format: { responseMimeType: JSON_TYPE, responseSchema: writeSchema(schema) } };
}

function inWords(format: OutputFormat): string {
  return format.type === 'json'
    ? 'Answer with one JSON object and nothing else.'
    : `Answer with JSON that follows this JSON Schema and with nothing else:\n${JSON.stringify(format.schema)}`;
}
