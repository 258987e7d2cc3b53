import { parseModelList } from './live.ts';
import { type CachedList, cachedList, cachedLists, writeList } from './model-cache.ts';
import { attempted, failed, oneAtATime, type Refreshed, updated } from './refreshed.ts';
import type { Catalog, LiveModel, Provider } from './types.ts';

/** What a refresher needs from outside. */
export interface RefresherDeps {
  catalog: Catalog;
  /** GETs `provider.modelsUrl` with the provider's key; null when there is none. May reject. */
  fetchList(provider: Provider): Promise<{ status: number; body: string } | null>;
  /** Directory of the cached lists; made when missing. */
  modelsDir: string;
  now(): number;
}

/** Keeps what providers list live: on disk between runs, in the catalog while running. */
export interface Refresher {
  /** Puts the cached lists into the catalog. Reads files only. Never rejects. */
  loadCached(): Promise<void>;
  /**
   * Asks providers for their lists: all, or those with the given ids. Meant to run in the background: nothing waits
   * for it but commands and tests. Never rejects; one call at a time, later calls wait for the earlier.
   */
  refresh(ids?: readonly string[]): Promise<Refreshed[]>;
}

/** Providers that are asked at the same time. */
const CONCURRENCY = 4;

/** When each model came: now, where an earlier list does not have it. In a first list nothing is new. */
function withSince(models: readonly LiveModel[], earlier: CachedList | null, at: number): LiveModel[] {
  if (!earlier || earlier.models.length === 0) return [...models];
  const known = new Map(earlier.models.map((model) => [model.id, model]));
  return models.map((model) => {
    const before = known.get(model.id);
    const since = before ? before.since : at;
    return since === undefined ? model : { ...model, since };
  });
}

async function refreshOne(provider: Provider, deps: RefresherDeps): Promise<Refreshed> {
  const answer = await deps.fetchList(provider);
  if (answer === null) return { provider: provider.id, outcome: 'skipped', models: null, problem: null };
  if (answer.status !== 200) return failed(provider.id, `its list of models answered ${answer.status}`);
  const listed = parseModelList(provider.id, answer.body);
  if (listed === null) return failed(provider.id, 'its list of models is not one that we can read');
  const at = deps.now();
  const models = withSince(listed, await cachedList(deps.modelsDir, provider.id, at), at);
  deps.catalog.setLive(provider.id, models, at);
  return updated(
    provider.id,
    models.length,
    writeList(deps.modelsDir, { provider: provider.id, at, models }),
  );
}

/** Runs a task for each item, a few at a time, and keeps the order of the results. */
async function eachOf<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await task(item));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return [...items.keys()].flatMap((index) => results.get(index) ?? []);
}

/** Puts the cached lists into a catalog, for whoever asks no provider. Reads files only. Never rejects. */
export async function loadCachedModels({
  catalog,
  modelsDir,
  now,
}: Omit<RefresherDeps, 'fetchList'>): Promise<void> {
  for (const list of await cachedLists(modelsDir, now()))
    catalog.setLive(list.provider, list.models, list.at);
}

/** See `Refresher`. */
export function createRefresher(deps: RefresherDeps): Refresher {
  async function refreshNow(ids?: readonly string[]): Promise<Refreshed[]> {
    const asked = ids?.map((id) => deps.catalog.provider(id)?.id);
    const providers = deps.catalog
      .providers()
      .filter((provider) => provider.modelsUrl !== null && (asked?.includes(provider.id) ?? true));
    return eachOf(providers, (provider) => attempted(provider.id, refreshOne(provider, deps)));
  }

  return { loadCached: () => loadCachedModels(deps), refresh: oneAtATime(refreshNow) };
}
