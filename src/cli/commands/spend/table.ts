import { isTime, type SpendDimension } from '../../../ledger/index.ts';
import {
  type Column,
  exact,
  type Look,
  pad,
  percent,
  safeText,
  table,
  tokens,
  widthOf,
  wrap,
} from '../../render/index.ts';
import type { Clock } from '../../since.ts';
import { bars } from './bars.ts';
import { footerLines } from './footer.ts';
import { costCell, dayLabel, title, unpricedNote, weekLabel } from './labels.ts';
import type { Outlook } from './outlook.ts';
import type { SpendRequest } from './query.ts';
import type { Spending, Sums } from './sums.ts';
import type { Other, WhatIf } from './what-if.ts';

/** What the table needs besides the numbers. */
export interface SpendContext extends Clock {
  look: Look;
  /** Bars are wanted; a pipe gets none. */
  bars: boolean;
  outlook: Outlook | null;
  /** The same tokens on another model; null = not asked for. */
  other: WhatIf | null;
}

/** A line of the table: a group, or (with no key) all of them together. */
interface Line {
  key: (string | null)[] | null;
  sums: Sums;
  other: Other | null;
}

type SpendColumn = Column<Line>;

/** Below this many columns only names, costs and bars are shown. */
const NARROW = 80;
/** Room that names leave to bars on a narrow screen, as long as they have this much themselves. */
const BAR_ROOM = 12;
const LEAST_ROOM = 32;
const GAP = '  ';

/** Title, one line a group, and the total. On a screen bars stand where the table leaves room. */
export function spendTable(request: SpendRequest, spending: Spending, context: SpendContext): string {
  const { look, other } = context;
  const brief = look.width < NARROW && context.bars;
  const groups = spending.rows.map(({ key, ...sums }) => ({ key, sums, other: other?.of(key) ?? null }));
  const lines: Line[] = [...groups, { key: null, sums: spending.total, other: other?.total ?? null }];
  const labels = labelColumns(request.by, groups.length, context);
  const columns = brief
    ? [...labels, costColumn('')]
    : [...labels, ...numberColumns(request.by, spending.total, look), ...otherColumns(other)];
  const room = brief ? Math.min(look.width, Math.max(LEAST_ROOM, look.width - BAR_ROOM)) : look.width;
  const body = table(columns, lines, { ...look, width: room })
    .trimEnd()
    .split('\n');
  // Brief tables have no line of titles.
  const head = body.length - lines.length;
  const width = Math.max(...body.map(widthOf));
  const drawn = context.bars ? bars(request, spending.rows, context, width + GAP.length) : [];
  const beside = [...Array.from({ length: head }, () => ''), ...drawn];
  return [
    ...title(request, context, brief),
    ...body.slice(0, -1).map((line, i) => (beside[i] ? `${pad(line, width)}${GAP}${beside[i]}` : line)),
    ...totalLines(body.at(-1) ?? '', spending.total, look, width),
    ...otherLines(other, look),
    ...footerLines(spending.total, context.outlook, look),
    '',
  ].join('\n');
}

function labelColumns(
  by: readonly SpendDimension[],
  count: number,
  { look, now, utc, bars }: SpendContext,
): SpendColumn[] {
  const brief = look.width < NARROW && bars;
  const cellOf = (dimension: SpendDimension, value: string | null): string => {
    if (value === null) return '(none)';
    if (dimension === 'week') return weekLabel(value, { now, utc, width: look.width, count });
    return dimension === 'day' ? dayLabel(value, { now, utc, width: look.width, count }) : value;
  };
  return by.map((dimension, i) => ({
    title: brief ? '' : dimension.toUpperCase(),
    cell: ({ key }) => (key === null ? (i === 0 ? 'Total' : '') : cellOf(dimension, key[i] ?? null)),
    // Days are numbers too, and are never cut.
    ...(isTime(dimension) ? {} : { shrink: 6 }),
  }));
}

function numberColumns(by: readonly SpendDimension[], total: Sums, { glyphs }: Look): SpendColumn[] {
  const share: SpendColumn = {
    title: 'SHARE',
    align: 'right',
    cell: ({ key, sums }) =>
      key === null || sums.costNanoUsd === 0
        ? key === null
          ? ''
          : glyphs.none
        : percent(sums.costNanoUsd, total.costNanoUsd, glyphs.none),
    drop: 4,
  };
  return [
    { title: 'REQ', align: 'right', cell: ({ sums }) => exact(sums.requests), drop: 1 },
    { title: 'IN', align: 'right', cell: ({ sums }) => tokens(sums.input), drop: 2 },
    {
      title: 'CACHED',
      align: 'right',
      cell: ({ sums }) => percent(sums.cacheRead, sums.input, glyphs.none),
      drop: 3,
    },
    { title: 'OUT', align: 'right', cell: ({ sums }) => tokens(sums.output), drop: 5 },
    costColumn('COST'),
    ...(by.some(isTime) ? [] : [share]),
  ];
}

/** What has no price is marked in its row, and counted beside the total. */
function costColumn(name: string): SpendColumn {
  return {
    title: name,
    align: 'right',
    cell: ({ key, sums }) => costCell(sums, key === null),
    paint: (text, { sums }, { style }) => (sums.unpriced > 0 ? style.yellow(text) : text),
  };
}

/** What the same tokens would have cost, and how much more or less that is. */
function otherColumns(whatIf: WhatIf | null): SpendColumn[] {
  if (!whatIf) return [];
  return [
    {
      title: 'THERE',
      align: 'right',
      cell: ({ other, sums }) => (sums.requests > 0 && other ? otherCell(other) : ''),
    },
    {
      title: 'CHANGE',
      align: 'right',
      cell: ({ other, sums }) => (sums.requests > 0 && other ? change(other.nanoUsd, sums.costNanoUsd) : ''),
      drop: 6,
    },
  ];
}

function otherCell({ nanoUsd, unpriced, estimated }: Other): string {
  return costCell({ costNanoUsd: nanoUsd, unpriced, estimated }, false);
}

/** `-41%`, `+12%`; a dash where there is nothing to compare with. */
function change(there: number, here: number): string {
  if (here === 0) return '';
  const percent = Math.round((there / here - 1) * 100);
  return `${percent > 0 ? '+' : ''}${percent}%`;
}

function otherLines(whatIf: WhatIf | null, { width }: Look): string[] {
  if (!whatIf) return [];
  return [
    '',
    ...wrap(`THERE: the same tokens on ${safeText(whatIf.model)}, at its list price of the time.`, width),
  ];
}

/** The total, and beside it (below it where there is no room) how much it lacks. */
function totalLines(line: string, total: Sums, { width: screen }: Look, width: number): string[] {
  if (total.unpriced === 0) return [line];
  const notes = unpricedNote(total.unpriced);
  const beside = notes.find((text) => width + GAP.length + text.length <= screen);
  if (beside) return [`${pad(line, width)}${GAP}${beside}`];
  return [line, notes.find((text) => text.length <= screen) ?? notes[1]];
}
