import {
  asArray,
  asCount,
  asText,
  defined,
  type JsonObject,
  type OutputFormat,
  objectOrNothing,
  type PivotRequest,
  type ReasoningWish,
  readEffort,
  type Sampling,
} from '../../../pivot/index.ts';
import { camel } from '../camel.ts';
import { readSchema } from './schema-in.ts';

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
const texts = (value: unknown): string[] | undefined => {
  const list = asArray(value).filter((one): one is string => typeof one === 'string' && one !== '');
  return list.length === 0 ? undefined : list;
};

/** What of `generationConfig` the pivot has words for. */
export interface Settings {
  sampling: Sampling;
  reasoning?: ReasoningWish;
  format?: OutputFormat;
  modalities?: NonNullable<PivotRequest['modalities']>;
  /** Members that only this wire knows. */
  rest: JsonObject;
}

/** `generationConfig`. https://ai.google.dev/api/generate-content#generationconfig */
export function parseSettings(value: unknown): Settings {
  const {
    temperature,
    topP,
    topK,
    maxOutputTokens,
    stopSequences,
    seed,
    candidateCount,
    frequencyPenalty,
    presencePenalty,
    responseLogprobs,
    logprobs,
    thinkingConfig,
    responseModalities,
    ...others
  } = camel(value);
  const sampling = defined<Sampling>({
    maxOutputTokens: asCount(maxOutputTokens) || undefined,
    temperature: number(temperature),
    topP: number(topP),
    topK: number(topK),
    stop: texts(stopSequences),
    seed: number(seed),
    n: asCount(candidateCount),
    frequencyPenalty: number(frequencyPenalty),
    presencePenalty: number(presencePenalty),
    logprobs: responseLogprobs === true || asCount(logprobs) ? (asCount(logprobs) ?? 0) : undefined,
  });
  const { format, rest } = readFormat(others);
  return defined<Settings>({
    sampling,
    reasoning: readThinking(thinkingConfig),
    format,
    modalities: readModalities(responseModalities),
    rest,
  });
}

/** JSON is asked for by its media type, with a schema in either dialect or without one. */
function readFormat(config: JsonObject): { format: OutputFormat | undefined; rest: JsonObject } {
  const { responseMimeType, responseSchema, responseJsonSchema, ...rest } = config;
  const schema = objectOrNothing(readSchema(responseJsonSchema ?? responseSchema));
  const json = responseMimeType === undefined || responseMimeType === 'application/json';
  if (json && schema) return { format: { type: 'json-schema', schema }, rest };
  if (responseMimeType === 'application/json') return { format: { type: 'json' }, rest };
  // `text/x.enum` answers one word of a schema: nobody else does.
  const plain = responseMimeType === undefined || responseMimeType === 'text/plain';
  return { format: undefined, rest: plain ? rest : config };
}

function readThinking(value: unknown): ReasoningWish | undefined {
  const config = camel(value);
  const budget = number(config.thinkingBudget);
  const wish = defined<ReasoningWish>({
    enabled: budget === undefined ? undefined : budget !== 0,
    effort: readEffort(asText(config.thinkingLevel)?.toLowerCase()),
    budgetTokens: budget !== undefined && budget > 0 ? budget : undefined,
    adaptive: budget !== undefined && budget < 0 ? true : undefined,
    show: typeof config.includeThoughts === 'boolean' ? config.includeThoughts : undefined,
  });
  return Object.keys(wish).length === 0 ? undefined : wish;
}

const MODALITIES: ReadonlyMap<unknown, 'text' | 'image' | 'audio'> = new Map([
  ['TEXT', 'text'],
  ['IMAGE', 'image'],
  ['AUDIO', 'audio'],
]);

function readModalities(value: unknown): PivotRequest['modalities'] {
  const kinds = asArray(value).flatMap(
    (one) => MODALITIES.get(typeof one === 'string' ? one.toUpperCase() : one) ?? [],
  );
  return kinds.length === 0 ? undefined : kinds;
}
