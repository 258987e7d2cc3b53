import {
  defined,
  type JsonObject,
  type OutputFormat,
  type PivotRequest,
  type Sampling,
  USUAL_VERBOSITY,
} from '../../../pivot/index.ts';
import { NO_WORD, type Notes } from './notes.ts';
import { simpleSchema } from './schema-out.ts';

/** Fields that are a name and a value, with the quirk of targets that refuse them. */
const PLAIN: readonly (readonly [field: string, value: keyof Sampling, quirk: string])[] = [
  ['temperature', 'temperature', 'no-temperature'],
  ['top_p', 'topP', 'no-top-p'],
  ['frequency_penalty', 'frequencyPenalty', 'no-penalties'],
  ['presence_penalty', 'presencePenalty', 'no-penalties'],
  ['seed', 'seed', 'no-seed'],
  ['stop', 'stop', 'no-stop'],
];

/** As good as 0 where 0 is refused. */
const LEAST_HEAT = 0.01;

/** OpenAI's limit; others allow more, none fewer. */
const MAX_STOPS = 4;

/** How the answer is drawn. */
export function renderSampling(sampling: Sampling, notes: Notes): JsonObject {
  const body: JsonObject = { ...limit(sampling, notes), ...plainFields(sampling, notes) };
  if (body.temperature !== undefined && body.top_p !== undefined && notes.has('temperature-or-top-p')) {
    delete body.top_p;
    notes.lose('top_p', `${notes.target.provider}/${notes.target.model} takes it or a temperature`);
  }
  if (Array.isArray(body.stop) && body.stop.length > MAX_STOPS) {
    body.stop = body.stop.slice(0, MAX_STOPS);
    notes.lose('stop', `only the first ${MAX_STOPS}`);
  }
  return { ...body, ...topK(sampling, notes), ...answersOut(sampling, notes) };
}

function plainFields(sampling: Sampling, notes: Notes): JsonObject {
  const body: JsonObject = {};
  for (const [field, name, quirk] of PLAIN) {
    const value = sampling[name];
    if (value === undefined) continue;
    if (notes.has(quirk)) notes.refuse(field);
    else if (name === 'temperature') body[field] = withinRange(sampling[name] ?? 1, notes);
    else body[name === 'seed' && notes.has('random-seed') ? 'random_seed' : field] = value;
  }
  return body;
}

/** The nearest temperature that the target takes. */
function withinRange(asked: number, { has, lose }: Notes): number {
  const most = has('temperature-to-1') ? Math.min(asked, 1) : asked;
  const taken = has('temperature-above-0') ? Math.max(most, LEAST_HEAT) : most;
  if (taken !== asked) lose('temperature', `${taken < asked ? 'clamped' : 'raised'} to ${taken}`);
  return taken;
}

function limit({ maxOutputTokens: asked }: Sampling, { target, has, lose }: Notes): JsonObject {
  if (asked === undefined) return {};
  const most = target.maxOutput ?? asked;
  if (asked > most) lose('max_tokens', `clamped to ${most}`);
  return { [has('max-completion-tokens') ? 'max_completion_tokens' : 'max_tokens']: Math.min(asked, most) };
}

/** Not OpenAI's, but OpenRouter and Qwen know it. */
function topK({ topK: top }: Sampling, notes: Notes): JsonObject {
  if (top === undefined) return {};
  const knows = notes.has('reasoning-object') || notes.has('enable-thinking');
  if (knows && !notes.has('no-top-k')) return { top_k: top };
  if (knows) notes.refuse('top_k');
  else notes.lose('top_k', NO_WORD);
  return {};
}

/** How many answers, and what is told of their tokens. */
function answersOut({ n = 1, logprobs }: Sampling, notes: Notes): JsonObject {
  const body: JsonObject = {};
  if (n > 1 && notes.has('no-n')) notes.refuse('n');
  else if (n > 1) body.n = n;
  if (logprobs === undefined) return body;
  if (notes.has('no-logprobs')) notes.refuse('logprobs');
  else Object.assign(body, { logprobs: true, ...(logprobs > 0 ? { top_logprobs: logprobs } : {}) });
  return body;
}

const NAME = /[^a-zA-Z0-9_-]/g;

/** `response_format`, and an instruction for the prompt where the target cannot be told a schema. */
export function renderFormat(
  format: OutputFormat | undefined,
  tools: boolean,
  notes: Notes,
): { body: JsonObject; instruction?: string } {
  if (!format) return { body: {} };
  const beside = tools && notes.has('no-format-with-tools');
  if (format.type === 'json' || beside || notes.has('no-json-schema')) {
    if (format.type !== 'json')
      notes.lose('json_schema', `an instruction for ${notes.target.provider}/${notes.target.model}`);
    return {
      body: beside ? {} : { response_format: { type: 'json_object' } },
      instruction: instructionOf(format),
    };
  }
  const { name, description, schema, strict } = format;
  const named = defined<JsonObject>({
    name: (name ?? 'answer').replace(NAME, '_').slice(0, 64),
    description,
    schema: notes.has('simple-schemas') ? simpleSchema(schema) : schema,
    strict,
  });
  return { body: { response_format: { type: 'json_schema', json_schema: named } } };
}

function instructionOf(format: OutputFormat): string {
  if (format.type === 'json') return 'Answer with JSON only.';
  return `Answer with JSON only, matching this JSON Schema:\n${JSON.stringify(format.schema)}`;
}

/** The rest: kinds of output, where the conversation is cached and kept, what it may cost. */
export function renderOthers(request: PivotRequest, notes: Notes): JsonObject {
  const { stream, cacheKey, store, serviceTier } = request;
  // Not to keep the answer is what the wire takes for granted. A kept one could not be found by the client's own wire.
  if (store === true) notes.lose('store', 'translated answers are not kept');
  return defined<JsonObject>({
    verbosity: verbosity(request, notes),
    modalities: modalities(request, notes),
    // A hint: nobody misses it where it is not known.
    prompt_cache_key: notes.has('prompt-cache-key') ? cacheKey : undefined,
    service_tier: tier(serviceTier, notes),
    stream: stream || undefined,
    stream_options: stream && !notes.has('no-stream-options') ? { include_usage: true } : undefined,
  });
}

function verbosity({ verbosity: asked }: PivotRequest, notes: Notes): string | undefined {
  if (asked === undefined || notes.has('verbosity')) return asked;
  if (asked !== USUAL_VERBOSITY)
    notes.lose('verbosity', `${notes.target.provider}/${notes.target.model} has no setting for it`);
  return undefined;
}

/** Tiers have names of their vendor; the usual one needs none. */
function tier(asked: string | undefined, notes: Notes): string | undefined {
  if (asked === undefined || asked === 'auto') return undefined;
  // OpenAI's own models are the ones with custom tools and with tiers.
  if (notes.has('custom-tools') && asked !== 'standard_only') return asked;
  if (asked !== 'default' && asked !== 'standard_only')
    notes.lose('service_tier', `${notes.target.provider}/${notes.target.model} has none of that name`);
  return undefined;
}

function modalities({ modalities: asked, vendor }: PivotRequest, notes: Notes): string[] | undefined {
  if (asked?.includes('image') && !notes.has('reasoning-object')) notes.lose('modalities: image', NO_WORD);
  const voice = vendor?.origin === 'openai-chat' && vendor.fields.audio !== undefined;
  if (asked?.includes('audio') && !voice) notes.lose('modalities: audio', 'the client names no voice');
  const known = asked?.filter(
    (one) =>
      one === 'text' || (one === 'image' && notes.has('reasoning-object')) || (one === 'audio' && voice),
  );
  return known?.some((one) => one !== 'text') ? known : undefined;
}
