import { EXIT, UserError } from '../../../errors.ts';
import type { LedgerReader } from '../../../ledger/index.ts';
import type { Context } from '../../context.ts';
import { bestPlace, readName, unknownModel } from '../../model-name.ts';
import { loadShelves } from '../../shelves.ts';
import { queryOf, type SpendRequest } from './query.ts';

/** What the same tokens would have cost elsewhere. */
export interface Other {
  /** Integer nano-dollars of the requests that can be priced there. */
  nanoUsd: number;
  /** Requests that cannot. */
  unpriced: number;
  /** Of a cost that is not exact: rates of its own are missing for some tokens. */
  estimated: number;
}

/** A whole report re-priced on one model. */
export interface WhatIf {
  /** `provider/model` */
  model: string;
  of(key: readonly (string | null)[]): Other;
  total: Other;
}

const nothing = (): Other => ({ nanoUsd: 0, unpriced: 0, estimated: 0 });

/**
 * Prices every request's tokens on another model, at the list price of the request's own time and size.
 * @throws UserError `unknown_model`, `no_price` (exit 9)
 */
export async function whatIf(
  context: Context,
  reader: LedgerReader | null,
  request: SpendRequest,
  name: string,
): Promise<WhatIf> {
  const shelves = await loadShelves(context);
  const reading = readName(name, shelves);
  if (!reading) throw unknownModel(name, shelves);
  const { provider, model } = bestPlace(reading);
  const { catalog } = shelves;
  if (catalog.cost(provider.id, model, { input: 1, output: 1 }, context.now()).nanoUsd === null)
    throw noPrice(`${provider.id}/${model}`);
  const groups = new Map<string, Other>();
  const total = nothing();
  reader?.eachUsage(queryOf(request, context.utc), ({ key, time, usage }) => {
    const { costUsd: _charged, tier: _tier, ...tokens } = usage;
    const name = JSON.stringify(key);
    const group = groups.get(name) ?? nothing();
    groups.set(name, group);
    const { nanoUsd, state } = catalog.cost(provider.id, model, tokens, time);
    for (const sums of [group, total]) {
      sums.nanoUsd += nanoUsd ?? 0;
      if (nanoUsd === null) sums.unpriced++;
      else if (state === 'estimate') sums.estimated++;
    }
  });
  return {
    model: `${provider.id}/${model}`,
    of: (key) => groups.get(JSON.stringify(key)) ?? nothing(),
    total,
  };
}

function noPrice(target: string): UserError {
  return new UserError({
    code: 'no_price',
    exit: EXIT.nothingFound,
    message: `no price is known for ${target}`,
    fix: [`{cmd} models price ${target} --in <usd> --out <usd>`],
  });
}
