import { maskKey } from './mask.ts';
import { ownVariable } from './names.ts';
import type { KeyEntry, KeyOwner, KeyResult, KeySource, MissingKey, StoredKey } from './types.ts';

/** What is stored, as it was read. */
export interface Held {
  index: ReadonlyMap<string, StoredKey>;
  secrets: ReadonlyMap<string, string>;
  /** Keys that the list names and that could not be read. */
  unreadable: ReadonlyMap<string, 'locked' | 'no-keychain'>;
  /** `UNOROUTER_NO_KEYCHAIN`: the user chose to go without. */
  keychainOff: boolean;
}

/** One place where a key was found. */
interface Place {
  value: string;
  source: KeySource;
  where: string;
  /** It may be sent to the origin in question. */
  allowed: boolean;
}

/** Which key a provider uses at an address. */
interface Choice {
  used: Place | null;
  others: Place[];
  /** Why none is used. */
  reason: MissingKey['reason'] | null;
}

function originOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { origin } = new URL(url);
  // Addresses without an origin (`demo:`) are all alike to a URL.
  return origin === 'null' ? null : origin;
}

/** The origins that a key of a provider is bound to when it is stored: all of the row, as it is at that moment. */
export function originsOf(urls: readonly string[]): string[] {
  return [...new Set(urls.flatMap((url) => originOf(url) ?? []))];
}

const valueIn = (env: NodeJS.ProcessEnv, name: string): string => env[name]?.trim() ?? '';

/** The local token's form, with or without a label. */
const LOCAL_TOKEN = /^uno-[a-z2-7]{26}(\.|$)/;

/** `eval "$(unorouter env)"` puts our own token where the vendors' keys are looked for: it must not be sent to them. */
function isLocalToken(value: string, env: NodeJS.ProcessEnv): boolean {
  const own = valueIn(env, 'UNOROUTER_TOKEN');
  return LOCAL_TOKEN.test(value) || (own !== '' && (value === own || value.startsWith(`${own}.`)));
}

/** Every place that has a key for this provider, strongest first. */
function placesOf(owner: KeyOwner, origin: string | null, env: NodeJS.ProcessEnv, held: Held): Place[] {
  const own = ownVariable(owner.id);
  const stored = held.index.get(owner.id);
  const secret = held.secrets.get(owner.id) ?? '';
  const inFile = stored?.store === 'file';
  const at = (origins: readonly string[]): boolean => origin !== null && origins.includes(origin);
  const places: Place[] = [
    // Set for this program and this provider, so it goes wherever the configuration says.
    { value: valueIn(env, own), source: 'environment', where: `$${own}`, allowed: true },
    {
      value: secret,
      source: inFile ? 'file' : 'keychain',
      where: inFile ? 'keys.yaml' : 'keychain',
      allowed: at(stored?.origins ?? []),
    },
    ...owner.env
      .filter((name) => name !== own)
      .map(
        (name): Place => ({
          value: valueIn(env, name),
          source: 'well-known',
          where: `$${name}`,
          allowed: at(owner.builtinOrigins),
        }),
      ),
  ];
  return places.filter(
    ({ value, source }) => value !== '' && !(source === 'well-known' && isLocalToken(value, env)),
  );
}

/** A stored key for this very address that cannot be read now. */
function barrierFor(owner: KeyOwner, origin: string | null, held: Held): MissingKey['reason'] | null {
  const stored = held.index.get(owner.id);
  const here = origin !== null && stored?.origins.includes(origin);
  return here ? (held.unreadable.get(owner.id) ?? null) : null;
}

function choose(owner: KeyOwner, url: string, env: NodeJS.ProcessEnv, held: Held): Choice {
  const origin = originOf(url);
  const places = placesOf(owner, origin, env, held);
  const barrier = barrierFor(owner, origin, held);
  const first = places.find((place) => place.allowed);
  // A stored key that is locked is not replaced by a weaker one: that may be another account's, and another bill.
  const passed = barrier === null || held.keychainOff || first?.source === 'environment';
  const used = passed ? (first ?? null) : null;
  const reason = barrier ?? (places.length > 0 ? 'foreign-origin' : 'missing');
  return {
    used,
    others: places.filter((place) => place !== used),
    reason: used ? null : reason,
  };
}

/** The key for a provider at an address, or why there is none. */
export function keyFor(owner: KeyOwner, url: string, env: NodeJS.ProcessEnv, held: Held): KeyResult {
  const { used, reason } = choose(owner, url, env, held);
  return used
    ? { ok: true, value: used.value, source: used.source, where: used.where }
    : { ok: false, reason: reason ?? 'missing', lookedIn: lookedIn(owner) };
}

/** The same for a list, at the address where the provider's calls go. */
export function entryFor(owner: KeyOwner, env: NodeJS.ProcessEnv, held: Held): KeyEntry {
  const stored = held.index.get(owner.id);
  const url = owner.surfaces?.[0]?.url ?? owner.builtinOrigins[0] ?? stored?.origins[0] ?? '';
  const { used, others, reason } = choose(owner, url, env, held);
  return {
    provider: owner.id,
    masked: used ? maskKey(used.value) : null,
    source: used?.source ?? null,
    where: used?.where ?? null,
    shadowed: others.map(({ where, value, allowed }) => ({
      where,
      masked: maskKey(value),
      foreign: !allowed,
    })),
    problem: reason,
  };
}

/** For people: where a key was looked for. */
function lookedIn(owner: KeyOwner): string {
  const own = ownVariable(owner.id);
  const names = [own, ...owner.env.filter((name) => name !== own)].map((name) => `$${name}`);
  const last = names.pop();
  return names.length === 0 ? `the keychain and ${last}` : `the keychain, ${names.join(', ')} and ${last}`;
}
