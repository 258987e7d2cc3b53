import type { Exchange } from '../../../exchange.ts';
import { type Column, clock, day, type Look, money, table, tokens, ulidTail } from '../../render/index.ts';
import { servedName, statusText, tries } from '../../render/log/columns.ts';
import { askedAndServed, type Served } from './served.ts';

/** What a table of past requests needs besides the rows. */
export interface TableContext {
  look: Look;
  /** ms since 1970 */
  now: number;
  utc: boolean;
  served: Served;
}

type LogColumn = Column<Exchange>;

/** Below this many columns the narrow form is used. */
const NARROW = 80;

/** Past requests in the order given. Ids are the shortest tails that tell these rows apart. */
export function logTable(rows: readonly Exchange[], context: TableContext): string {
  const { look } = context;
  const narrow = look.width < NARROW;
  const columns = [
    idColumn(rows),
    timeColumn(rows, context, narrow),
    ...(narrow ? [modelColumn(context)] : [agentColumn(look), askedColumn(context)]),
    statusColumn(look),
    ...(narrow ? [] : tokenColumns(look)),
    costColumn(look),
    { title: 'TRY', cell: tries, drop: 1 },
  ];
  return table(columns, rows, look);
}

function idColumn(rows: readonly Exchange[]): LogColumn {
  const tails = ulidTail(rows.map(({ id }) => id));
  return { title: 'ID', cell: ({ id }) => tails.get(id) ?? id, drop: 5 };
}

/** The date stands beside the time as soon as one row is not of today. Nobody's terminal: RFC 3339. */
function timeColumn(rows: readonly Exchange[], { look, now, utc }: TableContext, narrow: boolean): LogColumn {
  const today = day(now, utc);
  const dated = rows.some(({ time }) => day(time, utc) !== today);
  const date = (time: number): string => (dated ? `${day(time, utc).slice(narrow ? 5 : 0)} ` : '');
  return {
    title: 'TIME',
    cell: ({ time }) =>
      look.width === Number.POSITIVE_INFINITY
        ? new Date(time).toISOString()
        : `${date(time)}${clock(time, utc, narrow)}`,
    drop: 4,
    paint: (text) => look.style.dim(text),
  };
}

function agentColumn({ style, glyphs }: Look): LogColumn {
  return {
    title: 'AGENT',
    cell: ({ agent }) => agent ?? glyphs.none,
    shrink: 8,
    drop: 2,
    paint: (text) => style.dim(text),
  };
}

function askedColumn({ look, served }: TableContext): LogColumn {
  const { arrow } = look.glyphs;
  return { title: `ASKED ${arrow} SERVED`, cell: (x) => askedAndServed(x, served, arrow), shrink: 16 };
}

function modelColumn({ served }: TableContext): LogColumn {
  return { title: 'MODEL', cell: (x) => servedName(x, { served }), shrink: 6 };
}

function statusColumn({ glyphs, style }: Look): LogColumn {
  return {
    title: 'ST',
    align: 'right',
    cell: (x) => (x.outcome === 'open' ? glyphs.live.repeat(3) : statusText(x)),
    paint: (text, x) => {
      if (x.outcome === 'ok' || x.outcome === 'open' || x.outcome === 'client_aborted') return text;
      return x.outcome === 'error' && x.status !== null && x.status < 500
        ? style.yellow(text)
        : style.red(text);
    },
  };
}

function tokenColumns({ glyphs }: Look): LogColumn[] {
  return [
    { title: 'IN', align: 'right', cell: ({ usage }) => tokens(usage.input, glyphs.none), drop: 3 },
    { title: 'OUT', align: 'right', cell: ({ usage }) => tokens(usage.output, glyphs.none), drop: 3 },
  ];
}

function costColumn({ glyphs, style }: Look): LogColumn {
  return {
    title: 'COST',
    align: 'right',
    // A request that is still open has no price yet; that is not the same as none known.
    cell: ({ cost, outcome }) =>
      outcome === 'open' && cost.nanoUsd === null
        ? glyphs.none
        : money(cost.nanoUsd, cost.state, glyphs.none),
    paint: (text, { cost, outcome }) =>
      cost.state === 'unknown' && outcome !== 'open' ? style.yellow(text) : text,
  };
}
