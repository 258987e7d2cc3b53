import { resolve } from 'node:path';

/** `UNOROUTER_<P>_API_KEY`: the id in upper case, every other character `_`. */
export function ownVariable(provider: string): string {
  return `UNOROUTER_${provider.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_API_KEY`;
}

/**
 * The name of a provider's entry in the keychain. All homes of a user share one keychain, so a home that is not the
 * usual one has names of its own: storing or removing there must not touch the real key.
 */
export function accountOf(provider: string, env: NodeJS.ProcessEnv): string {
  return env.UNOROUTER_HOME ? `${provider} (${resolve(env.UNOROUTER_HOME)})` : provider;
}
