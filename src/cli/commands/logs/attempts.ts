import type { Attempt, Exchange } from '../../../exchange.ts';
import { type Glyphs, money, safeText, shortDuration, table } from '../../render/index.ts';
import { brokenLines, type DetailContext } from './sections.ts';

/** Between columns, beside the one blank that a table sets. */
const GAP = '  ';
const MESSAGE_INDENT = '   ';

/** One line an attempt: where, how it ended, how long it took, what came after; below it the words of the upstream. */
export function attemptLines(x: Exchange, { look }: DetailContext, width: number): string[] {
  const { attempts } = x;
  if (attempts.length === 0) return ['none: the request never left unorouter'];
  const models = new Set(attempts.map(({ model }) => model));
  const text = table<Attempt>(
    [
      { title: '', cell: ({ n }) => `${n} ` },
      {
        title: '',
        cell: (a) => `${models.size > 1 ? `${a.provider}/${a.model}` : a.provider}${GAP}`,
        shrink: 12,
      },
      { title: '', cell: (a) => `${statusWords(a, look.glyphs)}${GAP}`, shrink: 10 },
      { title: '', cell: ({ ms }) => shortDuration(ms, 2, look.glyphs.none), align: 'right' },
      { title: '', cell: (a) => `${GAP}${afterwards(x, a, look.glyphs)}${billedText(a)}`, drop: 1 },
    ],
    attempts,
    { ...look, width },
  );
  const lines = text.trimEnd().split('\n');
  return lines.flatMap((line, i) => [line, ...messageLines(attempts[i], width)]);
}

function messageLines(attempt: Attempt | undefined, width: number): string[] {
  if (!attempt?.message) return [];
  return brokenLines(safeText(attempt.message), width - MESSAGE_INDENT.length).map(
    (line) => MESSAGE_INDENT + line,
  );
}

/** What an attempt cost that gave no answer: `billed ~$0.012`. */
function billedText({ billed, failure }: Attempt): string {
  if (failure === null || !billed) return '';
  return `${GAP}billed ${money(billed.cost.nanoUsd, billed.cost.state)}`;
}

/** `429 rate-limit`, `200`, `network` */
export function statusWords({ status, failure }: Attempt, glyphs: Glyphs): string {
  const words = [status, failure].filter((part) => part !== null && part !== '');
  return words.length > 0 ? words.join(' ') : glyphs.none;
}

/** What followed: a pause before the next attempt, another target, the answer. */
export function afterwards(x: Exchange, attempt: Attempt, glyphs: Glyphs): string {
  const next = x.attempts[x.attempts.indexOf(attempt) + 1];
  if (!next) return lastWords(x, attempt, glyphs);
  if (next.waitedMs > 0) return `waited ${shortDuration(next.waitedMs)}`;
  return next.provider === attempt.provider ? '' : `${glyphs.arrow} ${next.provider}`;
}

function lastWords({ outcome }: Exchange, { failure, ms }: Attempt, glyphs: Glyphs): string {
  if (outcome === 'upstream_cut') return `${glyphs.cross} broke off`;
  if (failure !== null || outcome === 'error') return '';
  if (outcome === 'ok') return `${glyphs.dot} answered`;
  return ms === null && outcome === 'open' ? 'running' : '';
}
