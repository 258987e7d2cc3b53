import { defined, type JsonObject, type PivotRequest, type RenderTarget } from '../../../pivot/index.ts';
import type { Notes } from './notes.ts';
import { strictSchema } from './schema-out.ts';

const WIRE = 'anthropic-messages';
const DEFAULT_MAX_TOKENS = 8192;
/** While it thinks, a model takes only so high a `top_p`. */
const MIN_TOP_P = 0.95;

/** The longest answer. The wire must be told one. */
export function maxTokensOf({ sampling }: PivotRequest, target: RenderTarget, notes: Notes): number {
  const asked = sampling.maxOutputTokens || target.maxOutput || DEFAULT_MAX_TOKENS;
  if (target.maxOutput === undefined || asked <= target.maxOutput) return asked;
  notes.lose('max_tokens', `clamped to ${target.maxOutput}`);
  return target.maxOutput;
}

/** Chance and stops. `thinking` = it is on: most of chance is shut out. */
export function writeSampling(
  request: PivotRequest,
  thinking: boolean,
  target: RenderTarget,
  notes: Notes,
): JsonObject {
  const { sampling } = request;
  const refused = `${target.provider}/${target.model} refuses it`;
  const shut = thinking ? 'thinking shuts it out' : undefined;
  const keep = <T>(what: string, value: T | undefined, why: string | undefined): T | undefined => {
    if (value === undefined || why === undefined) return value;
    notes.lose(what, why);
    return undefined;
  };
  const unless = (quirk: string): string | undefined => (target.quirks.has(quirk) ? refused : undefined);
  // 1 is what the API assumes for both: saying it could only be refused.
  const [heat, share] = [sampling.temperature, sampling.topP].map((value) =>
    value === 1 ? undefined : value,
  );
  const temperature = keep('temperature', heat, unless('no-temperature') ?? shut);
  const both = temperature !== undefined ? unless('temperature-or-top-p') : undefined;
  const narrow = share !== undefined && share < MIN_TOP_P ? shut : undefined;
  return defined<JsonObject>({
    temperature: temperature === undefined ? undefined : within(temperature, notes),
    top_p: keep('top_p', share, unless('no-top-p') ?? both ?? narrow),
    top_k: keep('top_k', sampling.topK, unless('no-top-k') ?? shut),
    stop_sequences: writeStop(sampling.stop, target, notes),
  });
}

function within(temperature: number, notes: Notes): number {
  if (temperature <= 1) return temperature;
  notes.lose('temperature', 'clamped to 1');
  return 1;
}

function writeStop(stop: string[] | undefined, target: RenderTarget, notes: Notes): string[] | undefined {
  if (!stop || stop.length === 0) return undefined;
  if (target.quirks.has('no-stop')) {
    notes.lose('stop', `${target.provider}/${target.model} refuses it`);
    return undefined;
  }
  const kept = stop.filter((text) => text.trim() !== '');
  if (kept.length < stop.length) notes.lose('stop', `${WIRE} takes no blank ones`);
  return kept.length === 0 ? undefined : kept;
}

/** The shape of the answer: a schema where the API enforces it, else words for the system prompt. */
export function writeFormat(
  request: PivotRequest,
  target: RenderTarget,
  notes: Notes,
): { format?: JsonObject; instruction?: string } {
  const { format } = request;
  if (!format) return {};
  if (format.type === 'json') {
    notes.lose('response_format', 'said in the system prompt, not enforced');
    return { instruction: 'Answer with one JSON object and nothing else: no other words, no code fence.' };
  }
  // Some models take a format or tools, not both.
  const both = request.tools.length > 0 && target.quirks.has('no-format-with-tools');
  if (!both && !target.quirks.has('no-json-schema'))
    return { format: { type: 'json_schema', schema: strictSchema(format.schema) } };
  notes.lose('response_format', 'said in the system prompt, not enforced');
  return {
    instruction: `Answer with one JSON value and nothing else: no other words, no code fence. It must match this JSON Schema:\n${JSON.stringify(format.schema)}`,
  };
}

const TIERS: ReadonlyMap<string, string> = new Map([
  ['auto', 'auto'],
  ['default', 'standard_only'],
]);

type Unsayable = readonly [what: string, said: (request: PivotRequest) => boolean, why: string];

const NO_WORD = `${WIRE} has no word for it`;

/** What the wire cannot say at all. A value that changes nothing is no loss. */
const UNSAYABLE: readonly Unsayable[] = [
  ['n', ({ sampling }) => (sampling.n ?? 1) > 1, NO_WORD],
  ['seed', ({ sampling }) => sampling.seed !== undefined, NO_WORD],
  ['frequency_penalty', ({ sampling }) => (sampling.frequencyPenalty ?? 0) !== 0, NO_WORD],
  ['presence_penalty', ({ sampling }) => (sampling.presencePenalty ?? 0) !== 0, NO_WORD],
  ['logprobs', ({ sampling }) => sampling.logprobs !== undefined, NO_WORD],
  ['modalities', ({ modalities }) => (modalities ?? []).some((kind) => kind !== 'text'), 'answers are text'],
  ['store', ({ store }) => store === true, NO_WORD],
  [
    'previous_response_id',
    ({ previousResponseId }) => previousResponseId !== undefined,
    'that conversation lies with another provider',
  ],
  ['service_tier', ({ serviceTier }) => serviceTier !== undefined && !TIERS.has(serviceTier), NO_WORD],
];

/** The rest: the tier, and a loss for all that has no word here. */
export function writeRest(request: PivotRequest, notes: Notes): JsonObject {
  for (const [what, said, why] of UNSAYABLE) if (said(request)) notes.lose(what, why);
  const tier = request.serviceTier === undefined ? undefined : TIERS.get(request.serviceTier);
  // `auto` is what the API assumes, and not every server of this wire knows the field.
  return tier === undefined || tier === 'auto' ? {} : { service_tier: tier };
}
