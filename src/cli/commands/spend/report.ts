import type { LedgerReader } from '../../../ledger/index.ts';
import { flushed } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint, NOTHING_YET } from '../../hint.ts';
import { csv, jsonFields, jsonText, lookOf } from '../../render/index.ts';
import { printable } from '../logs/fields.ts';
import { tellBudgets } from './budget.ts';
import { reportCacheLosses } from './cache.ts';
import { type Outlook, outlookOf } from './outlook.ts';
import { readRequest, type SpendOptions, type SpendRequest } from './query.ts';
import { findSession } from './session.ts';
import { addUp, rowJson, type Spending, SUMS } from './sums.ts';
import { spendTable } from './table.ts';
import { type Other, type WhatIf, whatIf } from './what-if.ts';

/** Everything that a report says. */
interface Report {
  request: SpendRequest;
  spending: Spending;
  /** null = the period is over, or there is nothing to go by. */
  outlook: Outlook | null;
  /** null = not asked for. */
  other: WhatIf | null;
}

/** `spend`. With `--check` it ends with exit 8 when a budget is reached. */
export async function reportSpending(context: Context, options: SpendOptions): Promise<void> {
  const clock = { now: context.now(), utc: context.utc };
  const asked = readRequest(options, clock);
  if (options.cache) return reportCacheLosses(context, asked, options.csv === true);
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  await flushed(context);
  const reader = await openLedgerReader(context.paths.ledgerFile);
  try {
    const session =
      reader && options.session !== undefined ? findSession(reader, options.session, asked) : undefined;
    const request = session === undefined ? asked : { ...asked, session };
    const running = request.period.until > clock.now && !request.demo && session === undefined;
    const report: Report = {
      request,
      spending: addUp(reader, request, clock),
      outlook: reader && running ? outlookOf(reader, clock) : null,
      other: options.whatIf === undefined ? null : await whatIf(context, reader, request, options.whatIf),
    };
    if (context.json) context.stdout.write(jsonText(jsonFields([answer(report)], context.json)[0]));
    else if (options.csv) context.stdout.write(csvOf(report));
    else print(context, options, report, reader);
    const forPeople = context.json === null && !options.csv;
    await tellBudgets(context, { check: options.check === true, print: forPeople });
    if (!reader) hint(context, NOTHING_YET);
  } finally {
    reader?.close();
  }
}

function answer({ request, spending, outlook, other }: Report): Record<string, unknown> {
  const { by, period } = request;
  return {
    since: new Date(period.since).toISOString(),
    until: new Date(period.until).toISOString(),
    by,
    rows: spending.rows.map((row) =>
      withOther(rowJson(by, row), other && { whatIf: otherJson(other.of(row.key)) }),
    ),
    total: spending.total,
    outlook,
    ...(other ? { whatIf: { model: other.model, ...otherJson(other.total) } } : {}),
  };
}

function withOther(
  row: Record<string, unknown>,
  other: Record<string, unknown> | null,
): Record<string, unknown> {
  return other ? Object.assign(row, other) : row;
}

function otherJson({ nanoUsd, unpriced, estimated }: Other): Record<string, number> {
  return { costNanoUsd: nanoUsd, unpriced, estimated };
}

const WHAT_IF_COLUMN = 'whatIfNanoUsd';

function csvOf({ request, spending, other }: Report): string {
  const { by } = request;
  const rows = spending.rows.map((row) =>
    withOther(rowJson(by, row), other && { [WHAT_IF_COLUMN]: other.of(row.key).nanoUsd }),
  );
  return csv(
    rows.map((row) => printable(row)),
    [...by, ...SUMS, ...(other ? [WHAT_IF_COLUMN] : [])],
  );
}

function print(
  context: Context,
  options: SpendOptions,
  { request, spending, outlook, other }: Report,
  reader: LedgerReader | null,
): void {
  if (!reader) return;
  const { now, utc, stdout } = context;
  const look = lookOf(context, stdout);
  if (spending.rows.length > 0)
    stdout.write(
      spendTable(request, spending, { look, now: now(), utc, bars: options.bars && !other, outlook, other }),
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
