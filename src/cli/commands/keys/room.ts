import { type Catalog, closest, createCatalog, type Provider } from '../../../catalog/index.ts';
import { type Config, invalidConfig, loadConfig } from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import {
  createKeys,
  type Keys,
  keychainLocked,
  type MissingKey,
  maskText,
  noKeychain,
} from '../../../keys/index.ts';
import type { Context } from '../../context.ts';

/** What every `keys` command works with. */
export interface KeyRoom {
  config: Config;
  catalog: Catalog;
  keys: Keys;
}

/** A person may have to type the password of their keychain; a script must not wait for that. */
const PERSON_MS = 120_000;

/** The user's providers, and keys that are not read yet. @throws UserError when the configuration is broken */
export async function openKeyRoom(context: Context): Promise<KeyRoom> {
  const loaded = await loadConfig(context.paths.configFile);
  if (!loaded.ok) throw invalidConfig(loaded.problems, loaded.source);
  const keys = createKeys({
    paths: context.paths,
    env: context.env,
    ...(context.interactive ? { patienceMs: PERSON_MS } : {}),
  });
  return { config: loaded.config, catalog: createCatalog({ providers: loaded.config.providers }), keys };
}

/** Reads the keys. @throws UserError when the list of them is broken */
export async function readKeys({ keys }: KeyRoom): Promise<void> {
  await keys.load();
  const trouble = keys.trouble();
  if (trouble) throw trouble;
}

/** A provider by id or alias. @throws UserError `unknown_provider` with suggestions */
export function providerNamed({ catalog }: KeyRoom, name: string): Provider {
  const provider = catalog.provider(name);
  if (provider) return provider;
  const ids = catalog.providers().map(({ id }) => id);
  const near = closest(name, ids, 3);
  throw new UserError({
    code: 'unknown_provider',
    exit: EXIT.nothingFound,
    // People paste a key here.
    message: `unknown provider "${maskText(name, [])}"`,
    fix: [
      ...(near.length > 0 ? [`did you mean ${near.join(' or ')}?`] : []),
      '{cmd} keys list --all     lists them',
    ],
  });
}

/** Where a provider's calls go. */
export function addressesOf({ surfaces, modelsUrl }: Provider): string[] {
  return [...surfaces.map(({ url }) => url), ...(modelsUrl === null ? [] : [modelsUrl])];
}

/** Whether a provider's calls carry a key at all. */
export function takesKey({ surfaces }: Provider): boolean {
  return surfaces.some(({ auth }) => auth !== 'none');
}

/** No key can be used (error 2, 5 or 6). */
export function missingKey({ id, surfaces }: Provider, { reason, lookedIn }: MissingKey): UserError {
  if (reason === 'locked') return keychainLocked();
  if (reason === 'no-keychain') return noKeychain(id);
  const elsewhere = reason === 'foreign-origin';
  return new UserError({
    code: 'no_provider_key',
    exit: EXIT.key,
    message: elsewhere ? `the key for ${id} belongs to another address` : `no API key for ${id}`,
    why: elsewhere ? `it may not be sent to ${surfaces[0]?.url ?? 'this one'}` : `looked in ${lookedIn}`,
    fix: [`{cmd} keys add ${id}`],
  });
}
