import { resolve } from 'node:path';

/** `UNOROUTER_<P>_API_KEY`: the id in upper case, every other character `_`. */
export function ownVariable(provider: string): string {
  return `UNOROUTER_${provider.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_API_KEY`;
}

/** The name of a provider's key without a label. */
export const UNLABELLED = 'default';

/** The label of a key that may read what a provider bills. It is never used for requests. */
export const ADMIN_LABEL = 'admin';

/** `UNOROUTER_<P>_ADMIN_KEY`: the same key from the environment. */
export function adminVariable(provider: string): string {
  return ownVariable(provider).replace(/API_KEY$/, 'ADMIN_KEY');
}

/** What a label may be: it stands in file and keychain names. */
export const LABEL = /^[a-z0-9][a-z0-9._-]{0,40}$/;

/** A key in words: `openai`, `openai (work)`. */
export function keyName({ provider, label }: { provider: string; label: string }): string {
  return label === UNLABELLED ? provider : `${provider} (${label})`;
}

/** Under which a key is stored: `openai`, or `openai#work` for a further key of the same provider. */
export function slotOf(provider: string, label?: string): string {
  return label === undefined || label === UNLABELLED ? provider : `${provider}#${label}`;
}

/** The provider and label of a slot. */
export function partsOf(slot: string): { provider: string; label: string } {
  const at = slot.indexOf('#');
  return at < 0
    ? { provider: slot, label: UNLABELLED }
    : { provider: slot.slice(0, at), label: slot.slice(at + 1) };
}

/**
 * The name of a provider's entry in the keychain. All homes of a user share one keychain, so a home that is not the
 * usual one has names of its own: storing or removing there must not touch the real key.
 */
export function accountOf(slot: string, env: NodeJS.ProcessEnv): string {
  return env.UNOROUTER_HOME ? `${slot} (${resolve(env.UNOROUTER_HOME)})` : slot;
}
