import { once } from 'node:events';
import { exchangeJson } from '../../../exchange.ts';
import { flushed } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint, NOTHING_YET } from '../../hint.ts';
import { oneOf } from '../../log-view.ts';
import { jsonLine } from '../../render/index.ts';
import { logsCsv } from './fields.ts';
import { type LogOptions, readFilters } from './filters.ts';

/** Flags of `logs export` as they were typed. */
export interface ExportOptions
  extends Pick<LogOptions, 'since' | 'until' | 'agent' | 'provider' | 'project'> {
  format: string;
}

/** `logs export`: everything that has ended and matches, page by page, as fast as the reader takes it. */
export async function exportLogs(context: Context, options: ExportOptions): Promise<void> {
  const format = oneOf(['jsonl', 'csv'], '--format', options.format, '{cmd} logs export --help');
  const { filters } = readFilters(options, { now: context.now(), utc: context.utc });
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  await flushed(context);
  const reader = await openLedgerReader(context.paths.ledgerFile);
  const { stream } = context.stdout;
  const write = async (text: string): Promise<void> => {
    if (!stream.write(text)) await once(stream, 'drain');
  };
  if (format === 'csv') await write(logsCsv([]));
  if (!reader) {
    hint(context, NOTHING_YET);
    return;
  }
  try {
    for (const page of reader.pages({ ...filters, limit: Number.POSITIVE_INFINITY })) {
      const ended = page.filter(({ outcome }) => outcome !== 'open');
      const lines =
        format === 'csv' ? withoutHead(logsCsv(ended)) : ended.map((x) => jsonLine(exchangeJson(x))).join('');
      await write(lines);
    }
  } finally {
    reader.close();
  }
}

/** Only the first page has the names of the columns, which hold no line break. */
const withoutHead = (csv: string): string => csv.slice(csv.indexOf('\n') + 1);
