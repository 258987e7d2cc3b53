import { livePrice, pruned, valueAt } from './live-prices.ts';
import type { LiveModel } from './types.ts';

const MAX_MODELS = 10_000;
const MAX_ID_LENGTH = 200;
const MAX_TOKENS = 1e9;

/** Where lists keep the models; the first path that holds an array wins. `[]` = the answer itself is the array. */
const LISTS: readonly (readonly string[])[] = [
  [],
  ['data'],
  ['models'],
  ['result'],
  ['results'],
  ['data', 'models'],
];

/** Where lists keep the id. */
const IDS: readonly string[] = ['id', 'name', 'model', 'slug'];

/** Where lists keep the largest prompt, in tokens. */
const CONTEXTS: readonly (readonly string[])[] = [
  ['context_length'],
  ['context_window'],
  ['inputTokenLimit'],
  ['max_input_tokens'],
  ['max_model_len'],
  ['max_context_length'],
  ['context_size'],
  ['metadata', 'context_length'],
  ['model_spec', 'availableContextTokens'],
  ['top_provider', 'context_length'],
];

/** Where lists keep the longest answer, in tokens. */
const OUTPUTS: readonly (readonly string[])[] = [
  ['max_completion_tokens'],
  ['max_output_tokens'],
  ['outputTokenLimit'],
  ['max_output_length'],
  ['metadata', 'max_tokens'],
  ['top_provider', 'max_completion_tokens'],
  ['max_tokens'],
];

type Fields = Readonly<Record<string, unknown>>;

/** Where lists say that a model will end (Mistral, OpenRouter, Groq). */
const ENDS: readonly string[] = ['deprecation', 'deprecation_date', 'expiration_date', 'deprecated'];

/** The day on which a model ends, or `soon`. */
function deprecation(model: Fields): string | undefined {
  if (model.active === false) return 'soon';
  const said = ENDS.map((key) => model[key]).find((value) => typeof value === 'string' || value === true);
  if (said === undefined || said === '') return undefined;
  return /^20\d{2}-\d{2}-\d{2}/.exec(String(said))?.[0] ?? 'soon';
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tokensAt(model: Fields, paths: readonly (readonly string[])[]): number | undefined {
  for (const path of paths) {
    const value = valueAt(model, path);
    if (typeof value === 'number' && value > 0 && value <= MAX_TOKENS) return Math.round(value);
  }
  return undefined;
}

/** An id that can be sent and shown: printable, not endless. Gemini lists `models/M` for the model `M`. */
function cleanId(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_ID_LENGTH || !/^[\x21-\x7e]+$/.test(value))
    return undefined;
  const id = value.startsWith('models/') ? value.slice('models/'.length) : value;
  return id === '' ? undefined : id;
}

function liveModel(provider: string, entry: unknown): LiveModel | undefined {
  if (typeof entry === 'string') return liveModel(provider, { id: entry });
  if (!isObject(entry)) return undefined;
  const id = IDS.map((key) => cleanId(valueAt(entry, [key]))).find((found) => found !== undefined);
  if (id === undefined) return undefined;
  const facts = pruned({
    context: tokensAt(entry, CONTEXTS),
    maxOutput: tokensAt(entry, OUTPUTS),
    price: livePrice(provider, entry),
    deprecated: deprecation(entry),
  });
  return { id, ...facts };
}

/** The array of models in an answer, or null when there is none. Ollama without models says `"data": null`. */
function listIn(answer: unknown): readonly unknown[] | null {
  for (const path of LISTS) {
    const value = valueAt(answer, path);
    if (Array.isArray(value)) return value;
  }
  return isObject(answer) && answer.object === 'list' && answer.data === null ? [] : null;
}

/**
 * What an answer to GET /models says, in whichever shape the provider has: OpenAI's, Anthropic's, Gemini's, Ollama's,
 * a bare array. null = it is no list of models. What is absurd in it is left out.
 * @param provider its id: units of prices differ
 */
export function parseModelList(provider: string, body: string): LiveModel[] | null {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    // An error page or a cut answer: no list, which the caller is told.
    return null;
  }
  const list = listIn(answer);
  if (!list) return null;
  const models = list.slice(0, MAX_MODELS).flatMap((entry) => liveModel(provider, entry) ?? []);
  // A list in which nothing is a model is some other list.
  if (list.length > 0 && models.length === 0) return null;
  return [...new Map(models.map((model) => [model.id, model])).values()];
}
