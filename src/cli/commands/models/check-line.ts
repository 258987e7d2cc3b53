import type { VerifiedCheck } from '../../../verified/index.ts';
import { type Look, pad, safeText, sum, wrap } from '../../render/index.ts';

const WORDS = { pass: 'PASS', fail: 'FAIL', unknown: 'unknown' } as const;
const VERDICT_WIDTH = 8;
const TITLE_WIDTH = 30;
const NARROW = 80;

/** `PASS  streams   20 pieces   $0.0001`; on a narrow screen the words stand below. */
export function checkLine({ verdict, title, note, costNanoUsd }: VerifiedCheck, look: Look): string {
  const { style, width } = look;
  const paint = { pass: style.green, fail: style.red, unknown: style.yellow }[verdict];
  const cost = costNanoUsd === 0 ? '' : `   ${costNanoUsd === null ? '?' : sum(costNanoUsd)}`;
  const head = paint(pad(WORDS[verdict], VERDICT_WIDTH)) + (width < NARROW ? title : pad(title, TITLE_WIDTH));
  const indent = width < NARROW ? VERDICT_WIDTH : VERDICT_WIDTH + TITLE_WIDTH;
  const lines = wrap(safeText(`${note}${cost}`), width - indent);
  const [first = '', ...more] = width < NARROW ? ['', ...lines] : lines;
  return [head + first, ...more.map((line) => ' '.repeat(indent) + line)]
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
