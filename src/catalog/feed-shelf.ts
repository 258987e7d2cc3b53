import type { FeedData } from './feeds/index.ts';
import type { GenaiLoader, GenaiPrices } from './genai.ts';
import type { PriceFacts } from './prices.ts';
import type { Provider } from './types.ts';

/** What public lists of prices say of single models. */
export interface FeedShelf {
  /** Takes the place of all that was said before; the newest is of `at` (ms since 1970). */
  set(data: FeedData, at: number): void;
  /** ms since 1970 of the newest; 0 = there is none. */
  at(): number;
  factsOf(
    provider: Provider,
    model: string,
    loader: GenaiLoader,
  ): Pick<PriceFacts, 'refreshed' | 'listed' | 'tiers'>;
}

/** Creates an empty one. */
export function createFeedShelf(): FeedShelf {
  let feeds: FeedData = {};
  let newest = 0;
  let indexed: GenaiPrices | undefined;

  /** Downloaded data is indexed when it is first asked for. */
  function refreshed(loader: GenaiLoader): PriceFacts['refreshed'] {
    const { genai } = feeds;
    if (!genai) return undefined;
    indexed ??= loader.of(genai.data);
    return { genai: indexed, date: genai.date };
  }

  /** By the id that a list has, as it is written. */
  function listed({ id, plan }: Provider, model: string): PriceFacts['listed'] {
    const rates = plan ? undefined : feeds.modelsDev?.data[id]?.[model];
    return rates && { rates, text: `models.dev ${feeds.modelsDev?.date}` };
  }

  return {
    set(data, at) {
      feeds = data;
      newest = at;
      indexed = undefined;
    },
    at: () => newest,
    factsOf: (provider, model, loader) => ({
      refreshed: refreshed(loader),
      listed: listed(provider, model),
      tiers: feeds.litellm?.data[`${provider.id}/${model}`] ?? {},
    }),
  };
}
