import { Chalk, type ChalkInstance } from 'chalk';
import type { Context, Screen } from '../context.ts';

/** The signs that are drawn around text; every one is one column wide, but the ASCII arrow and ellipsis are two. */
export interface Glyphs {
  /** Ready, not set, attention, failed. */
  dot: string;
  circle: string;
  warn: string;
  cross: string;
  arrow: string;
  /** Starts a line that explains the row above. */
  because: string;
  /** A live row. */
  live: string;
  /** Not known, or nothing. */
  none: string;
  full: string;
  empty: string;
  rule: string;
  ellipsis: string;
  /** Between two facts of one line. */
  sep: string;
  times: string;
}

const UNICODE: Glyphs = {
  dot: '●',
  circle: '○',
  warn: '▲',
  cross: '✗',
  arrow: '→',
  because: '↳',
  live: '▸',
  none: '–',
  full: '▇',
  empty: '▁',
  rule: '─',
  ellipsis: '…',
  sep: '·',
  times: '×',
};

const ASCII: Glyphs = {
  dot: '*',
  circle: 'o',
  warn: '!',
  cross: 'x',
  arrow: '->',
  because: '>',
  live: '>',
  none: '-',
  full: '=',
  empty: '.',
  rule: '-',
  ellipsis: '..',
  sep: '|',
  times: 'x',
};

/** How text is drawn on one screen. Colours are the 16 of ANSI, and carry no meaning alone. */
export interface Look {
  /** Columns; Infinity = nothing is cut or dropped. */
  width: number;
  style: ChalkInstance;
  glyphs: Glyphs;
}

/** A look from its parts. */
export function createLook(parts: { width: number; color: boolean; ascii: boolean }): Look {
  return {
    width: parts.width,
    style: new Chalk({ level: parts.color ? 1 : 0 }),
    glyphs: parts.ascii ? ASCII : UNICODE,
  };
}

/** The look of a screen as wide as it is now. */
export function lookOf(context: Context, screen: Screen): Look {
  return createLook({ width: screen.width(), color: screen.color, ascii: context.ascii });
}
