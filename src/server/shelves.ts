import {
  type Catalog,
  createCatalog,
  createPriceFeeds,
  createRefresher,
  type PriceFeeds,
  type Provider,
  type Refresher,
  type Surface,
} from '../catalog/index.ts';
import { type Config, type ConfigResult, invalidConfig, loadConfig } from '../config/index.ts';
import { createKeys, type Keys } from '../keys/index.ts';
import type { KeyState } from '../router/index.ts';
import { abilitiesOf, readVerified } from '../verified/index.ts';
import type { ServeOptions } from './types.ts';

/** What requests are decided by: replaced as a whole when the configuration changes, so that none sees half of it. */
export interface Shelf {
  config: Config;
  catalog: Catalog;
  refresher: Refresher;
  /** Public lists of prices. */
  feeds: PriceFeeds;
  warnings: string[];
}

/** Configuration, catalog and keys of a running server. */
export interface Shelves {
  /** The present one. A request takes it once. */
  now(): Shelf;
  keys: Keys;
  keyState(provider: Provider, surface: Surface): KeyState;
  lookedIn(provider: Provider, surface: Surface): string;
  /** Takes over a configuration that has been loaded again. */
  replace(config: Config, warnings: string[]): Promise<void>;
}

/** What shelves need from the network. */
export interface Fetchers {
  list: FetchList;
  /** GETs a public list of prices. */
  prices(url: string): Promise<{ status: number; body: string }>;
}

/** GETs a provider's list of models; null = it has none or no key is there. */
export type FetchList = (
  provider: Provider,
  catalog: Catalog,
) => Promise<{ status: number; body: string } | null>;

function createShelf(
  loaded: { config: Config; warnings: string[] },
  options: ServeOptions,
  fetchers: Fetchers,
): Shelf {
  const { config, warnings } = loaded;
  const catalog = createCatalog({ providers: config.providers, userPrices: config.prices });
  catalog.setShown(abilitiesOf(readVerified(options.paths.verifiedFile)));
  const refresher = createRefresher({
    catalog,
    fetchList: async (provider) => (provider.enabled ? fetchers.list(provider, catalog) : null),
    modelsDir: options.paths.modelsDir,
    now: Date.now,
  });
  const feeds = createPriceFeeds({
    catalog,
    fetch: fetchers.prices,
    pricesDir: options.paths.pricesDir,
    now: Date.now,
  });
  return { config, catalog, refresher, feeds, warnings };
}

/** Bundled data and what providers listed last time, both from files: nothing here waits for a network. */
async function fill({ catalog, refresher, feeds }: Shelf): Promise<void> {
  await Promise.all([catalog.ready(), refresher.loadCached(), feeds.loadCached()]);
}

/**
 * Loads everything that a server decides by. The catalog's data arrives in the background (`catalog.ready()`).
 * @throws UserError `config_invalid` (exit 3)
 */
export async function openShelves(options: ServeOptions, fetchers: Fetchers): Promise<Shelves> {
  const keys = createKeys({ paths: options.paths, env: options.env });
  const [loaded] = await Promise.all([loadConfig(options.paths.configFile), keys.load()]);
  let present = createShelf(okOf(loaded), options, fetchers);
  void fill(present);

  return {
    now: () => present,
    keys,
    keyState(provider, surface) {
      if (!provider.enabled) return 'disabled';
      if (surface.auth === 'none') return 'none';
      const found = keys.get(provider, surface.url);
      return found.ok ? 'have' : found.reason;
    },
    lookedIn(provider, surface) {
      const found = keys.get(provider, surface.url);
      return found.ok ? '' : found.lookedIn;
    },
    async replace(config, warnings) {
      const next = createShelf({ config, warnings }, options, fetchers);
      await fill(next);
      present = next;
    },
  };
}

function okOf(loaded: ConfigResult): { config: Config; warnings: string[] } {
  if (!loaded.ok) throw invalidConfig(loaded.problems, loaded.source);
  return loaded;
}
