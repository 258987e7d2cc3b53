import { type Exchange, exchangeJson } from '../../../exchange.ts';
import type { LedgerReader } from '../../../ledger/index.ts';
import { flushed } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint, NOTHING_YET } from '../../hint.ts';
import { exact, jsonFields, jsonText, lookOf, plural, ulidTail } from '../../render/index.ts';
import { logsCsv } from './fields.ts';
import { countOf, type Filters, isNarrowed, type LogOptions, readFilters } from './filters.ts';
import { builtinNames } from './served.ts';
import { logTable } from './table.ts';

const DEFAULT_ROWS = 50;

interface Found {
  rows: Exchange[];
  /** How many match, whatever was shown. */
  matching: number;
  /** How many there are in the period. */
  all: number;
}

/** `logs`: newest first. */
export async function listLogs(context: Context, options: LogOptions): Promise<void> {
  const { filters, words } = readFilters(options, { now: context.now(), utc: context.utc });
  const limit = countOf(options.n, DEFAULT_ROWS);
  const found = await search(context, filters, limit);
  const rows = found?.rows ?? [];
  if (context.json) context.stdout.write(jsonText(jsonFields(rows.map(exchangeJson), context.json)));
  else if (options.csv) context.stdout.write(logsCsv(rows));
  else if (rows.length > 0) context.stdout.write(await tableOf(rows, context));
  hint(context, found ? footer(found, words, isNarrowed(filters), context) : NOTHING_YET);
}

/** null = there is no ledger yet. */
async function search(context: Context, filters: Filters, limit: number): Promise<Found | null> {
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  await flushed(context);
  const reader = await openLedgerReader(context.paths.ledgerFile);
  if (!reader) return null;
  try {
    return found(reader, filters, limit);
  } finally {
    reader.close();
  }
}

function found(reader: LedgerReader, filters: Filters, limit: number): Found {
  const { since, until } = filters;
  const period = {
    limit,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
  const all = reader.count(period);
  const rows = reader.exchanges({ ...filters, limit });
  if (!isNarrowed(filters)) return { rows, matching: all, all };
  // What was not cut off needs no second search.
  return { rows, matching: rows.length < limit ? rows.length : reader.count({ ...filters, limit }), all };
}

/** Past requests as a table, for any command that lists some. */
export async function tableOf(rows: readonly Exchange[], context: Context): Promise<string> {
  const look = lookOf(context, context.stdout);
  return logTable(rows, { look, now: context.now(), utc: context.utc, served: await builtinNames() });
}

/** `3 of 61 requests in the last hour. Details: unorouter logs show 7k2n41` */
function footer({ rows, matching, all }: Found, words: string, narrowed: boolean, context: Context): string {
  const when = words === '' ? '' : ` ${words}`;
  if (all === 0) return `No requests${when === '' ? ' yet' : when}.`;
  const shown =
    rows.length < matching && narrowed ? `${exact(rows.length)} of ${exact(matching)} found in ` : '';
  const share = shown === '' && rows.length < all ? `${exact(rows.length)} of ` : '';
  const [first] = rows;
  const details = first
    ? ` Details: ${context.prefix} logs show ${ulidTail(rows.map(({ id }) => id)).get(first.id)}`
    : '';
  return `${shown}${share}${plural(all, 'request')}${when}.${details}`;
}
