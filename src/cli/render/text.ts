import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/**
 * Characters that a terminal obeys or hides: C0, C1, DEL, bidirectional controls, zero-width and tag characters, line
 * separators, lone surrogates, and the four Hangul fillers that are letters without a shape.
 */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/gu;
const PLAIN = /^[\x20-\x7e]*$/;
/** One column each: Latin letters, and the signs that we draw. For these nobody waits for the tables of all others (50 ms). */
const NARROW = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u024f–…→↳─▁-█●○▲▸✗]*$/;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text from outside (models, providers, clients, files), made safe for a terminal: what would be obeyed or hidden is
 * written out (`\x1b`, `\u{202e}`). With a width it is cut to that many columns.
 */
export function safeText(text: string, width = Number.POSITIVE_INFINITY, ellipsis = '…'): string {
  const shown = PLAIN.test(text) ? text : text.replace(UNSEEN, written);
  return cut(shown, width, ellipsis);
}

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return (
    NAMED[character] ??
    (code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`)
  );
}

/** Columns that a text takes; colours take none. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  const shown = stripVTControlCharacters(text);
  return NARROW.test(shown) ? shown.length : stringWidth(text);
}

/** Cuts a text without colours to a number of columns; never through a character. */
export function cut(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width) return text;
  const room = width - widthOf(ellipsis);
  if (room < 0) return ellipsis.slice(0, Math.max(0, width));
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += widthOf(segment);
    if (used > room) break;
    kept += segment;
  }
  return kept + ellipsis;
}

/** Fills a text up to a number of columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const gap = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? gap + text : text + gap;
}

/** Breaks a text without colours at spaces, so that every line fits; words that are too long stay whole. */
export function wrap(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\s)(?=\S)/)) {
    if (line !== '' && widthOf((line + word).trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}
