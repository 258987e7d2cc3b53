/** Where a key was found. */
export type KeySource = 'environment' | 'keychain' | 'well-known' | 'file';

/** What the key room must know about a provider: a slice of its catalog row. */
export interface KeyOwner {
  id: string;
  /** Well-known variables, strongest first. */
  env: readonly string[];
  /** Origins for which a well-known variable may be used. */
  builtinOrigins: readonly string[];
}

/** A key, ready to be sent to one origin. */
export interface FoundKey {
  ok: true;
  value: string;
  source: KeySource;
  /** The variable name, `keychain`, or `keys.yaml`. */
  where: string;
}

/** Why there is no key. `foreign-origin` = there is one, but it is bound to another origin. */
export interface MissingKey {
  ok: false;
  reason: 'missing' | 'locked' | 'no-keychain' | 'foreign-origin';
  /** For people: `the keychain, $UNOROUTER_OPENAI_API_KEY and $OPENAI_API_KEY`. */
  lookedIn: string;
}

export type KeyResult = FoundKey | MissingKey;

/** One line of `keys list`. */
export interface KeyEntry {
  provider: string;
  /** `sk-ant-…w7Qa`; null when there is none. */
  masked: string | null;
  source: KeySource | null;
  where: string | null;
  /** Keys that exist but are not used because a stronger one wins. */
  shadowed: { where: string; masked: string }[];
  problem: MissingKey['reason'] | null;
}
