import type { Catalog, Provider, Refreshed } from '../catalog/index.ts';
import { getText, requestHeaders, type Transport } from '../upstream/index.ts';
import type { FetchList, Shelves } from './shelves.ts';

const LIST_TIMEOUTS = { headersMs: 15_000, idleMs: 15_000 };
/** A server on this machine answers at once or not at all. */
const LOCAL_TIMEOUTS = { headersMs: 1_500, idleMs: 1_500 };
/** Nobody waits for these lists, but for the first answer of a server that has just begun. */
const FIRST_LISTS_MS = 500;
const LOCAL_EVERY_MS = 60_000;
const CLOUD_EVERY_MS = 6 * 3_600_000;
/** Prices change once a day: a server that has just begun has better things to do. */
const FIRST_PRICES_MS = 20_000;

/** A model server that was found on loopback. */
export interface LocalServer {
  provider: string;
  name: string;
  url: string;
  models: number;
}

/** What providers list, kept current in the background. Nothing waits for it. */
export interface Lists {
  /** Begins; nothing is awaited. */
  start(): void;
  /** Looks at everything again (the configuration changed). */
  again(): void;
  /** Asks these providers now (a key was added), and downloads the lists of prices that are named among them. */
  refresh(ids: readonly string[]): Promise<Refreshed[]>;
  local(): LocalServer[];
  stop(): void;
}

/** GETs lists of models with the key that belongs to the list's address. */
export function createFetchList(
  keys: () => Shelves['keys'],
  transport: () => Transport,
  signal: AbortSignal,
): FetchList {
  return async (provider) => {
    const [surface] = provider.surfaces;
    if (!provider.modelsUrl || !surface || provider.kind === 'demo') return null;
    const found = surface.auth === 'none' ? null : keys().get(provider, provider.modelsUrl);
    if (found && !found.ok) return null;
    return getText(
      transport(),
      {
        url: provider.modelsUrl,
        headers: requestHeaders({
          client: {},
          provider,
          surface,
          key: found?.value ?? null,
          contentType: null,
        }),
        timeouts: provider.kind === 'local' ? LOCAL_TIMEOUTS : LIST_TIMEOUTS,
      },
      signal,
    );
  };
}

const PRICE_TIMEOUTS = { headersMs: 15_000, idleMs: 15_000 };

/** GETs public lists of prices. Redirects are answers like any other: nobody else's list is taken. */
export function createFetchPrices(
  transport: () => Transport,
  signal: AbortSignal,
): (url: string) => Promise<{ status: number; body: string }> {
  return (url) =>
    getText(transport(), { url, headers: { accept: 'application/json' }, timeouts: PRICE_TIMEOUTS }, signal);
}

/** Built-in rows that share an address (llama.cpp and LocalAI) are one server: the first row stands for it. */
function localRows(catalog: Catalog): Provider[] {
  const byUrl = new Map<string, Provider>();
  for (const provider of catalog.providers())
    if (provider.kind === 'local' && provider.modelsUrl && !byUrl.has(provider.modelsUrl))
      byUrl.set(provider.modelsUrl, provider);
  return [...byUrl.values()];
}

/** @param refreshCloud `catalog.refresh` of the configuration at this moment */
export function createLists(shelves: Shelves, refreshCloud: () => boolean): Lists {
  let local: LocalServer[] = [];
  const timers: NodeJS.Timeout[] = [];

  async function lookLocally(): Promise<void> {
    const { catalog, refresher } = shelves.now();
    const rows = localRows(catalog);
    const results = await refresher.refresh(rows.map((row) => row.id));
    for (const { provider, outcome } of results) if (outcome === 'failed') catalog.setLive(provider, []);
    local = results.flatMap(({ provider, outcome, models }) => {
      const row = catalog.provider(provider);
      return outcome === 'updated' && row
        ? [{ provider, name: row.name, url: row.surfaces[0]?.url ?? '', models: models ?? 0 }]
        : [];
    });
  }

  async function lookAround(): Promise<void> {
    if (!refreshCloud()) return;
    const { catalog, refresher } = shelves.now();
    const cloud = catalog.providers().filter((row) => row.kind !== 'local' && row.kind !== 'demo');
    await refresher.refresh(cloud.map((row) => row.id));
  }

  async function lookAtPrices(): Promise<void> {
    if (refreshCloud()) await shelves.now().feeds.refresh();
  }

  function again(): void {
    void lookLocally();
    void lookAround();
  }

  return {
    again,
    start() {
      timers.push(setTimeout(again, FIRST_LISTS_MS).unref());
      timers.push(setInterval(() => void lookLocally(), LOCAL_EVERY_MS).unref());
      timers.push(setInterval(() => void lookAround(), CLOUD_EVERY_MS).unref());
      timers.push(setTimeout(() => void lookAtPrices(), FIRST_PRICES_MS).unref());
      timers.push(setInterval(() => void lookAtPrices(), CLOUD_EVERY_MS).unref());
    },
    async refresh(ids) {
      const { refresher, feeds } = shelves.now();
      return (await Promise.all([refresher.refresh(ids), feeds.refresh(ids)])).flat();
    },
    local: () => local,
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
