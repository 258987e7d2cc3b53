import {
  impliedEffort,
  type JsonObject,
  nearestEffort,
  type OutputFormat,
  type ReasoningWish,
  type RenderTarget,
  takenEffort,
  USUAL_VERBOSITY,
  vendorFields,
  wishedEffort,
} from '../../../pivot/index.ts';
import type { Json } from '../wire.ts';
import { WIRE } from './content-in.ts';
import { LOGPROBS, SEALED_REASONING } from './settings-in.ts';
import { NO_WORD, type Rendering, refuses } from './target.ts';

/** The least that the API takes. */
const MIN_OUTPUT = 16;

/** How long, how random. What this wire has no word for is a loss. */
export function samplingOut(rendering: Rendering): Json {
  const { request, lose } = rendering;
  const { sampling } = request;
  const unsaid = {
    top_k: sampling.topK,
    stop: sampling.stop?.length ? sampling.stop : undefined,
    seed: sampling.seed,
    n: sampling.n === 1 ? undefined : sampling.n,
    frequency_penalty: sampling.frequencyPenalty || undefined,
    presence_penalty: sampling.presencePenalty || undefined,
  };
  for (const [what, value] of Object.entries(unsaid)) if (value !== undefined) lose(what, NO_WORD);
  const logprobs = allowed(rendering, 'no-logprobs', 'logprobs', sampling.logprobs);
  return {
    max_output_tokens: maxOutput(rendering, sampling.maxOutputTokens),
    temperature: allowed(rendering, 'no-temperature', 'temperature', sampling.temperature),
    top_p: allowed(rendering, 'no-top-p', 'top_p', sampling.topP),
    top_logprobs: logprobs === 0 ? undefined : logprobs,
  };
}

function allowed<T>(rendering: Rendering, quirk: string, what: string, value: T | undefined): T | undefined {
  return value === undefined || refuses(rendering, quirk, what) ? undefined : value;
}

function maxOutput({ target, lose }: Rendering, wanted: number | undefined): number | undefined {
  if (wanted === undefined) return undefined;
  const most = Math.max(MIN_OUTPUT, target.maxOutput ?? wanted);
  const taken = Math.min(Math.max(wanted, MIN_OUTPUT), most);
  if (taken !== wanted) lose('max_tokens', `${taken < wanted ? 'clamped' : 'raised'} to ${taken}`);
  return taken;
}

/** `include`: the seals of thoughts, when nothing is stored; and what the client asked for. */
export function includeOut({ request, target, atHome }: Rendering): unknown[] | undefined {
  const { logprobs } = request.sampling;
  const sealed = target.reasons !== false && (atHome ? request.store === false : request.store !== true);
  const theirs = vendorFields(request, WIRE).include;
  const list = [
    ...(sealed ? [SEALED_REASONING] : []),
    ...(logprobs === undefined || target.quirks.has('no-logprobs') ? [] : [LOGPROBS]),
    ...(Array.isArray(theirs) ? theirs : []),
  ];
  return list.length === 0 ? undefined : list;
}

/** `reasoning`: how much to think, and whether to tell. */
export function reasoningOut(rendering: Rendering): Json | undefined {
  const { request, target, lose, atHome } = rendering;
  const wish = request.reasoning;
  if (!wish) return undefined;
  if (target.reasons === false && !atHome) {
    if (wish.enabled !== false) lose('thinking', `${target.provider}/${target.model} does not think`);
    return undefined;
  }
  const effort = effortOut(rendering, wish);
  const said = {
    ...(effort === undefined ? {} : { effort }),
    ...(wish.show && wish.enabled !== false ? { summary: 'auto' } : {}),
  };
  return Object.keys(said).length === 0 ? undefined : said;
}

/** Whether the catalog knows which efforts the model takes. */
function knowsEfforts({ quirks }: RenderTarget): boolean {
  return quirks.has('reasoning-effort') || quirks.has('reasoning-object');
}

/** A client of this wire is taken at its word. */
function effortOut({ target, lose, atHome }: Rendering, wish: ReasoningWish): string | undefined {
  if (wish.enabled === false) return atHome ? 'none' : effortOff(target, lose);
  if (atHome) return wishedEffort(wish);
  const wanted = target.quirks.has('thinking-off') ? impliedEffort(wish) : wishedEffort(wish);
  return takenEffort(wanted, wish, target.quirks, lose);
}

/** No thinking, or as little as can be asked for. Of a model that may not think at all nothing is said. */
function effortOff(target: RenderTarget, lose: Rendering['lose']): string | undefined {
  if (target.quirks.has('thinking-off')) return 'none';
  if (target.reasons !== true && !knowsEfforts(target)) return undefined;
  lose('reasoning off', `${target.provider}/${target.model} always thinks`);
  return nearestEffort('minimal', target.quirks);
}

/** `text.format`. */
export function formatOut(rendering: Rendering, format: OutputFormat | undefined): Json | undefined {
  if (!format) return undefined;
  if (format.type === 'json') return { type: 'json_object' };
  if (refuses(rendering, 'no-json-schema', 'json_schema')) return { type: 'json_object' };
  const { type: _type, name, schema, ...rest } = format;
  const plain = (name ?? 'answer').replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64);
  return { type: 'json_schema', name: plain, schema, ...rest };
}

/** `text.verbosity`. */
export function verbosityOut({ request, target, atHome, lose }: Rendering): string | undefined {
  const { verbosity } = request;
  if (verbosity === undefined || atHome || target.quirks.has('verbosity')) return verbosity;
  if (verbosity !== USUAL_VERBOSITY)
    lose('verbosity', `${target.provider}/${target.model} has no setting for it`);
  return undefined;
}

/** Tiers are a vendor's own words. */
const TIERS: ReadonlySet<string> = new Set(['default', 'flex', 'scale', 'priority']);

/** `service_tier`. */
export function tierOut({ request, atHome, lose }: Rendering): string | undefined {
  const tier = request.serviceTier;
  if (tier === undefined || tier === 'auto') return undefined;
  if (atHome || TIERS.has(tier)) return tier;
  lose('service_tier', `${WIRE} has no tier ${tier}`);
  return undefined;
}

/** The fields that only this wire knows: dotted names are members of what the pivot reads in part. */
export function vendorOut({ request }: Rendering): {
  whole: JsonObject;
  text: JsonObject;
  reasoning: JsonObject;
} {
  const out = { whole: {} as JsonObject, text: {} as JsonObject, reasoning: {} as JsonObject };
  for (const [name, value] of Object.entries(vendorFields(request, WIRE))) {
    const [head, member] = name.split('.');
    if (member !== undefined && (head === 'text' || head === 'reasoning')) out[head][member] = value;
    else if (name !== 'include') out.whole[name] = value;
  }
  return out;
}
