import { readBodies } from '../../../bodies/index.ts';
import { exchangeJson } from '../../../exchange.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonText, lookOf } from '../../render/index.ts';
import { billOf } from './bill.ts';
import { bodiesText, wantedJson } from './bodies.ts';
import { brief } from './brief.ts';
import { detail } from './detail.ts';
import { findRequest } from './find.ts';

/** Flags of `logs show` as they were typed. */
export interface ShowOptions {
  body?: true;
  headers?: true;
}

/** Below this many columns the brief form is used. */
const NARROW = 80;

/** `logs show`: one request in full. @throws UserError exit 9 when there is none, exit 2 when there are several */
export async function showRequest(context: Context, which = '-1', options: ShowOptions = {}): Promise<void> {
  const exchange = await findRequest(context, which);
  const look = lookOf(context, context.stdout);
  const describe = look.width < NARROW ? brief : detail;
  // The brief form has no room for it, and prices come from the whole catalog.
  const bill = context.json || describe === detail ? await billOf(context, exchange) : [];
  const bodies = readBodies(context.paths.bodiesDir, exchange.id);
  if (context.json) {
    const row = {
      ...exchangeJson(exchange),
      bill: bill.map((line) => ({ ...line })),
      ...wantedJson(bodies, options),
    };
    context.stdout.write(jsonText(jsonFields([row], context.json)[0]));
    return;
  }
  const { utc, prefix, ascii } = context;
  context.stdout.write(
    describe(exchange, { look, now: context.now(), utc, prefix, ascii, bill }) +
      bodiesText(bodies, options, { look, prefix, id: exchange.id }),
  );
}
