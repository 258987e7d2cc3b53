import type { CacheLossRow } from '../../../ledger/index.ts';
import { flushed } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint, NOTHING_YET } from '../../hint.ts';
import { causeText } from '../../render/cache-break.ts';
import {
  type Column,
  csv,
  exact,
  jsonFields,
  jsonText,
  lookOf,
  sum,
  table,
  tokens,
} from '../../render/index.ts';
import type { SpendRequest } from './query.ts';

/** `spend --cache`: what lost prompt caches cost, and who lost them. */
export async function reportCacheLosses(
  context: Context,
  { period }: SpendRequest,
  asCsv: boolean,
): Promise<void> {
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  await flushed(context);
  const reader = await openLedgerReader(context.paths.ledgerFile);
  try {
    const rows = reader?.cacheLosses(period.since, period.until) ?? [];
    if (context.json)
      context.stdout.write(
        jsonText(
          jsonFields(
            rows.map((row) => ({ ...row })),
            context.json,
          ),
        ),
      );
    else if (asCsv)
      context.stdout.write(
        csv(
          rows.map((row) => ({ ...row })),
          FIELDS,
        ),
      );
    else if (rows.length > 0) context.stdout.write(table(COLUMNS, rows, lookOf(context, context.stdout)));
    if (!reader) hint(context, NOTHING_YET);
    else if (!context.json && !asCsv) hint(context, tail(rows, period.words, context.prefix));
  } finally {
    reader?.close();
  }
}

const FIELDS = [
  'part',
  'by',
  'requests',
  'tokens',
  'costNanoUsd',
  'unpriced',
] as const satisfies readonly (keyof CacheLossRow)[];

const COLUMNS: readonly Column<CacheLossRow>[] = [
  { title: 'PROMPT CACHE LOST', cell: causeText, shrink: 20 },
  { title: 'REQ', cell: ({ requests }) => exact(requests), align: 'right', drop: 1 },
  { title: 'READ ANEW', cell: (row) => tokens(row.tokens), align: 'right', drop: 2 },
  {
    title: 'COST MORE',
    cell: ({ costNanoUsd, unpriced }) => `${sum(costNanoUsd)}${unpriced > 0 ? ' + ?' : ''}`,
    align: 'right',
  },
];

function tail(rows: readonly CacheLossRow[], words: string, prefix: string): string {
  const when = words === '' ? '' : ` ${words}`;
  return rows.length === 0
    ? `No prompt cache was lost${when}, as far as providers report it.`
    : `Which requests: ${prefix} logs show, and the lines below rows of ${prefix} serve.`;
}
