import Table from 'cli-table3';
import type { Look } from './look.ts';
import { cut, safeText, widthOf } from './text.ts';

/** One column of a table. */
export interface Column<Row> {
  title: string;
  /** The cell's text; made safe here, so it may come from anywhere. */
  cell(row: Row): string;
  align?: 'left' | 'right';
  /** On a narrow screen columns leave in this order, lowest first; without it the column stays. */
  drop?: number;
  /** The column may be cut down to this many columns, with an ellipsis. */
  shrink?: number;
  /** Colours a cell that is already laid out. */
  paint?(text: string, row: Row, look: Look): string;
}

interface Laid<Row> {
  column: Column<Row>;
  cells: string[];
  width: number;
}

const GAP = 1;

/**
 * Rows under their titles, columns as wide as their content. Where that is too wide for the screen, columns that may
 * shrink do, then columns leave by their `drop` number. A piped table (infinite width) is complete.
 */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], look: Look): string {
  let laid = columns.map((column) => layOut(column, rows));
  while (widthOfAll(laid) - shrinkable(laid) > look.width) {
    const next = firstToDrop(laid);
    if (!next) break;
    laid = laid.filter((one) => one !== next);
  }
  shrink(laid, widthOfAll(laid) - look.width);
  const out = new Table({
    ...PLAIN,
    colWidths: laid.map(({ width }) => width),
    colAligns: laid.map(alignOf),
  });
  if (columns.some((column) => column.title !== ''))
    out.push(laid.map(({ column, width }) => look.style.dim(cut(column.title, width))));
  for (const [r, row] of rows.entries())
    out.push(
      laid.map(({ column, cells, width }) => {
        const text = cut(cells[r] ?? '', width, look.glyphs.ellipsis);
        return column.paint ? column.paint(text, row, look) : text;
      }),
    );
  return out.length === 0 ? '' : `${out.toString().split('\n').map(trimmed).join('\n')}\n`;
}

/** No lines and no padding but one blank between columns: it should also be good to read through a pipe. */
const PLAIN = {
  chars: {
    ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
    ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
    ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: ' ' },
  },
  style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
};

const alignOf = <Row>({ column }: Laid<Row>): 'left' | 'right' => column.align ?? 'left';

/** Trailing blanks help nobody, and wrap on a terminal that is exactly as wide. */
const trimmed = (line: string): string => line.trimEnd();

function layOut<Row>(column: Column<Row>, rows: readonly Row[]): Laid<Row> {
  const cells = rows.map((row) => safeText(column.cell(row)));
  return {
    column,
    cells,
    width: cells.reduce((most, cell) => Math.max(most, widthOf(cell)), widthOf(column.title)),
  };
}

function widthOfAll<Row>(laid: readonly Laid<Row>[]): number {
  return laid.reduce((total, { width }) => total + width + GAP, -GAP);
}

const least = <Row>({ column, width }: Laid<Row>): number => Math.min(width, column.shrink ?? width);

function shrinkable<Row>(laid: readonly Laid<Row>[]): number {
  return laid.reduce((total, one) => total + one.width - least(one), 0);
}

function firstToDrop<Row>(laid: readonly Laid<Row>[]): Laid<Row> | undefined {
  return laid
    .filter(({ column }) => column.drop !== undefined)
    .sort((a, b) => (a.column.drop ?? 0) - (b.column.drop ?? 0))[0];
}

/** Takes columns away, one at a time, from the widest that may still shrink. */
function shrink<Row>(laid: readonly Laid<Row>[], excess: number): void {
  for (let left = excess; left > 0 && Number.isFinite(left); left--) {
    const widest = laid.filter((one) => one.width > least(one)).sort((a, b) => b.width - a.width)[0];
    if (!widest) return;
    widest.width--;
  }
}
