import type { Exchange } from '../../../exchange.ts';
import { exact, pad, widthOf } from '../../render/index.ts';
import type { BillLine } from './bill.ts';
import { costText, dollars, usdText } from './facts.ts';
import type { DetailContext, Section } from './sections.ts';

const WORDS: { [P in BillLine['part']]: string } = {
  fresh: 'fresh input',
  cacheRead: 'cached input',
  cacheWrite5m: 'cache write',
  cacheWrite1h: 'for an hour',
  inputAudio: 'audio in',
  inputImage: 'image in',
  output: 'output',
  outputAudio: 'audio out',
  outputImage: 'image out',
  searches: 'searches',
  request: 'request',
};

/** `fresh input    7,702 × $1.250/M   $0.009628`, and what they come to. */
export function costSections(x: Exchange, context: DetailContext): Section[] {
  const lines = arithmetic(context);
  const total = lines.length > 0 ? `total ${costText(x, context)}` : costText(x, context);
  const rest = [total, ...uncached(x)];
  return lines.length > 0
    ? [
        { label: 'Cost', lines, fixed: true },
        { label: '', lines: rest },
      ]
    : [{ label: 'Cost', lines: rest }];
}

function arithmetic({ bill, look }: DetailContext): string[] {
  const attempts = new Set(bill.map(({ attempt }) => attempt));
  const cells = bill.map(({ attempt, part, count, usd, per, nanoUsd }) => [
    `${attempts.size > 1 ? `try ${attempt} ` : ''}${WORDS[part]}`,
    exact(count),
    `${look.glyphs.times} ${priceText(usd)}${per === 1 ? '' : '/M'}`,
    dollars(nanoUsd),
  ]);
  const [first = 0, second = 0, third = 0] = [0, 1, 2].map((column) =>
    Math.max(0, ...cells.map((row) => widthOf(row[column] ?? ''))),
  );
  return cells.map(
    ([name = '', count = '', rate = '', amount = '']) =>
      `${pad(name, first)}  ${count.padStart(second)} ${pad(rate, third)}   ${amount}`,
  );
}

/** `$1.25`, `$0.0028` */
const priceText = (usd: number): string => usdText(usd, 2, 6);

function uncached({ cost, saved }: Exchange): string[] {
  const more = saved?.cacheNanoUsd ?? 0;
  if (more <= 0 || cost.nanoUsd === null) return [];
  return [`without prompt cache it would have been ${dollars(cost.nanoUsd + more)}`];
}
