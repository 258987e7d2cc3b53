import type { Drift } from '../../../reconcile/index.ts';
import { type Column, type Look, percent, sum, table, tokens } from '../../render/index.ts';

/** A line: one model on one day, or all of them together. */
type Line = Pick<Drift, 'day' | 'model' | 'ours' | 'theirs' | 'driftNanoUsd' | 'unpriced'>;

/** Days and models with both figures, and their sum. */
export function driftTable(drifts: readonly Drift[], look: Look): string {
  return table(columns(look), [...drifts, total(drifts)], look);
}

function total(drifts: readonly Drift[]): Line {
  const add = (side: 'ours' | 'theirs') => ({
    nanoUsd: drifts.reduce((all, one) => all + (one[side]?.nanoUsd ?? 0), 0),
    ...{ requests: null, input: null, output: null },
  });
  const [ours, theirs] = [add('ours'), add('theirs')];
  return {
    ...{ day: 'Total', model: '', ours, theirs },
    driftNanoUsd: theirs.nanoUsd - ours.nanoUsd,
    unpriced: drifts.reduce((all, { unpriced }) => all + unpriced, 0),
  };
}

const CENT = 10_000_000;

function columns({ glyphs }: Look): Column<Line>[] {
  const money = (nano: number | null | undefined): string =>
    nano === null || nano === undefined ? glyphs.none : sum(nano);
  const counted = (line: Line): string => {
    const all = [line.ours, line.theirs].map((side) =>
      side === null || side.input === null ? null : side.input + (side.output ?? 0),
    );
    return all.every((one) => one === null) ? '' : all.map((one) => tokens(one, glyphs.none)).join(' / ');
  };
  return [
    { title: 'DAY', cell: ({ day }) => day },
    { title: 'MODEL', cell: ({ day, model }) => model || (day === 'Total' ? '' : '(no model)'), shrink: 12 },
    {
      title: 'OURS',
      cell: ({ ours, unpriced }) => `${money(ours?.nanoUsd)}${unpriced > 0 ? ' + ?' : ''}`,
      align: 'right',
    },
    { title: 'THEIRS', cell: ({ theirs }) => money(theirs?.nanoUsd), align: 'right' },
    {
      title: 'DRIFT',
      cell: ({ driftNanoUsd }) =>
        `${driftNanoUsd > 0 ? '+' : driftNanoUsd < 0 ? '-' : ''}${sum(Math.abs(driftNanoUsd))}`,
      align: 'right',
      paint: (text, { driftNanoUsd }, { style }) =>
        Math.abs(driftNanoUsd) >= CENT ? style.yellow(text) : text,
    },
    {
      title: '',
      cell: ({ driftNanoUsd, theirs }) => percent(driftNanoUsd, theirs?.nanoUsd ?? 0, ''),
      align: 'right',
      drop: 2,
    },
    { title: 'TOKENS', cell: counted, align: 'right', drop: 1 },
  ];
}
