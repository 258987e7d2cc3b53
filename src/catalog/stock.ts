import { createMemo } from '../memo.ts';
import { correctionOf } from './corrections.ts';
import { createFeedShelf } from './feed-shelf.ts';
import type { FeedData } from './feeds/index.ts';
import { type GenaiLoader, loadGenaiPrices } from './genai.ts';
import { createNames, type Names } from './names.ts';
import { listPrice, type PriceFacts } from './prices.ts';
import { type BundledModel, bundledModels, createShelf, type Shelf } from './shelves.ts';
import { loadSnapshot, type Snapshot } from './snapshot.ts';
import type { LiveModel, Provider, Shown, UserPrice } from './types.ts';

/** The bundled data, once it is loaded. */
interface Loaded {
  snapshot: Snapshot;
  names: Names;
  genai: GenaiLoader;
  /** The bundled models of a provider, unpacked once. */
  bundled(provider: Provider): ReadonlyMap<string, BundledModel>;
}

/** What a provider lists live, and since when (ms since 1970) where that is known. */
interface LiveList {
  models: ReadonlyMap<string, LiveModel>;
  at: number | undefined;
}

/** Models and prices of all providers: bundled ones and live ones. */
export interface Stock {
  /** Loads the bundled data, once. */
  ready(): Promise<void>;
  shelfOf(provider: Provider): Shelf;
  factsOf(provider: Provider, model: string): PriceFacts;
  setLive(provider: Provider, models: readonly LiveModel[], at: number | undefined): void;
  /** Replaces what public lists of prices say; the newest is of `at` (ms since 1970). */
  setPrices(feeds: FeedData, at: number): void;
  /** By `provider/model`. */
  setShown(shown: ReadonlyMap<string, Shown>): void;
  freshness(): { at: number; source: 'bundled' | 'refreshed' };
}

async function load(): Promise<Loaded> {
  const snapshot = await loadSnapshot();
  const ids = Object.values(snapshot.providers).flatMap((bySource) =>
    Object.values(bySource).flatMap((rows) => rows.map(([id]) => id)),
  );
  const names = createNames(snapshot.names, ids);
  const genai = await loadGenaiPrices(names.of);
  const unpacked = new Map<string, ReadonlyMap<string, BundledModel>>();
  return {
    snapshot,
    names,
    genai,
    bundled(provider) {
      const known = unpacked.get(provider.id) ?? bundledModels(snapshot, provider);
      unpacked.set(provider.id, known);
      return known;
    },
  };
}

/** `pricesAt`: ms since 1970 of the newest list of prices; 0 = none. */
function freshnessOf(
  { sources }: Snapshot,
  pricesAt: number,
  live: readonly LiveList[],
): ReturnType<Stock['freshness']> {
  const bundledAt = Math.max(...sources.map(({ date }) => Date.parse(date)).filter(Number.isFinite));
  const liveAt = Math.max(pricesAt, ...live.map(({ at }) => at ?? 0));
  return liveAt > bundledAt ? { at: liveAt, source: 'refreshed' } : { at: bundledAt, source: 'bundled' };
}

/** What was found out of the models of one provider, by their ids. */
function shownOf(all: ReadonlyMap<string, Shown>, { id }: Provider): ReadonlyMap<string, Shown> {
  const start = `${id}/`;
  const own = [...all].filter(([target]) => target.startsWith(start));
  return new Map(own.map(([target, shown]) => [target.slice(start.length), shown]));
}

/** What is found of a model is remembered until any list changes: every request asks for the same few. */
const MOST_FACTS = 500;

/** By the exact id, else by another spelling of the same model; `idOf` = the id of a model of this provider. */
function userPriceOf(
  prices: ReadonlyMap<string, UserPrice>,
  provider: Provider,
  model: string,
  idOf: (name: string) => string | undefined,
): UserPrice | undefined {
  const start = `${provider.id}/`;
  const meant = (target: string): boolean =>
    target.startsWith(start) && idOf(target.slice(start.length)) === model;
  return prices.get(start + model) ?? [...prices].find(([target]) => meant(target))?.[1];
}

/** @param userPrices by `provider/model`, with real provider ids */
export function createStock(userPrices: ReadonlyMap<string, UserPrice>, now: () => number): Stock {
  const live = new Map<string, LiveList>();
  const shelves = new Map<string, Shelf>();
  const feeds = createFeedShelf();
  let loading: Promise<void> | undefined;
  let loaded: Loaded | undefined;
  let shown: ReadonlyMap<string, Shown> = new Map();
  const facts = createMemo<PriceFacts, Provider>(MOST_FACTS, (target, provider) =>
    findFacts(provider, target.slice(provider.id.length + 1)),
  );
  const factsOf: Stock['factsOf'] = (provider, model) => facts.of(`${provider.id}/${model}`, provider);

  function data(): Loaded {
    if (!loaded) throw new Error('the catalog was asked for models or prices before ready() resolved');
    return loaded;
  }

  function shelfOf(provider: Provider): Shelf {
    const { names, bundled } = data();
    const known = shelves.get(provider.id);
    if (known) return known;
    const shelf = createShelf({
      provider,
      bundled: bundled(provider),
      live: live.get(provider.id)?.models,
      names,
      shown: shownOf(shown, provider),
      priceOf: (model) => listPrice(factsOf(provider, model), now()),
    });
    shelves.set(provider.id, shelf);
    return shelf;
  }

  function findFacts(provider: Provider, model: string): PriceFacts {
    const { genai, snapshot, bundled, names } = data();
    const models = bundled(provider);
    const idOf = (name: string): string | undefined => shelfOf(provider).find(name)?.id;
    const same = (name: string): BundledModel | undefined => models.get(idOf(name) ?? '');
    return {
      provider,
      model,
      user: userPriceOf(userPrices, provider, model, idOf),
      live: live.get(provider.id)?.models.get(model),
      bundled: models.get(model) ?? same(model) ?? same(names.of(model)),
      correction: correctionOf(provider.id, model),
      ...feeds.factsOf(provider, model, genai),
      genai: genai.bundled,
      genaiDate: snapshot.sources[0]?.date ?? '',
    };
  }

  return {
    ready() {
      loading ??= load().then((result) => {
        loaded = result;
      });
      return loading;
    },
    shelfOf,
    factsOf,
    setLive(provider, models, at) {
      live.set(provider.id, { models: new Map(models.map((model) => [model.id, model])), at });
      shelves.delete(provider.id);
      facts.clear();
    },
    setPrices(lists, at) {
      feeds.set(lists, at);
      facts.clear();
    },
    setShown(found) {
      shown = found;
      shelves.clear();
      facts.clear();
    },
    freshness: () => freshnessOf(data().snapshot, feeds.at(), [...live.values()]),
  };
}
