import type * as Package from '@pydantic/genai-prices';
import { GENAI } from './genai.ts';
import { LITELLM, type TierShares } from './litellm.ts';
import { type ListedRates, MODELS_DEV } from './models-dev.ts';

export type { ListedRates } from './models-dev.ts';

/** Every public list of prices, strongest first. */
export const FEEDS = { genai: GENAI, modelsDev: MODELS_DEV, litellm: LITELLM } as const;

export type FeedName = keyof typeof FEEDS;

/** What lists said when they were last downloaded, each with that day, `2026-11-25`. */
export interface FeedData {
  genai?: { date: string; data: readonly Package.Provider[] };
  modelsDev?: { date: string; data: ListedRates };
  litellm?: { date: string; data: TierShares };
}
