// The figures of a run, one list per target and scenario with one entry per round, and what is worked out from them.
import { FIGURES } from './scenarios.mjs';

const ascending = (values) => [...values].sort((a, b) => a - b);

/** Median, least and greatest of what is a number; `undefined` without any. */
export function spread(values) {
  const known = ascending(values.filter((value) => Number.isFinite(value)));
  if (known.length === 0) return;
  const middle = known.length >> 1;
  const median = known.length % 2 ? known[middle] : (known[middle - 1] + known[middle]) / 2;
  return { median, min: known[0], max: known.at(-1) };
}

export function createResults() {
  const all = {};
  const rounds = (target, scenario) => all[target]?.[scenario] ?? [];

  /** One figure per round; where it is an added one, `direct`'s of the same round is taken off. */
  function series(target, scenario, figure) {
    const { of = figure, added = false } = FIGURES[figure] ?? {};
    const base = rounds('direct', scenario);
    return rounds(target, scenario).map((entry, round) => {
      const value = entry?.[of];
      return added && value !== undefined ? value - base[round]?.[of] : value;
    });
  }

  /** The ratio of two targets in each round; a round in which the other one's added time drowns in noise has none. */
  function ratios(target, other, scenario, figure) {
    const below = series(other, scenario, figure);
    return series(target, scenario, figure).map((value, round) =>
      below[round] > 0 ? value / below[round] : undefined,
    );
  }

  return {
    all,
    put: (target, scenario, round, entry) => {
      all[target] ??= {};
      all[target][scenario] ??= [];
      all[target][scenario][round] = entry;
    },
    series,
    ratios,
  };
}
