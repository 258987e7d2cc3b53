/** Where a key was found. */
export type KeySource = 'environment' | 'keychain' | 'well-known' | 'file';

/** Where a key may be stored: the system's keychain, or plain text in keys.yaml (only when asked for by name). */
export type KeyStore = 'keychain' | 'file';

/** What the key room must know about a provider: a slice of its catalog row. */
export interface KeyOwner {
  id: string;
  /** Well-known variables, strongest first. */
  env: readonly string[];
  /** Origins for which a well-known variable may be used. */
  builtinOrigins: readonly string[];
  /** Where its calls go now; `list` answers for the first one. Left out = the built-in origin. */
  surfaces?: readonly { url: string }[];
}

/** What is remembered of a stored key: where it lies and which addresses it may be sent to. Never the key. */
export interface StoredKey {
  store: KeyStore;
  /** Its name in the keychain: the provider id, and the directory when this is not the user's usual home. */
  account: string;
  /** `https://api.openai.com`: the origins that the provider's row had when the key was stored. */
  origins: readonly string[];
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
  /** Of several keys of one provider; `default` = the one without a label. */
  label: string;
  /** `sk-ant-…w7Qa`: the key that is used; null when none is. */
  masked: string | null;
  source: KeySource | null;
  where: string | null;
  /** Keys that exist but are not used: a stronger one wins, or they belong to another address (`foreign`). */
  shadowed: { where: string; masked: string; foreign: boolean }[];
  /** Why no key is used; null when one is. */
  problem: MissingKey['reason'] | null;
}
