import type { Context, Screen } from '../../context.ts';
import { type Glyphs, lookOf, safeText, wrap } from '../../render/index.ts';

const COLOURS = { dot: 'green', circle: 'dim', warn: 'yellow', cross: 'red' } as const;

/** The signs that sentences start with. */
export type Sign = keyof typeof COLOURS & keyof Glyphs;

/** Writes one sentence behind its sign; lines that follow stand under the first. */
export function say(context: Context, screen: Screen, sign: Sign, text: string): void {
  const { glyphs, style, width } = lookOf(context, screen);
  const lines = wrap(safeText(text).replaceAll('…', glyphs.ellipsis), width - 2);
  const head = `${style[COLOURS[sign]](glyphs[sign])} `;
  screen.write(lines.map((line, i) => `${i === 0 ? head : '  '}${line}\n`).join(''));
}

/** Writes a hint; nothing with `-q`. */
export function hint(context: Context, text: string): void {
  if (context.quiet) return;
  const { glyphs, width } = lookOf(context, context.stderr);
  for (const line of wrap(safeText(text).replaceAll('…', glyphs.ellipsis), width))
    context.stderr.write(`${line}\n`);
}
