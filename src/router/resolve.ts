import type { AliasSpec, RouteRule } from '../config/index.ts';
import { type Choice, type Member, orderMembers } from './aliases.ts';
import type { Asking } from './asking.ts';
import { type Candidate, candidate, distinct, isCallable, splitProvider } from './candidates.ts';
import { orderSellers } from './sellers.ts';
import type { RouteState } from './types.ts';
import { printable, ruleText } from './words.ts';

/** What a name stands for: candidates in order, or nothing under this reading. */
export interface Resolution {
  /** As in `Plan.rule`. */
  rule: string;
  why: string[];
  candidates: Candidate[];
  /** What the first alias that chooses has chosen. */
  choice: Choice | null;
  /** Names on the way that nobody serves. */
  unknown: string[];
}

/** A question in the course of being answered: the names on the way to here, and what was found out about others. */
interface Search extends Asking {
  trail: readonly string[];
  known: Map<string, Resolution | null>;
}

type Step = (name: string, search: Search) => Resolution | null;

const plain = (rule: string, why: string, candidates: Candidate[]): Resolution => ({
  rule,
  why: [why],
  candidates,
  choice: null,
  unknown: [],
});

/** `x/rest` where x is a provider: that provider, forwarded even if no catalog knows the model. */
const byProvider: Step = (name, search) => {
  const split = splitProvider(name, search.state);
  if (!split) return null;
  const why = `"${printable(name)}" names the provider ${split.provider.id}`;
  return plain('default', why, [candidate(split.provider, split.rest, search)]);
};

const namesOf = ({ targets }: AliasSpec): { name: string; weight: number }[] =>
  targets.map((one) =>
    typeof one === 'string' ? { name: one, weight: 1 } : { name: one.target, weight: one.weight },
  );

const byAlias: Step = (name, search) => {
  const alias = search.state.config.aliases.get(name);
  if (!alias) return null;
  const parts = namesOf(alias).map((one) => ({ ...one, found: lookUp(one.name, search) }));
  const members = parts.flatMap(({ found, ...one }): Member[] => {
    const first = found?.candidates.find(isCallable);
    return found && first ? [{ ...one, candidates: found.candidates, first }] : [];
  });
  const ordered = orderMembers(name, alias.kind, members, search);
  const uncallable = parts.filter(({ found }) => !found?.candidates.some(isCallable));
  const [nested] = parts.flatMap(({ found }) => found?.choice ?? []);
  return {
    rule: `alias ${name}`,
    why: [ordered.why],
    candidates: distinct(
      [...ordered.members, ...uncallable.map(({ found }) => found)].flatMap((one) => one?.candidates ?? []),
    ),
    choice: ordered.choice ?? nested ?? null,
    unknown: parts.flatMap((one) => (one.found ? one.found.unknown : [one.name])),
  };
};

/** Names that stand for the default model, and for nothing else: some resellers sell an "auto" of their own. */
export const DEFAULT_NAMES: ReadonlySet<string> = new Set(['default', 'auto']);

/** Names that stand for a setting. */
function settingOf(
  name: string,
  { config, defaultModel }: RouteState,
): { rule: string; model: string | null } | null {
  if (DEFAULT_NAMES.has(name)) return { rule: 'default model', model: defaultModel };
  return name === 'small' ? { rule: 'small', model: config.small } : null;
}

const bySetting: Step = (name, search) => {
  const setting = settingOf(name, search.state);
  if (!setting) return null;
  const found = setting.model === null ? null : lookUp(setting.model, search);
  if (!found || setting.model === null) return null;
  const why = `"${name}" stands for ${printable(setting.model)}`;
  return { ...found, rule: setting.rule, why: [why, ...chosen(found)] };
};

/** Of what an inner name says, the sentences that explain a choice. */
const chosen = ({ why, choice }: Resolution): string[] => (choice ? why : []);

/** A bare name: of those who list it the first that can be called, in order of preference. */
const byBareName: Step = (name, search) => {
  const { state, request } = search;
  if (settingOf(name, state)) return null;
  const { catalog, config } = state;
  const ordered = orderSellers(catalog.sellers(name), { catalog, prefer: config.prefer }).flatMap(
    (seller) => {
      const provider = catalog.provider(seller.provider);
      return provider ? [candidate(provider, seller.model, search)] : [];
    },
  );
  if (ordered.length === 0) return null;
  const callable = ordered.filter(isCallable);
  // The client's own protocol loses nothing, whoever sells: it comes before every preference.
  const first = callable.find((c) => c.surface?.protocol === request.protocol) ?? callable[0];
  const why = `"${printable(name)}" is sold by ${ordered.map((c) => c.provider.id).join(', ')}`;
  // One seller that can be called is the target; the others are named when there is none.
  return plain('default', why, first ? [first] : ordered);
};

/** The table of design decision "Which provider serves a name", in order. */
const STEPS: readonly Step[] = [byProvider, byAlias, bySetting, byBareName];

/** What a name stands for. A name that leads back to itself stands for nothing there. */
function lookUp(name: string, search: Search): Resolution | null {
  const { trail, known, ...asking } = search;
  if (trail.includes(name)) return plain('default', '', []);
  const before = known.get(name);
  if (before !== undefined) return before;
  const deeper: Search = { trail: [...trail, name], known, ...asking };
  let found: Resolution | null = null;
  for (const step of STEPS) found ??= step(name, deeper);
  known.set(name, found);
  return found;
}

/** The names that a name stands for in the end, each once. */
function leavesOf(name: string, state: RouteState, seen: Set<string>): string[] {
  if (seen.has(name)) return [];
  seen.add(name);
  if (splitProvider(name, state)) return [name];
  const alias = state.config.aliases.get(name);
  if (alias) return namesOf(alias).flatMap((one) => leavesOf(one.name, state, seen));
  const setting = settingOf(name, state);
  if (!setting) return [name];
  return setting.model === null ? [] : leavesOf(setting.model, state, seen);
}

const STAR = '/*';

/** `provider/*`: the model that was asked for, at that provider, by the name that it has there. */
function keepingModel(to: string, search: Search): Resolution | null {
  const { state, request } = search;
  const provider = to.endsWith(STAR) && state.catalog.provider(to.slice(0, -STAR.length));
  if (!provider) return null;
  const candidates = leavesOf(request.model, state, new Set()).map((name) => {
    const split = splitProvider(name, state);
    const bare = split?.rest ?? name;
    if (split?.provider.id === provider.id) return candidate(provider, bare, search);
    const across = split ? (state.catalog.info(split.provider.id, bare)?.name ?? bare) : bare;
    return candidate(provider, state.catalog.info(provider.id, across)?.id ?? bare, search);
  });
  return plain('default', `${to} keeps the model`, candidates);
}

/** Where a rule sends: its models in order. null = to nobody. */
export function resolveRule(rule: RouteRule, asking: Asking): Resolution | null {
  const search: Search = { trail: [], known: new Map(), ...asking };
  const parts = rule.to.map((name) => ({ name, found: keepingModel(name, search) ?? lookUp(name, search) }));
  const found = parts.flatMap((part) => part.found ?? []);
  const why = `${ruleText(rule)} sends it to ${rule.to.map(printable).join(', then ')}`;
  return {
    rule: rule.name,
    why: [why, ...found.flatMap(chosen)],
    candidates: distinct(found.flatMap(({ candidates }) => candidates)),
    choice: found.find(({ choice }) => choice)?.choice ?? null,
    unknown: parts.flatMap((part) => (part.found ? part.found.unknown : [part.name])),
  };
}

/** What a model name stands for by itself, or null when nobody knows it. */
export function resolveName(name: string, asking: Asking): Resolution | null {
  const search: Search = { trail: [], known: new Map(), ...asking };
  const found = lookUp(name, search);
  if (found) return found;
  const { config, defaultModel } = asking.state;
  if (config.unknownModel !== 'default' || defaultModel === null || settingOf(name, asking.state))
    return null;
  const instead = lookUp(defaultModel, search);
  if (!instead) return null;
  const why = `nobody knows "${printable(name)}"; unknown_model is default`;
  return { ...instead, rule: 'unknown model', why: [why, ...chosen(instead)] };
}

/** The demo's own rule: the model that is always down shows what a fallback looks like. */
const DEMO_FALLBACKS: ReadonlyMap<string, string> = new Map([['down', 'echo']]);

/** The same model at the providers that `fallbacks:` names for this one. */
export function fallbacksOf(from: Candidate, asking: Asking): Candidate[] {
  const { catalog, config } = asking.state;
  const demo = from.provider.kind === 'demo' ? DEMO_FALLBACKS.get(from.model) : undefined;
  if (demo !== undefined) return [candidate(from.provider, demo, asking)];
  const ids = config.fallbacks.get(from.provider.id) ?? [];
  const name = catalog.info(from.provider.id, from.model)?.name ?? from.model;
  const sellers = ids.length > 0 ? catalog.sellers(name) : [];
  return ids.flatMap((id) => {
    const provider = catalog.provider(id);
    const seller = provider && sellers.find((s) => s.provider === provider.id);
    return provider && seller ? [candidate(provider, seller.model, asking)] : [];
  });
}
