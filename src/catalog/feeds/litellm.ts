import type { ServiceTier } from '../../pivot/index.ts';
import { saneRate } from '../rates.ts';
import type { Share } from '../service-tiers.data.ts';
import { type Feed, type Fields, fieldsOf, isName, nonsense, rateIn, rowsOf } from './feed.ts';

/** `provider/model` with our provider ids -> tier -> share of the standard price. */
export type TierShares = Readonly<Record<string, Readonly<Partial<Record<ServiceTier, Share>>>>>;

const LEAST_MODELS = 500;

/** Their provider -> ours; others have no tiers that we price. */
const OUR_IDS: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
  groq: 'groq',
  xai: 'xai',
};

const TIERS: readonly (readonly [ServiceTier, suffix: string])[] = [
  ['batch', '_batches'],
  ['flex', '_flex'],
  ['priority', '_priority'],
];

const PER_MILLION = 1e6;

/** LiteLLM's table, for what batch, flex and priority cost only. */
export const LITELLM: Feed<TierShares> = {
  id: 'litellm-prices',
  url: 'https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json',
  read(json) {
    const rows = Object.entries(fieldsOf(json));
    if (rows.length < LEAST_MODELS) return 'it has too few models';
    const list: Record<string, Partial<Record<ServiceTier, Share>>> = Object.create(null);
    for (const [key, value] of rows) {
      const row = fieldsOf(value);
      const provider = OUR_IDS[String(row.litellm_provider)];
      const model = key.slice(key.indexOf('/') + 1);
      if (provider === undefined || !isName(model)) continue;
      const shares = sharesOf(row);
      if (shares === null) return nonsense(key);
      if (Object.keys(shares).length > 0) list[`${provider}/${model}`] = shares;
    }
    return list;
  },
  kept: (json) => rowsOf(json, (shares) => rowsOf(shares, keptShare)),
  size: (list) => Object.keys(list).length,
};

function sharesOf(row: Fields): Partial<Record<ServiceTier, Share>> | null {
  const shares: Partial<Record<ServiceTier, Share>> = {};
  for (const [tier, suffix] of TIERS) {
    const [input, output] = ['input', 'output'].map((side) => shareOf(row, `${side}_cost_per_token`, suffix));
    if (input === null || output === null) return null;
    // One share stands for all tokens of an answer.
    if (input && output && near(input, output)) shares[tier] = input;
  }
  return shares;
}

/** undefined = it does not say; null = nonsense. */
function shareOf(row: Fields, name: string, suffix: string): Share | undefined | null {
  const [standard, tier] = [rateIn(row[name], PER_MILLION), rateIn(row[name + suffix], PER_MILLION)];
  if (standard === null || tier === null) return null;
  return standard && tier ? [tier, standard] : undefined;
}

function keptShare(share: unknown): Share | undefined {
  const [tier, standard] = Array.isArray(share) ? share.map((rate) => saneRate(rate)) : [];
  return tier && standard ? [tier, standard] : undefined;
}

const near = ([a, b]: Share, [c, d]: Share): boolean => Math.abs((a * d) / (b * c) - 1) < 1e-6;
