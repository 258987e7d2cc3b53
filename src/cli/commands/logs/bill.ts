import type { CostItem, Priced } from '../../../catalog/index.ts';
import { loadConfig } from '../../../config/index.ts';
import type { Cost, Exchange } from '../../../exchange.ts';
import type { Usage } from '../../../pivot/index.ts';
import type { Context } from '../../context.ts';
import { loadCatalogOf } from '../../shelves.ts';

/** A line of what an exchange cost. */
export interface BillLine {
  /** Number of the attempt. */
  attempt: number;
  part: CostItem['part'];
  count: number;
  /** USD for as many as `per` says, in the tier of service that the answer was made in. */
  usd: number;
  per: CostItem['per'];
  nanoUsd: number;
}

/**
 * What a cost is made of. The ledger keeps amounts and the names of prices, and is never priced anew: lines are worked out
 * again from today's data, and are shown only where they come to the amount that was recorded. Empty = not known.
 */
export async function billOf(context: Context, exchange: Exchange): Promise<BillLine[]> {
  const priced = chargesOf(exchange).filter(({ cost }) => cost.nanoUsd && cost.source !== 'provider');
  if (priced.length === 0) return [];
  const loaded = await loadConfig(context.paths.configFile);
  // A configuration that is not in order keeps nobody from looking at a request.
  if (!loaded.ok) return [];
  const catalog = await loadCatalogOf(context, loaded.config);
  return priced.flatMap((charge) =>
    linesOf(charge, catalog.bill(charge.provider, charge.model, charge.usage, exchange.time)),
  );
}

/** What one attempt used and cost. */
interface Charge {
  attempt: number;
  provider: string;
  model: string;
  usage: Usage;
  cost: Cost;
}

/** Attempts that were billed; rows of an older ledger have one sum. */
function chargesOf({ attempts, provider, model, usage, cost }: Exchange): Charge[] {
  const charges = attempts.flatMap(({ n, billed, ...target }) =>
    billed ? [{ attempt: n, provider: target.provider, model: target.model, ...billed }] : [],
  );
  if (charges.length > 0 || provider === null || model === null) return charges;
  return [{ attempt: attempts.at(-1)?.n ?? 1, provider, model, usage, cost }];
}

function linesOf({ attempt, cost }: Charge, priced: Priced): BillLine[] {
  if (priced.cost.nanoUsd !== cost.nanoUsd) return [];
  const [part, of] = priced.tier?.share ?? [1, 1];
  return priced.items.map((item) => {
    // Calls cost the same in every tier.
    const usd = item.per === 1 ? item.usd : (item.usd * part) / of;
    return { attempt, ...item, usd, nanoUsd: Math.round(((item.count * usd) / item.per) * NANO) };
  });
}

const NANO = 1e9;
