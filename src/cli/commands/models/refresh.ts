import {
  createPriceFeeds,
  createRefresher,
  FEED_IDS,
  type Provider,
  type Refreshed,
} from '../../../catalog/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import { findClient } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { type Column, exact, jsonFields, jsonText, lookOf, plural, table } from '../../render/index.ts';
import { loadShelves, type Shelves } from '../../shelves.ts';

/**
 * `models refresh [provider...]`: asks every provider that can be called for its list of models, and public lists for
 * prices, through the running server where there is one. What fails keeps its old list.
 * @throws UserError `unknown_provider` (exit 9), `refresh_failed` (exit 7) when no provider answered
 */
export async function refreshModels(context: Context, names: readonly string[]): Promise<void> {
  const shelves = await loadShelves(context);
  const ids =
    names.length > 0
      ? names.map((name) => idOf(name, shelves)).sort()
      : [...callable(shelves).sort(), ...FEED_IDS];
  const client = await findClient(context);
  const results = (client ? await client.refreshModels(ids) : await ask(context, shelves, ids)).filter(
    ({ outcome }) => outcome !== 'skipped' || names.length > 0,
  );
  const told = results.filter((result) => names.length > 0 || !isAbsent(result, shelves));
  if (context.json)
    context.stdout.write(
      jsonText(
        jsonFields(
          told.map((one) => ({ ...one })),
          context.json,
          FIELDS,
        ),
      ),
    );
  else print(context, told);
  const lists = told.filter(({ provider }) => names.length > 0 || !FEED_IDS.includes(provider));
  if (lists.length > 0 && lists.every(({ outcome }) => outcome === 'failed')) throw allFailed();
}

const FIELDS = ['provider', 'outcome', 'models', 'problem'];

/** Providers with a list and a key, and servers on this machine. */
function callable({ catalog, callable: can }: Shelves): string[] {
  return catalog
    .providers()
    .filter(({ modelsUrl, kind }) => modelsUrl !== null && kind !== 'demo')
    .filter((provider) => provider.kind === 'local' || can(provider))
    .map(({ id }) => id);
}

/** A server on this machine that does not run is nothing to report. */
function isAbsent({ provider, outcome }: Refreshed, { catalog, config }: Shelves): boolean {
  return (
    outcome === 'failed' && catalog.provider(provider)?.kind === 'local' && !config.providers.has(provider)
  );
}

function idOf(name: string, { catalog }: Shelves): string {
  const provider = catalog.provider(name);
  if (provider) return provider.id;
  if (FEED_IDS.includes(name)) return name;
  throw new UserError({
    code: 'unknown_provider',
    exit: EXIT.nothingFound,
    message: `unknown provider "${name}"`,
    fix: ['{cmd} models refresh'],
  });
}

/** Without a server: from here, into the same cache. */
async function ask(context: Context, shelves: Shelves, ids: readonly string[]): Promise<Refreshed[]> {
  const { config, catalog, keys } = shelves;
  const [{ createConnections, createTransport }, { createFetchList, createFetchPrices }] = await Promise.all([
    import('../../../upstream/index.ts'),
    import('../../../server/index.ts'),
  ]);
  const connections = await createConnections({
    env: context.env,
    proxy: config.network.proxy,
    ca: config.network.ca,
  });
  const transport = createTransport(connections);
  const fetchList = createFetchList(
    () => keys,
    () => transport,
    new AbortController().signal,
  );
  try {
    const refresher = createRefresher({
      catalog,
      fetchList: (provider: Provider) => fetchList(provider, catalog),
      modelsDir: context.paths.modelsDir,
      now: context.now,
    });
    const feeds = createPriceFeeds({
      catalog,
      fetch: createFetchPrices(() => transport, new AbortController().signal),
      pricesDir: context.paths.pricesDir,
      now: context.now,
    });
    return (await Promise.all([refresher.refresh(ids), feeds.refresh(ids)])).flat();
  } finally {
    await connections.destroy();
  }
}

function print(context: Context, results: readonly Refreshed[]): void {
  const look = lookOf(context, context.stdout);
  if (results.length === 0) {
    hint(context, `No provider can be asked yet. Add a key: ${context.prefix} keys add <provider>`);
    return;
  }
  const columns: Column<Refreshed>[] = [
    { title: 'PROVIDER', cell: ({ provider }) => provider },
    { title: 'MODELS', align: 'right', cell: ({ models }) => exact(models, look.glyphs.none) },
    { title: '', cell: (result) => wordsOf(result), shrink: 20 },
  ];
  context.stdout.write(table(columns, results, look));
  const updated = results.filter(({ outcome }) => outcome === 'updated').length;
  hint(context, `${plural(updated, 'list')} updated. What is new: ${context.prefix} models --new`);
}

function wordsOf({ outcome, problem }: Refreshed): string {
  if (outcome === 'skipped') return 'no key, not asked';
  return problem ?? '';
}

function allFailed(): UserError {
  return new UserError({
    code: 'refresh_failed',
    exit: EXIT.upstream,
    message: 'no provider gave its list of models',
    why: 'what was known before is kept',
    fix: ['{cmd} keys test'],
  });
}
