import type { Exchange } from '../../../exchange.ts';
import { shortDuration } from '../../render/index.ts';
import { tokensPerSecond } from './facts.ts';
import type { DetailContext } from './sections.ts';

/** A stretch of a request's time; ms after its start. */
interface Stretch {
  kind: 'try' | 'wait' | 'first' | 'stream';
  from: number;
  to: number;
  label: string;
}

interface Signs {
  open: string;
  close: string;
  fill: Record<Stretch['kind'], string>;
}

const UNICODE: Signs = {
  open: '├',
  close: '┤',
  fill: { try: '─', wait: '░', first: '─', stream: '█' },
};
const ASCII: Signs = { open: '|', close: '|', fill: { try: '-', wait: '.', first: '-', stream: '=' } };

/** The request's time to scale: its attempts, the pauses between them, the stream; above it when each began. */
export function timeline(x: Exchange, width: number, { ascii }: Pick<DetailContext, 'ascii'>): string[] {
  const { totalMs } = x;
  const stretches = stretchesOf(x);
  if (totalMs === null || totalMs < 1 || stretches.length === 0) return [];
  const cellAt = (ms: number): number => Math.round((Math.min(ms, totalMs) / totalMs) * width);
  const signs = ascii ? ASCII : UNICODE;
  let bar = '';
  for (const { kind, from, to, label } of stretches) {
    const start = Math.max(bar.length, cellAt(from));
    const cells = Math.max(0, cellAt(to) - start);
    bar = bar.padEnd(start) + drawn(kind, cells, label, signs);
  }
  return [axis(stretches, totalMs, width, cellAt), bar];
}

function stretchesOf(x: Exchange): Stretch[] {
  const { attempts, ttftMs, totalMs } = x;
  return attempts.flatMap((attempt, i) => {
    const { startedMs, waitedMs, n } = attempt;
    const isLast = i === attempts.length - 1;
    const to = attempt.ms === null || isLast ? (totalMs ?? startedMs) : startedMs + attempt.ms;
    const wait: Stretch = { kind: 'wait', from: startedMs - waitedMs, to: startedMs, label: 'wait' };
    return [
      ...(waitedMs > 0 ? [wait] : []),
      ...tryStretches({ from: startedMs, to, n }, isLast ? ttftMs : null, x),
    ];
  });
}

/** The attempt that answered has two parts: until the first content, and the stream. */
function tryStretches(
  { from, to, n }: { from: number; to: number; n: number },
  ttftMs: number | null,
  x: Exchange,
): Stretch[] {
  if (ttftMs === null || ttftMs < from || ttftMs > to) return [{ kind: 'try', from, to, label: `try ${n}` }];
  const rate = tokensPerSecond(x);
  const label = rate === null ? 'streaming' : `streaming, ${rate} tok/s`;
  return [
    { kind: 'first', from, to: ttftMs, label: 'TTFT' },
    { kind: 'stream', from: ttftMs, to, label },
  ];
}

/** A stretch over that many cells; its label only where it leaves something of the stretch to see. */
function drawn(kind: Stretch['kind'], cells: number, label: string, { open, close, fill }: Signs): string {
  const sign = fill[kind];
  const bounded = (kind === 'try' || kind === 'first') && cells >= 2;
  const room = bounded ? cells - 2 : cells;
  const text = kind === 'wait' ? label : ` ${label} `;
  const shown = text.length <= room - (kind === 'stream' ? 4 : 0) ? text : '';
  const left = Math.floor((room - shown.length) / 2);
  const inner = sign.repeat(Math.max(0, left)) + shown + sign.repeat(Math.max(0, room - left - shown.length));
  return bounded ? open + inner + close : inner;
}

/** Start, end and first content always; the other beginnings where there is room. */
function axis(
  stretches: readonly Stretch[],
  totalMs: number,
  width: number,
  cellAt: (ms: number) => number,
): string {
  const end = shortDuration(totalMs);
  const cells = Array.from({ length: width }, () => ' ');
  const place = (at: number, label: string): void => {
    const from = Math.max(0, at - 1);
    if (cells.slice(from, at + label.length + 1).some((cell) => cell !== ' ')) return;
    if (at + label.length <= width) cells.splice(at, label.length, ...label);
  };
  place(0, '0s');
  place(Math.max(0, width - end.length), end);
  const byWeight = [...stretches].sort((a, b) => Number(b.kind === 'stream') - Number(a.kind === 'stream'));
  for (const { from } of byWeight) place(cellAt(from), shortDuration(from, 2));
  return cells.join('').trimEnd();
}
