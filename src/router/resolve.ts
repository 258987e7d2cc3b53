import type { Provider, Quirk, Surface } from '../catalog/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import { orderSellers } from './sellers.ts';
import type { RouteRequest, RouteState, Target } from './types.ts';

/** A provider and model before it is known whether they can be called. */
export interface Candidate {
  provider: Provider;
  model: string;
  /** null = the provider does not speak what the request needs, and it cannot be translated. */
  surface: Surface | null;
  callable: boolean;
}

/** What a name stands for: candidates in order, or nothing under this reading. */
export interface Resolution {
  rule: string;
  why: string;
  candidates: Candidate[];
}

/** What the pivot has words for; other endpoints are served in the client's own protocol or not at all. */
const TRANSLATED: ReadonlySet<RouteRequest['endpoint']> = new Set<RouteRequest['endpoint']>([
  'generate',
  'count-tokens',
]);

/** Surfaces that a model's quirks ask for, where a request is translated anyway. */
const VIA: readonly (readonly [Quirk, ProtocolId])[] = [
  ['via-responses', 'openai-responses'],
  ['via-messages', 'anthropic-messages'],
  ['via-gemini', 'gemini'],
];

/**
 * The surface that a request goes to: the client's own protocol, else (for what can be translated) the one that the
 * model asks for, else the provider's first.
 */
export function surfaceFor(
  provider: Provider,
  model: string,
  request: RouteRequest,
  state: Pick<RouteState, 'catalog'>,
): Surface | null {
  const of = (protocol: ProtocolId): Surface | undefined =>
    provider.surfaces.find((surface) => surface.protocol === protocol);
  const own = of(request.protocol);
  if (own) return own;
  if (!TRANSLATED.has(request.endpoint) || request.asIs === true) return null;
  const quirks = state.catalog.quirks(provider.id, model);
  const [wanted] = VIA.flatMap(([quirk, protocol]) => (quirks.has(quirk) ? (of(protocol) ?? []) : []));
  return wanted ?? provider.surfaces[0] ?? null;
}

function candidate(provider: Provider, model: string, request: RouteRequest, state: RouteState): Candidate {
  const surface = surfaceFor(provider, model, request, state);
  const key = surface ? state.keyState(provider, surface) : 'missing';
  return { provider, model, surface, callable: key === 'have' || key === 'none' };
}

/** Splits `x/rest` when x is a provider (or an alias of its id). */
export function splitProvider(name: string, state: RouteState): { provider: Provider; rest: string } | null {
  const slash = name.indexOf('/');
  if (slash <= 0 || slash === name.length - 1) return null;
  const provider = state.catalog.provider(name.slice(0, slash));
  return provider ? { provider, rest: name.slice(slash + 1) } : null;
}

/** Sellers of a bare name, best first. */
function orderedCandidates(name: string, request: RouteRequest, state: RouteState): Candidate[] {
  const { catalog, config } = state;
  return orderSellers(catalog.sellers(name), { catalog, prefer: config.prefer }).flatMap((seller) => {
    const provider = catalog.provider(seller.provider);
    return provider ? [candidate(provider, seller.model, request, state)] : [];
  });
}

type Step = (name: string, request: RouteRequest, state: RouteState) => Resolution | null;

/** `x/rest` where x is a provider: that provider, forwarded even if no catalog knows the model. */
const byProvider: Step = (name, request, state) => {
  const split = splitProvider(name, state);
  if (!split) return null;
  return {
    rule: 'default',
    why: `"${name}" names the provider ${split.provider.id}`,
    candidates: [
      candidate(split.provider, split.rest, request, state),
      ...fallbacksOf(split, request, state),
    ],
  };
};

/** The demo's own rule: the model that is always down shows what a fallback looks like. */
const DEMO_FALLBACKS: ReadonlyMap<string, string> = new Map([['down', 'echo']]);

/** The same model at the providers that `fallbacks:` names for this one. */
function fallbacksOf(
  from: { provider: Provider; rest: string },
  request: RouteRequest,
  state: RouteState,
): Candidate[] {
  const demo = from.provider.kind === 'demo' ? DEMO_FALLBACKS.get(from.rest) : undefined;
  if (demo !== undefined) return [candidate(from.provider, demo, request, state)];
  const ids = state.config.fallbacks.get(from.provider.id) ?? [];
  const name = state.catalog.info(from.provider.id, from.rest)?.name ?? from.rest;
  const sellers = ids.length > 0 ? state.catalog.sellers(name) : [];
  return ids.flatMap((id) => {
    const provider = state.catalog.provider(id);
    const seller = provider && sellers.find((s) => s.provider === provider.id);
    return provider && seller ? [candidate(provider, seller.model, request, state)] : [];
  });
}

const byAlias: Step = (name, request, state) => {
  const alias = state.config.aliases.get(name);
  if (!alias) return null;
  const targets = alias.targets.map((t) => (typeof t === 'string' ? t : t.target));
  const candidates = targets.flatMap((target) => {
    if (target === name) return [];
    return (byProvider(target, request, state) ?? byBareName(target, request, state))?.candidates ?? [];
  });
  return { rule: `alias ${name}`, why: `"${name}" is an alias`, candidates };
};

/** Names that stand for the default model, and for nothing else: some resellers sell an "auto" of their own. */
export const DEFAULT_NAMES: ReadonlySet<string> = new Set(['default', 'auto']);

const byDefault: Step = (name, request, state) => {
  if (!DEFAULT_NAMES.has(name)) return null;
  if (state.defaultModel === null || state.defaultModel === name) return null;
  const resolved = resolveWith([byProvider, byAlias, byBareName], state.defaultModel, request, state);
  return (
    resolved && { ...resolved, rule: 'default model', why: `"${name}" stands for ${state.defaultModel}` }
  );
};

/** A bare name: every provider that lists it, in order of preference, then the configured fallbacks of the first. */
const byBareName: Step = (name, request, state) => {
  if (DEFAULT_NAMES.has(name)) return null;
  const ordered = orderedCandidates(name, request, state);
  if (ordered.length === 0) return null;
  const callable = ordered.filter((c) => c.callable);
  // The client's own protocol loses nothing, whoever sells: it comes before every preference.
  const first = callable.find((c) => c.surface?.protocol === request.protocol) ?? callable[0];
  const rest = first ? fallbacksOf({ provider: first.provider, rest: first.model }, request, state) : [];
  return {
    rule: 'default',
    why: `"${name}" is sold by ${ordered.map((c) => c.provider.id).join(', ')}`,
    // One seller that can be called is the target; the others are named when there is none.
    candidates: first ? [first, ...rest] : ordered,
  };
};

const byUnknownRule: Step = (name, request, state) => {
  if (state.config.unknownModel !== 'default' || state.defaultModel === null || DEFAULT_NAMES.has(name))
    return null;
  const resolved = resolveWith([byProvider, byAlias, byBareName], state.defaultModel, request, state);
  return (
    resolved && {
      ...resolved,
      rule: 'unknown model',
      why: `nobody knows "${name}"; unknown_model is default`,
    }
  );
};

/** The table of design decision "Which provider serves a name", in order. */
const STEPS: readonly Step[] = [byProvider, byAlias, byDefault, byBareName, byUnknownRule];

function resolveWith(
  steps: readonly Step[],
  name: string,
  request: RouteRequest,
  state: RouteState,
): Resolution | null {
  for (const step of steps) {
    const resolution = step(name, request, state);
    if (resolution) return resolution;
  }
  return null;
}

/** What a model name stands for, or null when nobody knows it. */
export function resolve(request: RouteRequest, state: RouteState): Resolution | null {
  return resolveWith(STEPS, request.model, request, state);
}

/** The callable ones as targets, each provider and model once. */
export function toTargets(candidates: readonly Candidate[]): Target[] {
  const seen = new Set<string>();
  const targets: Target[] = [];
  for (const { provider, model, surface, callable } of candidates) {
    const id = `${provider.id}/${model}`;
    if (!callable || !surface || seen.has(id)) continue;
    seen.add(id);
    targets.push({ provider, model, surface });
  }
  return targets;
}
