import { type Look, safeText, sum } from '../../render/index.ts';
import { flow } from '../logs/sections.ts';
import { LEAST_SHOWN_NANO } from './labels.ts';
import type { Outlook } from './outlook.ts';
import type { Sums } from './sums.ts';

const NARROW = 80;
const LABEL = 8;

/** An amount in words: in full, and for narrow screens. */
type Phrase = readonly [sum: keyof Sums, words: string, brief: string];

const SAVED: readonly Phrase[] = [
  ['savedByCacheNanoUsd', 'by provider prompt caches', 'caches'],
  ['savedByRouteNanoUsd', 'by your routes', 'routes'],
];
/** The same below 0: writing to a cache costs, too, and another model may be dearer than the one asked for. */
const LOST: readonly Phrase[] = [
  ['savedByCacheNanoUsd', 'for what was written to prompt caches', 'caches'],
  ['savedByRouteNanoUsd', 'by your routes, over what was asked for', 'routes'],
];
const WASTED: readonly Phrase[] = [['retryNanoUsd', 'for attempts that gave no answer', 'retries']];

/** Below the table: what was saved, what was paid on top, where it goes from here. A line that has nothing to say is left out. */
export function footerLines(total: Sums, outlook: Outlook | null, look: Look): string[] {
  const brief = look.width < NARROW;
  const said = (phrases: readonly Phrase[], sign: 1 | -1): string[] =>
    phrases.flatMap(([name, words, short]) => {
      const amount = total[name] * sign;
      return amount >= LEAST_SHOWN_NANO ? [`${sum(amount)} ${brief ? short : words}`] : [];
    });
  const lines = [
    ...line('Saved', said(SAVED, 1), look),
    ...line('Extra', [...said(LOST, -1), ...said(WASTED, 1)], look),
    ...line('Outlook', outlook ? pace(outlook, brief) : [], look),
  ];
  return lines.length > 0 ? ['', ...lines] : [];
}

function pace({ todayNanoUsd, monthNanoUsd }: Outlook, brief: boolean): string[] {
  return [
    `about ${sum(todayNanoUsd)} today`,
    `${sum(monthNanoUsd)} this month${brief ? '' : ', at this pace'}`,
  ];
}

function line(label: string, parts: readonly string[], { glyphs, style, width }: Look): string[] {
  if (parts.length === 0) return [];
  return flow(
    parts.map((part) => safeText(part)),
    ` ${glyphs.sep} `,
    width - LABEL,
  ).map((text, i) => (i === 0 ? style.dim(label.padEnd(LABEL)) : ' '.repeat(LABEL)) + text);
}
