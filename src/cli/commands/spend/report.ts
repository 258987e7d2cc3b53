import type { LedgerReader } from '../../../ledger/index.ts';
import { flushed } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint, NOTHING_YET } from '../../hint.ts';
import { csv, jsonFields, jsonText, lookOf } from '../../render/index.ts';
import { printable } from '../logs/fields.ts';
import { tellBudgets } from './budget.ts';
import { reportCacheLosses } from './cache.ts';
import { readRequest, type SpendOptions, type SpendRequest } from './query.ts';
import { addUp, rowJson, type Spending, SUMS } from './sums.ts';
import { spendTable } from './table.ts';

/** `spend`. */
export async function reportSpending(context: Context, options: SpendOptions): Promise<void> {
  const clock = { now: context.now(), utc: context.utc };
  const request = readRequest(options, clock);
  if (options.cache) return reportCacheLosses(context, request);
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  await flushed(context);
  const reader = await openLedgerReader(context.paths.ledgerFile);
  try {
    const spending = addUp(reader, request, clock);
    if (context.json)
      context.stdout.write(jsonText(jsonFields([answer(request, spending)], context.json)[0]));
    else if (options.csv) context.stdout.write(csvOf(request, spending));
    else print(context, options, request, spending, reader);
    const forPeople = context.json === null && !options.csv;
    await tellBudgets(context, { check: options.check === true, print: forPeople });
    if (!reader) hint(context, NOTHING_YET);
  } finally {
    reader?.close();
  }
}

function answer({ by, period }: SpendRequest, { rows, total }: Spending): Record<string, unknown> {
  return {
    since: new Date(period.since).toISOString(),
    until: new Date(period.until).toISOString(),
    by,
    rows: rows.map((row) => rowJson(by, row)),
    total,
  };
}

function csvOf({ by }: SpendRequest, { rows }: Spending): string {
  return csv(
    rows.map((row) => printable(rowJson(by, row))),
    [...by, ...SUMS],
  );
}

function print(
  context: Context,
  options: SpendOptions,
  request: SpendRequest,
  spending: Spending,
  reader: LedgerReader | null,
): void {
  if (!reader) return;
  const { now, utc, stdout } = context;
  if (spending.rows.length > 0)
    stdout.write(
      spendTable(request, spending, {
        look: lookOf(context, stdout),
        now: now(),
        utc: utc,
        bars: options.bars,
      }),
    );
  hint(context, spending.total.requests > 0 ? MEASURED : nothingIn(request, reader, context.prefix));
}

const MEASURED = 'Measured on the wire. Requests that did not pass through unorouter are not here.';

/** Somebody who has only tried the demo must not think that nothing was recorded. */
function nothingIn({ period, demo }: SpendRequest, reader: LedgerReader, prefix: string): string {
  const { since, until, words } = period;
  const none = `No ${demo ? 'demo ' : ''}requests${words === '' ? '' : ` ${words}`}.`;
  const query = { by: [], since, until, demo: true, dayOf: String };
  const played = demo ? 0 : (reader.spend(query)[0]?.requests ?? 0);
  return played > 0 ? `${none} Only the demo was used: ${prefix} spend --demo` : none;
}
