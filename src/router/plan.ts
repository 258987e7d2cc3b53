import { GatewayError } from '../errors.ts';
import { type Candidate, DEFAULT_NAMES, type Resolution, resolve, surfaceFor, toTargets } from './resolve.ts';
import type { KeyState, Plan, RouteRequest, RouteState, Target } from './types.ts';

/** What answers every name under `serve --demo`: safe for agents, because it never calls tools. */
const DEMO_MODEL = 'coder';

/**
 * Decides where a request goes. Pure: request + state in, plan out; never waits, never calls anybody.
 * @throws GatewayError of kind `config` when only the user can help: no key, unknown model, protocol not spoken
 */
export function plan(request: RouteRequest, state: RouteState): Plan {
  if (state.demo && !request.model.startsWith('demo/')) return demoPlan(request, state);
  const resolution = resolve(request, state);
  if (!resolution) throw unknownModel(request, state);
  const targets = toTargets(resolution.candidates);
  if (targets.length === 0) throw noTarget(request, resolution, state);
  return {
    targets,
    rule: resolution.rule,
    why: [resolution.why, ...translations(targets, request)],
    verdicts: [],
    passedOver: [],
    stick: null,
  };
}

/** One sentence for each target that does not speak the client's protocol. */
function translations(targets: readonly Target[], request: RouteRequest): string[] {
  return targets
    .filter(({ surface }) => surface.protocol !== request.protocol)
    .map(
      ({ provider, model, surface }) =>
        `${provider.id}/${printable(model)} does not speak ${request.protocol}: translated to ${surface.protocol}`,
    );
}

function demoPlan(request: RouteRequest, state: RouteState): Plan {
  const provider = state.catalog.provider('demo');
  const surface = provider && surfaceFor(provider, DEMO_MODEL, request, state);
  if (!provider || !surface) throw unknownModel(request, state);
  return {
    targets: [{ provider, model: DEMO_MODEL, surface }],
    rule: 'demo',
    why: ['started with --demo: the built-in demo provider answers every name'],
    verdicts: [],
    passedOver: [],
    stick: null,
  };
}

function unknownModel(request: RouteRequest, state: RouteState): GatewayError {
  const { model } = request;
  const near = DEFAULT_NAMES.has(model) ? [] : state.catalog.suggest(model, 3);
  const say = DEFAULT_NAMES.has(model)
    ? `${state.defaultModel === null ? 'no default model is set' : `nobody serves the default model "${printable(state.defaultModel)}"`}. Run: ${state.prefix} use <model>`
    : `unknown model "${printable(model)}"${near.length > 0 ? `, did you mean ${near.join(' or ')}?` : '.'} Run: ${state.prefix} models search ${printable(model.split('/').at(-1) ?? model)}`;
  return new GatewayError({
    code: 'unknown_model',
    kind: 'config',
    status: 400,
    message: `unorouter: ${say}`,
    param: 'model',
  });
}

/** A name from a request, made safe to stand in one line of an error sentence. */
function printable(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/g, '?');
  return plain.length > 80 ? `${plain.slice(0, 80)}...` : plain;
}

const KEY_TROUBLE: Record<
  Exclude<KeyState, 'have' | 'none'>,
  (c: Candidate, state: RouteState, request: RouteRequest) => string
> = {
  missing: (c, state, request) =>
    `no API key for ${c.provider.id}, which serves ${printable(c.model)}. Run: ${state.prefix} keys add ${c.provider.id}   (${instead(c, state, request)})`,
  locked: (c, state) =>
    `the keychain does not give the key for ${c.provider.id} (locked or removed). Unlock it, or run: ${state.prefix} keys add ${c.provider.id}`,
  'no-keychain': (c, state) =>
    `no keychain on this machine, so no key for ${c.provider.id}. Set UNOROUTER_${variablePart(c.provider.id)}_API_KEY, or run: ${state.prefix} keys add ${c.provider.id} --store file`,
  'foreign-origin': (c, state) =>
    `the key for ${c.provider.id} belongs to another address than ${c.surface?.url}. Run: ${state.prefix} keys add ${c.provider.id}`,
};

/** `<P>` of `UNOROUTER_<P>_API_KEY`: the id in upper case, every other character `_`. */
function variablePart(id: string): string {
  return id.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/** What would work at once: the same model at a seller with a key, else the demo. */
function instead(c: Candidate, state: RouteState, request: RouteRequest): string {
  const name = state.catalog.info(c.provider.id, c.model)?.name ?? c.model;
  const usable = state.catalog.sellers(name).find((seller) => {
    const provider = seller.provider === c.provider.id ? undefined : state.catalog.provider(seller.provider);
    const surface = provider && surfaceFor(provider, DEMO_MODEL, request, state);
    return provider && surface && ['have', 'none'].includes(state.keyState(provider, surface));
  });
  return usable
    ? `or ask for ${usable.provider}/${usable.model}, for which you have a key`
    : 'to try without a key use model demo/echo';
}

function noTarget(request: RouteRequest, resolution: Resolution, state: RouteState): GatewayError {
  const speaking = resolution.candidates.find((c) => c.surface !== null);
  const first = speaking ?? resolution.candidates[0];
  if (!first) return unknownModel(request, state);
  if (!first.surface) return protocolNotServed(request, first, state);
  const trouble = state.keyState(first.provider, first.surface);
  const say =
    trouble === 'have' || trouble === 'none'
      ? `${first.provider.id} cannot be called. Run: ${state.prefix} status`
      : KEY_TROUBLE[trouble](first, state, request);
  return new GatewayError({
    code:
      trouble === 'locked'
        ? 'keychain_locked'
        : trouble === 'no-keychain'
          ? 'no_keychain'
          : 'no_provider_key',
    kind: 'config',
    status: 400,
    message: `unorouter: ${say}`,
    param: 'model',
  });
}

function protocolNotServed(request: RouteRequest, c: Candidate, state: RouteState): GatewayError {
  const spoken = c.provider.surfaces.map((s) => s.protocol).join(', ');
  return new GatewayError({
    code: 'protocol_not_served',
    kind: 'config',
    status: 400,
    message: `unorouter: ${c.provider.id} speaks ${spoken}, not ${request.protocol}, and requests for ${request.asIs ? 'this' : request.endpoint} are served in their own protocol only. Run: ${state.prefix} models info ${printable(c.model)}`,
    param: 'model',
  });
}
