import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FEEDS, type FeedData, type FeedName } from './feeds/index.ts';
import { writeWhole } from './model-cache.ts';
import { attempted, failed, oneAtATime, type Refreshed, updated } from './refreshed.ts';
import type { Catalog } from './types.ts';

/** What keeping price lists current needs from outside. */
export interface PriceFeedsDeps {
  catalog: Catalog;
  /** GETs a public text without following redirects, and only so much of it. May reject. */
  fetch(url: string): Promise<{ status: number; body: string }>;
  /** Directory of the kept lists; made when missing. */
  pricesDir: string;
  now(): number;
}

/** Public lists of prices: kept on disk between runs, in the catalog while running. */
export interface PriceFeeds {
  /** Puts the kept lists into the catalog. Reads files only. Never rejects. */
  loadCached(): Promise<void>;
  /**
   * Downloads lists: those with the given ids, or those that are older than a day. What fails, or is no such list, changes
   * nothing. Nothing waits for it but commands and tests. Never rejects; one call at a time.
   */
  refresh(ids?: readonly string[]): Promise<Refreshed[]>;
}

/** Names by which the lists are refreshed and reported. */
export const FEED_IDS: readonly string[] = Object.values(FEEDS).map(({ id }) => id);

const NAMES = Object.keys(FEEDS) as FeedName[];
/** 1 = a whole download. */
const VERSION = 2;
/** Lists change about once a day. */
const STALE_MS = 20 * 3_600_000;

/** What was taken of a list, as it lies on the disk. */
interface Kept {
  version: number;
  at: number;
  data: unknown;
}

type KeptDeps = Omit<PriceFeedsDeps, 'fetch'>;

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Puts the kept lists into a catalog, for whoever downloads none. Reads files only. Never rejects. */
export function loadKeptPrices(deps: KeptDeps): Promise<void> {
  return createKept(deps).load();
}

/** The lists of a catalog, and their files. */
function createKept({ catalog, pricesDir, now }: KeptDeps) {
  const ages = new Map<FeedName, number>();
  let present: FeedData = {};

  const fileOf = (name: FeedName): string => join(pricesDir, `${FEEDS[name].id}.json`);

  function take(name: FeedName, data: unknown, at: number): void {
    present = { ...present, [name]: { date: dayOf(at), data } };
    ages.set(name, at);
    catalog.setPrices(present, Math.max(...ages.values()));
  }

  async function loadOne(name: FeedName): Promise<void> {
    try {
      const { version, at, data } = JSON.parse(await readFile(fileOf(name), 'utf8')) as Partial<Kept>;
      // A clock that was wrong once must not make a list the newest for ever.
      if (version === VERSION && typeof at === 'number' && data)
        take(name, FEEDS[name].kept(data), Math.min(at, now()));
    } catch {
      // No such file, or one that is none of ours: the next download writes it anew.
    }
  }

  return {
    take,
    /** ms since 1970 of the list that is there; 0 = none. */
    ageOf: (name: FeedName): number => ages.get(name) ?? 0,
    async load(): Promise<void> {
      await Promise.all(NAMES.map(loadOne));
    },
    write(name: FeedName, kept: Kept): Promise<void> {
      return writeWhole(pricesDir, fileOf(name), JSON.stringify(kept));
    },
  };
}

/** See `PriceFeeds`. */
export function createPriceFeeds(deps: PriceFeedsDeps): PriceFeeds {
  const lists = createKept(deps);

  async function refreshOne(name: FeedName): Promise<Refreshed> {
    const { id, url, read, size } = FEEDS[name];
    const { status, body } = await deps.fetch(url);
    if (status !== 200) return failed(id, `its prices answered ${status}`);
    let json: unknown;
    try {
      json = JSON.parse(body);
    } catch {
      return failed(id, 'its prices are no JSON, or half of one');
    }
    const data = read(json);
    if (typeof data === 'string') return failed(id, data);
    const at = deps.now();
    lists.take(name, data, at);
    return updated(id, size(data as never), lists.write(name, { version: VERSION, at, data }));
  }

  async function refreshNow(ids?: readonly string[]): Promise<Refreshed[]> {
    const wanted = NAMES.filter((name) =>
      ids ? ids.includes(FEEDS[name].id) : deps.now() - lists.ageOf(name) >= STALE_MS,
    );
    return Promise.all(wanted.map((name) => attempted(FEEDS[name].id, refreshOne(name))));
  }

  return { loadCached: lists.load, refresh: oneAtATime(refreshNow) };
}
