import { type Exchange, exchangeJson } from '../../../exchange.ts';
import type { FeedEvent } from '../../../feed/index.ts';
import type { Context } from '../../context.ts';
import { jsonFields, jsonLine, lookOf } from '../../render/index.ts';
import { explain } from '../../render/log/explain.ts';
import { createLayout } from '../../render/log/layout.ts';
import { jsonLogLine, logfmtLine } from '../../render/log/lines.ts';
import { usageError } from '../../usage-error.ts';
import type { Served } from './served.ts';

/** Shows what the feed tells, as it comes. */
export interface RowPrinter {
  event(event: FeedEvent): void;
  /** Nothing more comes: the screen is left as it should stay. */
  end(): void;
}

type Format = 'table' | 'logfmt' | 'json';

/** Prints each finished exchange once: as a row of the live log on a screen, as a line of logfmt or JSON elsewhere. */
export function createRowPrinter(context: Context, served: Served): RowPrinter {
  const print = PRINTERS[formatOf(context)](context, served);
  return {
    event: ({ type, exchange }) => {
      if (type === 'finish') print(exchange);
    },
    end: () => undefined,
  };
}

const PRINTERS: { [F in Format]: (context: Context, served: Served) => (x: Exchange) => void } = {
  json: ({ json, stdout }) => {
    const fields = json ?? [];
    return (x) =>
      stdout.write(fields.length === 0 ? jsonLogLine(x) : jsonLine(jsonFields([exchangeJson(x)], fields)[0]));
  },
  logfmt:
    ({ stdout }) =>
    (x) =>
      stdout.write(logfmtLine(x)),
  table: rowsOn,
};

/** Rows under a header, which is printed again when another width brings other columns. */
function rowsOn(context: Context, served: Served): (x: Exchange) => void {
  const { stdout, utc, prefix } = context;
  let header = '';
  return (x) => {
    const look = lookOf(context, stdout);
    const layout = createLayout(look);
    const row = layout.row(x, { now: context.now(), utc, look, served });
    const notes = explain(x, prefix, look.glyphs).map(layout.note);
    const lines = layout.key === header ? [row, ...notes] : [layout.header, row, ...notes];
    header = layout.key;
    stdout.write(`${lines.join('\n')}\n`);
  };
}

const FORMATS: Readonly<Record<string, Format | 'auto'>> = {
  auto: 'auto',
  table: 'table',
  plain: 'table',
  logfmt: 'logfmt',
  json: 'json',
};

function formatOf({ json, env, stdout }: Context): Format {
  if (json) return 'json';
  const said = env.UNOROUTER_FORMAT || 'auto';
  const format = FORMATS[said];
  if (!format)
    throw usageError(
      `UNOROUTER_FORMAT is one of ${Object.keys(FORMATS).join(', ')}, not "${said}"`,
      'unset UNOROUTER_FORMAT',
    );
  if (format !== 'auto') return format;
  // A width that was asked for is a screen, whoever looks at it.
  return Number.isFinite(stdout.width()) ? 'table' : 'logfmt';
}
