import type { Exchange } from '../../../exchange.ts';
import type { Look } from '../look.ts';
import { pad, safeText } from '../text.ts';
import { COLUMNS, type LogColumn, MODEL, type RowContext } from './columns.ts';

/** Below this many columns the narrow forms are used. */
const NARROW = 80;
/** The width of a log that nobody looks at, where nothing is cut. */
const UNBOUNDED = 120;
const WIDEST_MODEL = 48;

/** How rows are laid out on a screen of one width. */
export interface Layout {
  /** Which columns there are: a changed key calls for a new header. */
  key: string;
  header: string;
  row(exchange: Exchange, row: RowContext): string;
  /** A line that explains the row above it. */
  note(text: string): string;
}

/** Lays out the live log: columns leave until the rest fits, the model's name takes what remains. */
export function createLayout(look: Look): Layout {
  const bounded = Number.isFinite(look.width);
  const width = bounded ? look.width : UNBOUNDED;
  const columns = fitting(width < NARROW ? COLUMNS.narrow : COLUMNS.wide, width);
  const model = Math.min(WIDEST_MODEL, MODEL.width + Math.max(0, width - widthOfAll(columns)));
  const widthIn = (column: LogColumn): number => (column === MODEL ? model : column.width);
  const indent = ' '.repeat(noteIndent(columns));
  const line = (cells: string[]): string => cells.join(' ').trimEnd();
  return {
    key: `${columns.map((column) => column.title).join()} ${model}`,
    header: look.style.dim(line(columns.map((c) => pad(c.title, widthIn(c), c.align)))),
    row: (exchange, row) =>
      line(
        columns.map((column) => {
          const most = bounded ? widthIn(column) : undefined;
          const cell = safeText(column.cell(exchange, row), most, look.glyphs.ellipsis);
          const text = pad(cell, widthIn(column), column.align);
          return column.paint ? column.paint(text, exchange, row) : text;
        }),
      ),
    note: (text) => {
      const { because, ellipsis } = look.glyphs;
      const room = bounded ? width - indent.length - because.length - 1 : undefined;
      return look.style.dim(`${indent}${because} ${safeText(text, room, ellipsis)}`);
    },
  };
}

function fitting(columns: readonly LogColumn[], width: number): readonly LogColumn[] {
  if (widthOfAll(columns) <= width) return columns;
  const next = columns
    .filter((column) => column.drop !== undefined)
    .sort((a, b) => (a.drop ?? 0) - (b.drop ?? 0))[0];
  return next
    ? fitting(
        columns.filter((column) => column !== next),
        width,
      )
    : columns;
}

function widthOfAll(columns: readonly LogColumn[]): number {
  return columns.reduce((total, column) => total + column.width + 1, -1);
}

/** Notes begin where the model's name does. */
function noteIndent(columns: readonly LogColumn[]): number {
  return widthOfAll(columns.slice(0, columns.indexOf(MODEL))) + 1;
}
