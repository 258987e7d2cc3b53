import type { Rates } from './rates.ts';

/** Prices as a vendor's own page has them, where the price package is behind it. */
export interface Correction {
  provider: string;
  /** In the form of `spelling()`. */
  models: readonly string[];
  /** First moment of the price, ISO 8601. */
  from: string;
  page: string;
  /** When the page was read. */
  read: string;
  rates: Rates;
  /** Dearer hours, UTC, from Monday to Friday; `to` exclusive. */
  peak?: { hours: readonly (readonly [from: number, to: number])[]; rates: Rates };
}

const DEEPSEEK = {
  provider: 'deepseek',
  page: 'https://api-docs.deepseek.com/quick_start/pricing',
  read: '2026-11',
};

/**
 * 9:00 to 12:00 and 14:00 to 18:00 in Beijing, which has no summer time. Public holidays of China are cheap as well; they
 * are decreed year by year and are billed here as any working day.
 */
const DEEPSEEK_PEAK = [
  [1, 4],
  [6, 10],
] as const;

export const CORRECTIONS: readonly Correction[] = [
  {
    ...DEEPSEEK,
    // The old names are served by the new model, at its price.
    models: ['deepseek-flash', 'deepseek-v4-flash', 'deepseek-v4-flash-vision-exp'],
    from: '2026-09-10T00:00:00Z',
    rates: { input: 0.15, cacheRead: 0.003, output: 0.6 },
    peak: { hours: DEEPSEEK_PEAK, rates: { input: 0.3, cacheRead: 0.006, output: 1.2 } },
  },
  {
    ...DEEPSEEK,
    // The package takes weekends for working days.
    models: ['deepseek-v4-pro'],
    from: '2026-08-23T00:00:00Z',
    rates: { input: 0.66, cacheRead: 0.022, output: 1.98 },
    peak: { hours: DEEPSEEK_PEAK, rates: { input: 1.32, cacheRead: 0.044, output: 3.96 } },
  },
];
