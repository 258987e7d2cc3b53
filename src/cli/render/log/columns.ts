import { isBudgetName } from '../../../config/index.ts';
import type { Exchange, Outcome } from '../../../exchange.ts';
import type { Look } from '../look.ts';
import { safeText } from '../text.ts';
import { clock, money, shortDuration, tokens } from '../units.ts';

/** What cells need besides the exchange. */
export interface RowContext {
  /** ms since 1970: live rows count up to it. */
  now: number;
  utc: boolean;
  look: Look;
  /** The served model as it is shown: with its provider in front when that is not the maker. */
  served(provider: string, model: string): string;
}

/** One column of the live log. Widths are fixed, because rows that are printed are never touched again. */
export interface LogColumn {
  title: string;
  width: number;
  align: 'left' | 'right';
  /** Leaves a narrow screen in this order, lowest first. */
  drop?: number;
  cell(exchange: Exchange, row: RowContext): string;
  paint?(text: string, exchange: Exchange, row: RowContext): string;
}

const isLive = (x: Exchange): boolean => x.outcome === 'open';

const totalMs = (x: Exchange, now: number): number | null =>
  x.totalMs ?? (isLive(x) ? Math.max(0, now - x.time) : null);

/** Words in the place of an HTTP status, for ends that have none or whose status says something else. */
const ENDS: Partial<Record<Outcome, string>> = {
  client_aborted: 'ABT',
  upstream_cut: 'CUT',
  interrupted: 'INT',
};

/** What stands under ST: `200`, `ABT` (the client went away), `CUT` (the upstream broke off), `INT` (we were killed), `ERR`. */
export function statusText(x: Exchange): string {
  return ENDS[x.outcome] ?? (x.status === null ? 'ERR' : String(x.status));
}

/** One sign while waiting for the first content, three while streaming. */
function liveStatus(x: Exchange, live: string): string {
  return live.repeat(x.ttftMs === null ? 1 : 3);
}

/**
 * Number of attempts, and how the request went on after one that failed: `2r` same provider, `2f` another; `d` = a budget
 * had sent it to another model.
 */
export function tries(x: Exchange): string {
  const [first] = x.attempts;
  const fellBack = x.attempts.some((a) => a.provider !== first?.provider || a.model !== first?.model);
  const downgraded = isBudgetName(x.rule) ? 'd' : '';
  return `${x.attempts.length}${fellBack ? 'f' : x.attempts.length > 1 ? 'r' : ''}${downgraded}`;
}

/** Who served it, else what was asked. */
export function servedName(x: Exchange, row: Pick<RowContext, 'served'>): string {
  if (x.provider === null || x.model === null) return x.asked;
  return row.served(x.provider, x.model);
}

function perSecond(x: Exchange, { now, look }: RowContext): string {
  const total = totalMs(x, now);
  const streamedMs = total === null || x.ttftMs === null ? 0 : total - x.ttftMs;
  if (x.usage.output === undefined || streamedMs < SHORTEST_STREAM_MS) return look.glyphs.none;
  return tokens(Math.round((x.usage.output / streamedMs) * 1000));
}

/** Below this the quotient says nothing: the whole answer came in one piece. */
const SHORTEST_STREAM_MS = 50;

function paintStatus(text: string, x: Exchange, { look: { style } }: RowContext): string {
  if (isLive(x) || x.outcome === 'client_aborted') return text;
  if (x.outcome === 'ok' && (x.status ?? 0) < 400) return text;
  return x.status !== null && x.status >= 400 && x.status < 500 ? style.yellow(text) : style.red(text);
}

const WELL_CACHED = 0.8;
const PARTLY_CACHED = 0.2;

function paintCached(text: string, { usage }: Exchange, { look: { style } }: RowContext): string {
  const share = usage.input ? (usage.cacheRead ?? 0) / usage.input : 0;
  return share >= WELL_CACHED ? style.green(text) : share >= PARTLY_CACHED ? style.yellow(text) : text;
}

const NOTABLE_NANO_USD = 500_000_000;
const EXPENSIVE_NANO_USD = 1_000_000_000;

function paintCost(text: string, { cost }: Exchange, { look: { style } }: RowContext): string {
  if (cost.state === 'unknown') return style.yellow(text);
  const nano = cost.nanoUsd ?? 0;
  const strong = nano >= NOTABLE_NANO_USD ? style.bold(text) : text;
  return nano >= EXPENSIVE_NANO_USD ? style.yellow(strong) : strong;
}

const dim = (text: string, _x: Exchange, { look: { style } }: RowContext): string => style.dim(text);
const none = (row: RowContext): string => row.look.glyphs.none;

/** Costs of live rows are estimates once there is anything to count. */
function costText(x: Exchange, row: RowContext): string {
  if (isLive(x) && x.cost.nanoUsd === null) return none(row);
  return money(x.cost.nanoUsd, isLive(x) && x.cost.state === 'exact' ? 'estimate' : x.cost.state, none(row));
}

const TIME: LogColumn = {
  title: 'TIME',
  width: 8,
  align: 'left',
  cell: (x, { utc }) => clock(x.time, utc),
  paint: dim,
};

const SHORT_TIME: LogColumn = { ...TIME, width: 5, drop: 9, cell: (x, { utc }) => clock(x.time, utc, true) };

/** Takes what is left of the width; the number here is its least. */
export const MODEL: LogColumn = {
  title: 'MODEL',
  width: 18,
  align: 'left',
  cell: servedName,
  paint: (text, x, { look: { style } }) => (isLive(x) ? style.bold(text) : text),
};

const TRY: LogColumn = { title: 'TRY', width: 3, align: 'left', cell: tries };

/** On a narrow screen only what is out of the ordinary. */
const SHORT_TRY: LogColumn = {
  title: '',
  width: 2,
  align: 'left',
  drop: 6,
  cell: (x) => (x.attempts.length > 1 || isBudgetName(x.rule) ? tries(x).slice(0, 2) : ''),
};

const MIDDLE: readonly LogColumn[] = [
  {
    title: 'ST',
    width: 3,
    align: 'right',
    cell: (x, row) => (isLive(x) ? liveStatus(x, row.look.glyphs.live) : statusText(x)),
    paint: paintStatus,
  },
  { title: 'IN', width: 5, align: 'right', drop: 8, cell: (x, row) => tokens(x.usage.input, none(row)) },
  {
    title: 'CACHED',
    width: 6,
    align: 'right',
    drop: 2,
    cell: (x, row) => tokens(x.usage.cacheRead, none(row)),
    paint: paintCached,
  },
  { title: 'OUT', width: 5, align: 'right', drop: 7, cell: (x, row) => tokens(x.usage.output, none(row)) },
  { title: 'RSN', width: 5, align: 'right', drop: 3, cell: (x, row) => tokens(x.usage.reasoning, none(row)) },
  { title: 'COST', width: 7, align: 'right', cell: costText, paint: paintCost },
  {
    title: 'TTFT',
    width: 5,
    align: 'right',
    drop: 4,
    cell: (x, row) => shortDuration(x.ttftMs, 2, none(row)),
  },
  {
    title: 'TOTAL',
    width: 5,
    align: 'right',
    drop: 10,
    cell: (x, row) => shortDuration(totalMs(x, row.now), 1, none(row)),
  },
  { title: 'TOK/S', width: 5, align: 'right', drop: 5, cell: perSecond },
];

const AGENT: LogColumn = {
  title: 'AGENT',
  width: 8,
  align: 'left',
  drop: 1,
  cell: (x, row) => safeText(x.agent ?? none(row)),
  paint: dim,
};

/** All columns of a wide and of a narrow screen, in order. */
export const COLUMNS = {
  wide: [TIME, AGENT, MODEL, ...MIDDLE, TRY],
  narrow: [SHORT_TIME, AGENT, MODEL, ...MIDDLE, SHORT_TRY],
} as const satisfies Record<string, readonly LogColumn[]>;

/** The legend, in the help of `serve`. */
export const LEGEND: readonly string[] = [
  'MODEL   what served, which is what is billed; its provider in front when that is not the maker',
  'ST      HTTP status; ABT the client went away, CUT the upstream broke off, ERR no answer',
  'IN      all prompt tokens, CACHED of them read from the provider’s prompt cache',
  'OUT     all generated tokens, RSN of them reasoning',
  'COST    ~ estimate, ? no price known, local/free/demo nothing billed, – nothing used',
  'TTFT    first content to the agent; TOTAL whole request with our retries; TOK/S in between',
  'TRY     attempts; r retried at the same provider, f fell back to another target, d sent elsewhere by a budget',
];
