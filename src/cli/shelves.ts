import {
  type Catalog,
  createCatalog,
  loadCachedModels,
  loadKeptPrices,
  type Provider,
  type Surface,
} from '../catalog/index.ts';
import { type Config, invalidConfig, loadConfig } from '../config/index.ts';
import { createKeys, type Keys } from '../keys/index.ts';
import type { KeyState } from '../router/index.ts';
import { abilitiesOf, readVerified } from '../verified/index.ts';
import type { Context } from './context.ts';

/** What commands know of models: the user's configuration, the catalog with the lists that a server kept, the keys. */
export interface Shelves {
  config: Config;
  catalog: Catalog;
  keys: Keys;
  /** `--model` is a server's; here it is $UNOROUTER_MODEL, else the configuration's default. */
  defaultModel: string | null;
  /** As the server sees it: whether one surface can be called now. */
  keyState(provider: Provider, surface: Surface): KeyState;
  /**
   * Whether a provider can be called at all: one of its surfaces has a key or needs none. A server on this machine
   * counts when it has listed models before or the configuration names it.
   */
  callable(provider: Provider): boolean;
}

/** What may be left on the disk. */
interface Wanted {
  /** Public lists of prices that a server kept. */
  prices: boolean;
}

const ALL: Wanted = { prices: true };

/** A configuration's catalog with the lists that a server kept. Nobody is called. */
export async function loadCatalogOf(context: Context, config: Config, { prices } = ALL): Promise<Catalog> {
  const catalog = createCatalog({
    providers: config.providers,
    userPrices: config.prices,
    now: context.now,
  });
  catalog.setShown(abilitiesOf(readVerified(context.paths.verifiedFile)));
  const { paths, now } = context;
  await Promise.all([
    catalog.ready(),
    loadCachedModels({ catalog, modelsDir: paths.modelsDir, now }),
    ...(prices ? [loadKeptPrices({ catalog, pricesDir: paths.pricesDir, now })] : []),
  ]);
  return catalog;
}

/**
 * Loads all of it from files, environment and keychain; nobody is called.
 * @throws UserError `config_invalid` (exit 3)
 */
export async function loadShelves(context: Context, wanted = ALL): Promise<Shelves> {
  const loaded = await loadConfig(context.paths.configFile);
  if (!loaded.ok) throw invalidConfig(loaded.problems, loaded.source);
  const { config } = loaded;
  const keys = createKeys({ paths: context.paths, env: context.env });
  const [catalog] = await Promise.all([loadCatalogOf(context, config, wanted), keys.load()]);

  const keyState = (provider: Provider, surface: Surface): KeyState => {
    if (!provider.enabled) return 'disabled';
    if (surface.auth === 'none') return 'none';
    const key = keys.get(provider, surface.url);
    return key.ok ? 'have' : key.reason;
  };
  const configured = new Set([...config.providers.keys()].map((id) => catalog.provider(id)?.id));
  return {
    config,
    catalog,
    keys,
    defaultModel: context.env.UNOROUTER_MODEL || config.default,
    keyState,
    callable: (provider) =>
      (provider.kind !== 'local' ||
        configured.has(provider.id) ||
        catalog.modelsOf(provider.id).length > 0) &&
      provider.surfaces.some((surface) => ['have', 'none'].includes(keyState(provider, surface))),
  };
}
