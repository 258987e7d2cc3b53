import type { Exchange } from '../../../exchange.ts';
import { breakCause, breakPrice } from '../../render/cache-break.ts';
import { clock, day, type Look, pad, safeText, widthOf, wrap } from '../../render/index.ts';
import type { BillLine } from './bill.ts';

/** What the description of a request needs besides the request. */
export interface DetailContext {
  look: Look;
  /** ms since 1970 */
  now: number;
  utc: boolean;
  /** How this program is called. */
  prefix: string;
  ascii: boolean;
  /** What its cost is made of, as far as that is known. */
  bill: readonly BillLine[];
}

/** A label and what stands beside it. */
export interface Section {
  label: string;
  lines: string[];
  /** Lines that are laid out to the column and must not be broken. */
  fixed?: boolean;
}

/** The start; with its date when that is not today. */
export function startText({ time }: Exchange, { now, utc }: DetailContext): string {
  const date = day(time, utc);
  return `${date === day(now, utc) ? '' : `${date} `}${clock(time, utc)}`;
}

/** What was lost, left out and what went wrong; the same in both forms. */
export function troubles({ cacheBreak, losses, errorCode, errorMessage }: Exchange): Section[] {
  return [
    {
      label: 'Cache',
      lines: cacheBreak
        ? [`lost: ${safeText(breakCause(cacheBreak))}`, safeText(breakPrice(cacheBreak))]
        : [],
    },
    { label: 'Left out', lines: losses.map((loss) => safeText(loss)) },
    {
      label: 'Error',
      lines: [errorCode, errorMessage].filter((part) => part !== null).map((part) => safeText(part)),
    },
  ];
}

/** Labels dim, texts broken to the width; a section without lines is left out. */
export function printSections(sections: readonly Section[], indent: number, look: Look): string {
  const room = look.width - indent;
  return sections
    .flatMap(({ label, lines, fixed }) => {
      const broken = fixed ? lines : lines.flatMap((line) => brokenLines(line, room));
      return broken.map((line, i) => {
        const head = i === 0 ? look.style.dim(pad(label, indent)) : ' '.repeat(indent);
        return `${`${head}${line}`.trimEnd()}\n`;
      });
    })
    .join('');
}

/** As wrap, and words that are too long for a line are broken as well. */
export function brokenLines(text: string, width: number): string[] {
  return wrap(text, width).flatMap((line) => {
    if (widthOf(line) <= width) return [line];
    const parts: string[] = [];
    let part = '';
    for (const { segment } of new Intl.Segmenter().segment(line)) {
      if (widthOf(part + segment) > width) {
        parts.push(part);
        part = '';
      }
      part += segment;
    }
    return [...parts, part];
  });
}

/** Parts with a separator between them, on as many lines as it takes; a part that fits is never broken. */
export function flow(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.length === 0 ? part : `${lines.at(-1)}${separator}${part}`;
    if (lines.length > 0 && widthOf(line) <= width) lines.splice(-1, 1, line);
    else lines.push(part);
  }
  return lines.flatMap((line) => brokenLines(line, width));
}
