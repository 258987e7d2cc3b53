import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FEEDS, type FeedData, type FeedName } from './feeds/index.ts';
import { writeWhole } from './model-cache.ts';
import type { Refreshed } from './refresher.ts';
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
const VERSION = 1;
/** Lists change about once a day. */
const STALE_MS = 20 * 3_600_000;

/** A list as it lies on the disk: read again by the rules for downloads, so that a file is trusted no more than they are. */
interface Kept {
  version: number;
  at: number;
  json: unknown;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** See `PriceFeeds`. */
export function createPriceFeeds(deps: PriceFeedsDeps): PriceFeeds {
  const ages = new Map<FeedName, number>();
  let present: FeedData = {};
  let running: Promise<unknown> = Promise.resolve();

  const fileOf = (name: FeedName): string => join(deps.pricesDir, `${FEEDS[name].id}.json`);

  /** Takes a list over; a string = why not. */
  function take(name: FeedName, json: unknown, at: number): number | string {
    const feed = FEEDS[name];
    const data = feed.read(json);
    if (typeof data === 'string') return data;
    present = { ...present, [name]: { date: dayOf(at), data } };
    ages.set(name, at);
    deps.catalog.setPrices(present, Math.max(...ages.values()));
    return feed.size(data as never);
  }

  async function refreshOne(name: FeedName): Promise<Refreshed> {
    const { id, url } = FEEDS[name];
    const failed = (problem: string): Refreshed => ({
      provider: id,
      outcome: 'failed',
      models: null,
      problem,
    });
    const { status, body } = await deps.fetch(url);
    if (status !== 200) return failed(`its prices answered ${status}`);
    let json: unknown;
    try {
      json = JSON.parse(body);
    } catch {
      return failed('its prices are no JSON, or half of one');
    }
    const at = deps.now();
    const models = take(name, json, at);
    if (typeof models === 'string') return failed(models);
    const kept: Kept = { version: VERSION, at, json };
    const problem = await writeWhole(deps.pricesDir, fileOf(name), JSON.stringify(kept)).then(
      () => null,
      (error: unknown) => `not kept on disk: ${wordsOf(error)}`,
    );
    return { provider: id, outcome: 'updated', models, problem };
  }

  async function load(name: FeedName): Promise<void> {
    try {
      const { version, at, json } = JSON.parse(await readFile(fileOf(name), 'utf8')) as Partial<Kept>;
      // A clock that was wrong once must not make a list the newest for ever.
      if (version === VERSION && typeof at === 'number') take(name, json, Math.min(at, deps.now()));
    } catch {
      // No such file, or one that is none of ours: the next download writes it anew.
    }
  }

  async function refreshNow(ids: readonly string[] | undefined): Promise<Refreshed[]> {
    const wanted = NAMES.filter((name) =>
      ids ? ids.includes(FEEDS[name].id) : deps.now() - (ages.get(name) ?? 0) >= STALE_MS,
    );
    return Promise.all(
      wanted.map((name) =>
        refreshOne(name).catch(
          (error: unknown): Refreshed => ({
            ...{ provider: FEEDS[name].id, outcome: 'failed', models: null },
            problem: wordsOf(error),
          }),
        ),
      ),
    );
  }

  return {
    async loadCached() {
      await Promise.all(NAMES.map(load));
    },
    refresh(ids) {
      const result = running.then(() => refreshNow(ids));
      running = result;
      return result;
    },
  };
}
