import { maskKey } from './mask.ts';
import { ADMIN_LABEL, ownVariable, partsOf, slotOf, UNLABELLED } from './names.ts';
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

/** A stored key. */
function storedPlace(slot: string, origin: string | null, held: Held): Place {
  const stored = held.index.get(slot);
  const inFile = stored?.store === 'file';
  return {
    value: held.secrets.get(slot) ?? '',
    source: inFile ? 'file' : 'keychain',
    where: inFile ? 'keys.yaml' : 'keychain',
    allowed: origin !== null && (stored?.origins ?? []).includes(origin),
  };
}

/** Labels of the further keys that are stored for a provider, in the order in which they were. */
function furtherLabels(owner: KeyOwner, held: Held): string[] {
  return [...held.index.keys()]
    .map(partsOf)
    .filter(({ provider, label }) => provider === owner.id && label !== UNLABELLED)
    .map(({ label }) => label);
}

/** Those of them that requests may be sent with. */
function usableLabels(owner: KeyOwner, held: Held): string[] {
  return furtherLabels(owner, held).filter((label) => label !== ADMIN_LABEL);
}

/** Every place that has a key for this provider, strongest first. */
function placesOf(owner: KeyOwner, origin: string | null, env: NodeJS.ProcessEnv, held: Held): Place[] {
  const own = ownVariable(owner.id);
  const at = (origins: readonly string[]): boolean => origin !== null && origins.includes(origin);
  const places: Place[] = [
    // Set for this program and this provider, so it goes wherever the configuration says.
    { value: valueIn(env, own), source: 'environment', where: `$${own}`, allowed: true },
    storedPlace(owner.id, origin, held),
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
function barrierFor(slot: string, origin: string | null, held: Held): MissingKey['reason'] | null {
  const stored = held.index.get(slot);
  const here = origin !== null && stored?.origins.includes(origin);
  return here ? (held.unreadable.get(slot) ?? null) : null;
}

function choose(owner: KeyOwner, url: string, env: NodeJS.ProcessEnv, held: Held): Choice {
  const origin = originOf(url);
  const places = placesOf(owner, origin, env, held);
  const barrier = barrierFor(owner.id, origin, held);
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

/** One further key of a provider: it lies in one place or nowhere. */
function chooseFurther(owner: KeyOwner, at: { url: string; label: string }, held: Held): Choice {
  const slot = slotOf(owner.id, at.label);
  const origin = originOf(at.url);
  const place = storedPlace(slot, origin, held);
  const used = place.value !== '' && place.allowed ? place : null;
  const reason = barrierFor(slot, origin, held) ?? (place.value === '' ? 'missing' : 'foreign-origin');
  return { used, others: [], reason: used ? null : reason };
}

const resultOf = ({ used, reason }: Choice, owner: KeyOwner): KeyResult =>
  used
    ? { ok: true, value: used.value, source: used.source, where: used.where }
    : { ok: false, reason: reason ?? 'missing', lookedIn: lookedIn(owner) };

/** The key for a provider at an address, or why there is none. Without a key of its own the first further one stands for `default`. */
export function keyFor(
  owner: KeyOwner,
  at: { url: string; label: string },
  env: NodeJS.ProcessEnv,
  held: Held,
): KeyResult {
  if (at.label !== UNLABELLED) return resultOf(chooseFurther(owner, at, held), owner);
  const own = choose(owner, at.url, env, held);
  if (own.used || own.reason !== 'missing') return resultOf(own, owner);
  const further = usableLabels(owner, held).map((label) => chooseFurther(owner, { ...at, label }, held));
  return resultOf(further.find(({ used }) => used) ?? further[0] ?? own, owner);
}

/** Labels of the keys that may be sent to an address; one that a variable overrides has none. */
export function labelsFor(owner: KeyOwner, url: string, env: NodeJS.ProcessEnv, held: Held): string[] {
  const own = choose(owner, url, env, held);
  if (own.used?.source === 'environment') return [];
  return [
    ...(own.used ? [UNLABELLED] : []),
    ...usableLabels(owner, held).filter((label) => chooseFurther(owner, { url, label }, held).used),
  ];
}

function entryOf(owner: KeyOwner, label: string, { used, others, reason }: Choice): KeyEntry {
  return {
    provider: owner.id,
    label,
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

/** The same for a list, at the address where the provider's calls go: a provider with further keys has an entry for each. */
export function entriesFor(owner: KeyOwner, env: NodeJS.ProcessEnv, held: Held): KeyEntry[] {
  const labels = furtherLabels(owner, held);
  const [firstSlot] = [owner.id, ...labels.map((label) => slotOf(owner.id, label))].filter((slot) =>
    held.index.has(slot),
  );
  const origin = firstSlot === undefined ? undefined : held.index.get(firstSlot)?.origins[0];
  const url = owner.surfaces?.[0]?.url ?? owner.builtinOrigins[0] ?? origin ?? '';
  const own = entryOf(owner, UNLABELLED, choose(owner, url, env, held));
  const further = labels.map((label) => entryOf(owner, label, chooseFurther(owner, { url, label }, held)));
  // A provider that has only labelled keys lacks nothing.
  return own.problem === 'missing' && own.shadowed.length === 0 && further.length > 0
    ? further
    : [own, ...further];
}

/** For people: where a key was looked for. */
function lookedIn(owner: KeyOwner): string {
  const own = ownVariable(owner.id);
  const names = [own, ...owner.env.filter((name) => name !== own)].map((name) => `$${name}`);
  const last = names.pop();
  return names.length === 0 ? `the keychain and ${last}` : `the keychain, ${names.join(', ')} and ${last}`;
}
