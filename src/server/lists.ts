import type { Catalog, Provider, Refreshed } from '../catalog/index.ts';
import { getText, requestHeaders, type Transport } from '../upstream/index.ts';
import type { FetchList, Shelves } from './shelves.ts';

const LIST_TIMEOUTS = { headersMs: 15_000, idleMs: 15_000 };
/** A server on this machine answers at once or not at all. */
const LOCAL_TIMEOUTS = { headersMs: 1_500, idleMs: 1_500 };
const LOCAL_EVERY_MS = 60_000;
const CLOUD_EVERY_MS = 6 * 3_600_000;

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
  /** Asks these providers now (a key was added). */
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

  function again(): void {
    void lookLocally();
    void lookAround();
  }

  return {
    again,
    start() {
      again();
      timers.push(setInterval(() => void lookLocally(), LOCAL_EVERY_MS).unref());
      timers.push(setInterval(() => void lookAround(), CLOUD_EVERY_MS).unref());
    },
    refresh: (ids) => shelves.now().refresher.refresh(ids),
    local: () => local,
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
