import type { Provider, Quirk, Surface } from '../catalog/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import type { KeyState, PassedOver, RouteRequest, RouteState, Target } from './types.ts';
import { targetId } from './words.ts';

/** A provider and model before it is known whether they can be called. */
export interface Candidate {
  provider: Provider;
  model: string;
  /** null = the provider does not speak what the request needs, and it cannot be translated. */
  surface: Surface | null;
  key: KeyState;
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

/** A model at a provider, as far as this request is concerned. */
export function candidate(
  provider: Provider,
  model: string,
  { request, state }: { request: RouteRequest; state: RouteState },
): Candidate {
  const surface = surfaceFor(provider, model, request, state);
  return { provider, model, surface, key: surface ? state.keyState(provider, surface) : 'missing' };
}

/** Whether it can be called: there is a surface, and a key or no need of one. */
export function isCallable({ surface, key }: Candidate): boolean {
  return surface !== null && (key === 'have' || key === 'none');
}

/** Splits `x/rest` when x is a provider (or an alias of its id). */
export function splitProvider(
  name: string,
  { catalog }: Pick<RouteState, 'catalog'>,
): { provider: Provider; rest: string } | null {
  const slash = name.indexOf('/');
  if (slash <= 0 || slash === name.length - 1) return null;
  const provider = catalog.provider(name.slice(0, slash));
  return provider ? { provider, rest: name.slice(slash + 1) } : null;
}

/** Each provider and model once, the first of them. */
export function distinct(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter((one) => {
    const id = targetId(one);
    return !seen.has(id) && seen.add(id);
  });
}

const KEY_TROUBLE: Record<KeyState, (c: Candidate) => string> = {
  have: () => 'cannot be called',
  none: () => 'cannot be called',
  missing: (c) => `no key for ${c.provider.id}`,
  locked: (c) => `the keychain does not give the key for ${c.provider.id}`,
  'no-keychain': (c) => `no key for ${c.provider.id}, and no keychain`,
  'foreign-origin': (c) => `the key for ${c.provider.id} belongs to another address`,
  disabled: (c) => `${c.provider.id} is switched off`,
};

/** The callable ones as targets, and why the others are none. */
export function toTargets(
  candidates: readonly Candidate[],
  { request }: { request: RouteRequest },
): { targets: Target[]; passedOver: PassedOver[] } {
  const targets: Target[] = [];
  const passedOver: PassedOver[] = [];
  for (const c of distinct(candidates)) {
    const { provider, model, surface } = c;
    if (surface && isCallable(c)) targets.push({ provider, model, surface });
    else {
      const why = surface ? KEY_TROUBLE[c.key](c) : `does not speak ${request.protocol}`;
      passedOver.push({ target: targetId(c), why });
    }
  }
  return { targets, passedOver };
}
