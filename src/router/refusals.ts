import type { RouteRule } from '../config/index.ts';
import { type ErrorCode, GatewayError } from '../errors.ts';
import type { Asking } from './asking.ts';
import { type Candidate, surfaceFor } from './candidates.ts';
import type { Objection } from './capability.ts';
import { DEFAULT_NAMES, type Resolution } from './resolve.ts';
import { SMALL_RULE } from './rules.ts';
import type { KeyState } from './types.ts';
import { printable, ruleText, tokensText } from './words.ts';

/** How a request came to its targets. */
export interface Way {
  /** null = by the name that was asked for. */
  rule: RouteRule | null;
  resolution: Resolution | null;
}

function refusal(code: ErrorCode, message: string): GatewayError {
  return new GatewayError({
    code,
    kind: 'config',
    status: 400,
    message: `unorouter: ${message}`,
    param: 'model',
  });
}

/** Who sends a request to what cannot serve it. */
function sender({ rule, resolution }: Way): string {
  if (rule && rule.name !== SMALL_RULE) return `${ruleText(rule)} sends this request there`;
  if (rule) return 'the setting "small" sends this request there';
  const [, alias] = /^alias (.*)$/s.exec(resolution?.rule ?? '') ?? [];
  return alias === undefined
    ? 'it is the model that was asked for'
    : `alias "${printable(alias)}" sends this request there`;
}

/** What somebody who asked for a setting's name should set. */
function notSet(model: string, { state }: Asking): string | null {
  if (DEFAULT_NAMES.has(model)) {
    const { defaultModel } = state;
    return `${defaultModel === null ? 'no default model is set' : `nobody serves the default model "${printable(defaultModel)}"`}. Run: ${state.prefix} use <model>`;
  }
  if (model !== 'small') return null;
  const { small } = state.config;
  return `${small === null ? 'no small model is set' : `nobody serves the small model "${printable(small)}"`}. Run: ${state.prefix} config set small <model>`;
}

/** Nobody knows a name: the one that was asked for, or one that a rule or alias made of it. */
export function unknownModel(asking: Asking, { rule, resolution }: Way): GatewayError {
  const { request, state } = asking;
  const [inner] = resolution?.unknown ?? [];
  const unset = rule && rule.name !== SMALL_RULE ? null : notSet(request.model, asking);
  if (unset !== null) return refusal('unknown_model', unset);
  const model = inner ?? request.model;
  const near = state.catalog.suggest(model, 3);
  const meant = near.length > 0 ? `, did you mean ${near.map(printable).join(' or ')}?` : '.';
  const search = `Run: ${state.prefix} models search ${printable(model.split('/').at(-1) ?? model)}`;
  const from = inner === undefined ? '' : ` (${sender({ rule, resolution })})`;
  return refusal('unknown_model', `unknown model "${printable(model)}"${from}${meant} ${search}`);
}

const KEY_TROUBLE: Record<
  Exclude<KeyState, 'have' | 'none'>,
  { code: ErrorCode; say(c: Candidate, way: Way, asking: Asking): string }
> = {
  missing: {
    code: 'no_provider_key',
    say: (c, way, asking) =>
      `no API key for ${c.provider.id}, which serves ${printable(c.model)}${by(way)}. Run: ${asking.state.prefix} keys add ${c.provider.id}${instead(c, way, asking)}`,
  },
  locked: {
    code: 'keychain_locked',
    say: (c, _way, { state }) =>
      `the keychain does not give the key for ${c.provider.id} (locked or removed). Unlock it, or run: ${state.prefix} keys add ${c.provider.id}`,
  },
  'no-keychain': {
    code: 'no_keychain',
    say: (c, _way, { state }) =>
      `no keychain on this machine, so no key for ${c.provider.id}. Set UNOROUTER_${variablePart(c.provider.id)}_API_KEY, or run: ${state.prefix} keys add ${c.provider.id} --store file`,
  },
  'foreign-origin': {
    code: 'no_provider_key',
    say: (c, _way, { state }) =>
      `the key for ${c.provider.id} belongs to another address than ${c.surface?.url}. Run: ${state.prefix} keys add ${c.provider.id}`,
  },
  disabled: {
    code: 'provider_disabled',
    say: (c, way, { state }) =>
      `${c.provider.id}, which serves ${printable(c.model)}, is switched off${by(way)}. Run: ${state.prefix} providers enable ${c.provider.id}`,
  },
};

const by = ({ rule }: Way): string => (rule && rule.name !== SMALL_RULE ? ` (${ruleText(rule)})` : '');

/** `<P>` of `UNOROUTER_<P>_API_KEY`: the id in upper case, every other character `_`. */
function variablePart(id: string): string {
  return id.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/** What would work at once: the same model at a seller with a key, else the demo. A rule would send that elsewhere, too. */
function instead(c: Candidate, { rule }: Way, { request, state }: Asking): string {
  if (rule) return '';
  const name = state.catalog.info(c.provider.id, c.model)?.name ?? c.model;
  const usable = state.catalog.sellers(name).find((seller) => {
    const provider = seller.provider === c.provider.id ? undefined : state.catalog.provider(seller.provider);
    const surface = provider && surfaceFor(provider, seller.model, request, state);
    return provider && surface && ['have', 'none'].includes(state.keyState(provider, surface));
  });
  return usable
    ? `   (or ask for ${usable.provider}/${usable.model}, for which you have a key)`
    : '   (to try without a key use model demo/echo)';
}

/** None of the candidates can be called. */
export function noTarget(asking: Asking, way: Way): GatewayError {
  const candidates = way.resolution?.candidates ?? [];
  const first = candidates.find((c) => c.surface !== null) ?? candidates[0];
  if (!first) return unknownModel(asking, way);
  if (!first.surface) return protocolNotServed(first, asking);
  if (first.key === 'have' || first.key === 'none')
    return refusal(
      'no_provider_key',
      `${first.provider.id} cannot be called. Run: ${asking.state.prefix} status`,
    );
  const { code, say } = KEY_TROUBLE[first.key];
  return refusal(code, say(first, way, asking));
}

function protocolNotServed(c: Candidate, { request, state }: Asking): GatewayError {
  const spoken = c.provider.surfaces.map((s) => s.protocol).join(', ');
  const what = request.asIs ? 'this' : request.endpoint;
  return refusal(
    'protocol_not_served',
    `${c.provider.id} speaks ${spoken}, not ${request.protocol}, and requests for ${what} are served in their own protocol only. Run: ${state.prefix} models info ${printable(c.model)}`,
  );
}

const exact = (tokens: number): string => tokens.toLocaleString('en-US');

/** There are targets, but none that can serve this request. */
export function notAble(first: Objection, asking: Asking, way: Way): GatewayError {
  const { request, state, facts } = asking;
  const model = printable(first.target.model);
  if (first.what === 'context') {
    const tokens = facts()?.inputTokens ?? 0;
    const length = `about ${exact(tokens)} tokens, the model takes ${exact(first.limit ?? 0)}`;
    const look = `${state.prefix} routes explain ${printable(request.model)} --tokens ${tokensText(tokens)}`;
    return new GatewayError({
      code: 'context_too_long',
      kind: 'context-too-long',
      status: 400,
      message: `unorouter: the prompt is too long for ${model}: ${length}; no larger model is in your routes${by(way)}. Use /compact in the agent, or run: ${look}`,
    });
  }
  const who = request.agent ? `${printable(request.agent)} needs them` : 'the request has some';
  const filter = first.what === 'tools' ? '--tools' : '--vision';
  return refusal(
    'capability_missing',
    `${model} ${first.why}, and ${who}: ${sender(way)}. Run: ${state.prefix} models ${filter}`,
  );
}
