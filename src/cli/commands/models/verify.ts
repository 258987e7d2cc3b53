import { EXIT, UserError } from '../../../errors.ts';
import type { Verified } from '../../../verified/index.ts';
import { askFirst } from '../../ask.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { bestPlace, type Place, readName, unknownModel } from '../../model-name.ts';
import { jsonFields, jsonText, lookOf, sum } from '../../render/index.ts';
import { loadShelves, type Shelves } from '../../shelves.ts';
import { refused } from '../routes/refused.ts';
import { holdServer } from '../run/private-server.ts';
import { checkLine } from './check-line.ts';

/**
 * `models verify M`: asks the model for what agents need, and keeps what it can do for the choice of models. Exit 7 when
 * nothing at all could be told.
 * @throws UserError `unknown_model` (exit 9), exit 2 without -y where nobody can be asked, or as a client would be refused
 */
export async function verifyModel(context: Context, name: string, window: boolean): Promise<void> {
  const shelves = await loadShelves(context);
  const reading = readName(name, shelves);
  const place = reading && bestPlace(reading);
  if (!place) throw unknownModel(name, shelves);
  const model = `${place.provider.id}/${place.model}`;
  const cost = estimate(place, window, shelves);
  hint(context, `${model}: about ${REQUESTS} requests, ${costText(cost)}.`);
  await agree(context, cost, name);
  const held = await holdServer(context, true, null);
  const look = lookOf(context, context.stdout);
  let result: Verified | undefined;
  try {
    await held.client.verifyModel({ model, window }, (event) => {
      if (event.type === 'refused') throw refused(event.error);
      if (event.type === 'end') result = event.result;
      else if (!context.json) context.stdout.write(checkLine(event.check, look));
    });
  } finally {
    held.release();
  }
  finish(context, result, model);
}

const REQUESTS = 10;
/** Tokens that all requests together take at most, roughly: the prompt that is repeated for the cache is most of it. */
const INPUT_TOKENS = 14_000;
const OUTPUT_TOKENS = 4_000;
const MILLION = 1e6;
const NANO = 1e9;

/** Integer nano-dollars; null = nobody knows the price. */
function estimate({ provider, model }: Place, window: boolean, { catalog }: Shelves): number | null {
  if (provider.kind === 'demo') return 0;
  const price = catalog.price(provider.id, model);
  if (price?.input == null || price.output == null) return provider.kind === 'local' ? 0 : null;
  const filled = window ? (catalog.info(provider.id, model)?.context ?? 0) : 0;
  const usd = ((INPUT_TOKENS + filled) * price.input + OUTPUT_TOKENS * price.output) / MILLION;
  return Math.round(usd * NANO);
}

function costText(cost: number | null): string {
  if (cost === null) return 'at a price that nobody knows';
  return cost === 0 ? 'at no cost' : `at most about ${sum(cost)}`;
}

async function agree(context: Context, cost: number | null, name: string): Promise<void> {
  if (cost === 0) return;
  const command = `{cmd} models verify ${name} -y     spends it without asking`;
  const how = { initialValue: true, nobody: 'models verify costs money, and there is nobody to ask' };
  if (!(await askFirst(context, 'Try it?', command, how)))
    throw new UserError({ code: 'cancelled', exit: EXIT.failed, message: 'cancelled; nothing was asked' });
}

function finish(context: Context, result: Verified | undefined, model: string): void {
  if (!result)
    throw new UserError({
      code: 'test_failed',
      exit: EXIT.upstream,
      message: `${model} was not tried to the end`,
      fix: ['{cmd} status'],
    });
  if (context.json) context.stdout.write(jsonText(jsonFields([{ ...result }], context.json)[0]));
  else hint(context, `Kept, and used when a model is chosen: ${context.prefix} models info ${model}`);
  if (result.checks.every(({ verdict }) => verdict === 'unknown')) context.exit(EXIT.upstream);
}
