import type { DayUse } from './types.ts';

type Counts = Pick<DayUse, 'nanoUsd' | 'requests' | 'input' | 'output'>;

/** One model on one day, from both sides. null = that side knows nothing of it. */
export interface Drift {
  day: string;
  model: string;
  ours: Counts | null;
  theirs: Counts | null;
  /** Theirs minus ours, in nano-dollars; what a side does not have counts as nothing. */
  driftNanoUsd: number;
  /** Our rows whose price is not known: our figure is "at least". */
  unpriced: number;
}

/** Our side: what the ledger has, with the rows that have no price. */
export type OurUse = DayUse & { unpriced: number };

/** Sums of two counts, as far as they are known. */
const plus = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b);

function add(to: Counts | null, more: Counts): Counts {
  if (to === null) return more;
  return {
    nanoUsd: plus(to.nanoUsd, more.nanoUsd),
    requests: plus(to.requests, more.requests),
    input: plus(to.input, more.input),
    output: plus(to.output, more.output),
  };
}

const countsOf = ({ nanoUsd, requests, input, output }: DayUse): Counts => ({
  nanoUsd,
  requests,
  input,
  output,
});

/** Both sides by day and model, in that order. `nameOf` = what a model is called whatever snapshot of it was meant. */
export function compare(
  ours: readonly OurUse[],
  theirs: readonly DayUse[],
  nameOf: (model: string) => string,
): Drift[] {
  const rows = new Map<string, Drift>();
  const rowOf = ({ day, model }: DayUse): Drift => {
    const name = model === '' ? '' : nameOf(model);
    const key = JSON.stringify([day, name]);
    const row = rows.get(key) ?? { day, model: name, ours: null, theirs: null, driftNanoUsd: 0, unpriced: 0 };
    rows.set(key, row);
    return row;
  };
  for (const one of ours) {
    const row = rowOf(one);
    row.ours = add(row.ours, countsOf(one));
    row.unpriced += one.unpriced;
  }
  for (const one of theirs) {
    const row = rowOf(one);
    row.theirs = add(row.theirs, countsOf(one));
  }
  const all = [...rows.values()].map((row) => ({
    ...row,
    driftNanoUsd: (row.theirs?.nanoUsd ?? 0) - (row.ours?.nanoUsd ?? 0),
  }));
  return all.sort((a, b) => (a.day === b.day ? order(a.model, b.model) : order(a.day, b.day)));
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
