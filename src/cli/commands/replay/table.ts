import { diffLines } from 'diff';
import {
  type Column,
  exact,
  type Look,
  money,
  safeText,
  shortDuration,
  table,
  wrap,
} from '../../render/index.ts';
import type { Side } from './run.ts';

interface Row {
  label: string;
  before: string;
  now: string;
  change: string;
}

const BILLED: ReadonlySet<Side['costState']> = new Set<Side['costState']>(['exact', 'estimate']);

/** What two sides are compared by; a number gets its change in percent. */
const ROWS: readonly {
  label: string;
  show(side: Side, look: Look): string;
  number?(side: Side): number | null;
}[] = [
  { label: 'model', show: ({ served }) => served ?? 'nobody' },
  {
    label: 'answer',
    show: ({ status, outcome }) => (outcome === 'ok' ? String(status) : `${status} ${outcome}`),
  },
  {
    label: 'cost',
    show: ({ costNanoUsd, costState }, { glyphs }) => money(costNanoUsd, costState, glyphs.none),
    // The demo's prices are invented, and what is local has none.
    number: ({ costNanoUsd, costState }) => (BILLED.has(costState) ? costNanoUsd : null),
  },
  {
    label: 'first token',
    show: ({ ttftMs }, { glyphs }) => shortDuration(ttftMs, 2, glyphs.none),
    number: ({ ttftMs }) => ttftMs,
  },
  {
    label: 'total',
    show: ({ totalMs }, { glyphs }) => shortDuration(totalMs, 2, glyphs.none),
    number: ({ totalMs }) => totalMs,
  },
  {
    label: 'input',
    show: ({ usage }, { glyphs }) => exact(usage.input ?? undefined, glyphs.none),
    number: ({ usage }) => usage.input,
  },
  { label: 'from cache', show: ({ usage }, { glyphs }) => exact(usage.cacheRead ?? undefined, glyphs.none) },
  {
    label: 'output',
    show: ({ usage }, { glyphs }) => exact(usage.output ?? undefined, glyphs.none),
    number: ({ usage }) => usage.output,
  },
  { label: 'reasoning', show: ({ usage }, { glyphs }) => exact(usage.reasoning ?? undefined, glyphs.none) },
  {
    label: 'tool calls',
    show: ({ said }, { glyphs }) => said.toolCalls.map(({ name }) => name).join(', ') || glyphs.none,
  },
  { label: 'finish', show: ({ said }, { glyphs }) => said.finish ?? glyphs.none },
];

const LEAST_NAME = 12;

/** Both sides in a table, and below it what they say differently. */
export function comparison(before: Side, now: Side, look: Look): string {
  const rows = ROWS.map(({ label, show, number }): Row => {
    const change = changeOf(number?.(before) ?? null, number?.(now) ?? null);
    return { label, before: show(before, look), now: show(now, look), change };
  });
  const columns: Column<Row>[] = [
    { title: '', cell: ({ label }) => `${label}  ` },
    { title: 'BEFORE', cell: (row) => `${row.before}  `, shrink: LEAST_NAME },
    { title: 'NOW', cell: (row) => `${row.now}  `, shrink: LEAST_NAME },
    { title: '', cell: ({ change }) => change, align: 'right' },
  ];
  const error = now.outcome === 'ok' ? [] : wrap(safeText(now.errorMessage ?? now.outcome), look.width);
  return [table(columns, rows, look), ...error.map((line) => `${line}\n`), textDiff(before, now, look)].join(
    '',
  );
}

/** `+50%`; nothing where it would mean nothing. */
function changeOf(before: number | null, now: number | null): string {
  if (before === null || now === null || before === 0) return '';
  const change = Math.round((now / before - 1) * 100);
  return change === 0 ? '' : `${change > 0 ? '+' : ''}${change}%`;
}

const MOST_LINES = 12;

/** Lines that one of them says alone. */
function textDiff({ said: before }: Side, { said: now }: Side, look: Look): string {
  if (before.text === now.text) return before.text === '' ? '' : '\nBoth say the same.\n';
  const lines = diffLines(`${before.text.trimEnd()}\n`, `${now.text.trimEnd()}\n`).flatMap(
    ({ added, removed, value }) =>
      added || removed
        ? value
            .trimEnd()
            .split('\n')
            .map((text) => ({ sign: added ? '+' : '-', text }))
        : [],
  );
  const shown = lines.slice(0, MOST_LINES).map(({ sign, text }) => {
    const line = safeText(`${sign} ${text}`, look.width, look.glyphs.ellipsis);
    return `${sign === '+' ? look.style.green(line) : look.style.red(line)}\n`;
  });
  const rest = lines.length - shown.length;
  return `\n${shown.join('')}${rest > 0 ? `${look.glyphs.ellipsis} ${rest} more lines differ\n` : ''}`;
}
