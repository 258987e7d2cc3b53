import type { ServiceTier } from '../pivot/index.ts';
import { spelling } from './names.ts';
import { SERVICE_TIERS, type Share } from './service-tiers.data.ts';

/** The standard price itself. */
export const STANDARD: Share = [1, 1];

/** What a tier costs as a share of the standard price; null = nobody knows. */
export function tierShare(provider: string, model: string, tier: ServiceTier | undefined): Share | null {
  if (tier === undefined) return STANDARD;
  const spelled = spelling(model);
  const known = Object.entries(SERVICE_TIERS[provider]?.[tier] ?? {})
    .filter(([begin]) => spelled.startsWith(begin))
    .sort(([a], [b]) => b.length - a.length);
  return known[0]?.[1] ?? null;
}
