// The targets of the design, each as a bound on a figure of unorouter or on its ratio to another one of the same round.
import { spread } from './results.mjs';

const atMost = (bound) => ({ bound, holds: (value) => value <= bound, sign: '<=' });
const atLeast = (bound) => ({ bound, holds: (value) => value >= bound, sign: '>=' });
const ratio = (title, scenario, figure, other, limit) => ({ title, scenario, figure, other, limit });
const value = (title, scenario, figure, limit, unit) => ({ title, scenario, figure, limit, unit });

export const GOALS = [
  ratio('added p50, 1 kB', 'seq1k', 'added', 'http-pipe', atMost(1.25)),
  ratio('added p50, 1 kB', 'seq1k', 'added', 'portkey', atMost(0.12)),
  ratio('added p50, 150 kB', 'seq150k', 'added', 'undici-buf', atMost(1.6)),
  ratio('added p50, 150 kB', 'seq150k', 'added', 'portkey', atMost(0.06)),
  ratio('added p50, 600 kB', 'seq600k', 'added', 'undici-buf', atMost(1.6)),
  ratio('added p50, 600 kB', 'seq600k', 'added', 'portkey', atMost(0.06)),
  ratio('CPU per request, 64 connections', 'c64', 'cpu', 'undici-co', atMost(1.5)),
  ratio('CPU per stream, 64 streams', 'burst64', 'cpuPerStream', 'undici-co', atMost(1.5)),
  ratio('chunks/s, 64 streams', 'burst64', 'chunksPerSecond', 'undici-co', atLeast(0.7)),
  ratio('chunks/s, 64 streams', 'burst64', 'chunksPerSecond', 'portkey', atLeast(12)),
  ratio('added delay p99, paced stream', 'paced8', 'delayP99', 'http-pipe', atMost(1.5)),
  ratio('first 20 requests of a process', 'cold', 'firstTwentyUs', 'undici-co', atMost(1.3)),
  value('slow streams that end', 'slow', 'completeShare', atLeast(1), 'of all'),
  value('memory per slow stream', 'slow', 'kbPerStream', atMost(70), 'kB'),
  value('first byte of slow streams, p50', 'slow', 'ttfbMs', atMost(10), 'ms'),
  value('translation, added p50, 1 kB', 'aseq1k', 'added', atMost(400), 'us'),
  value('translation, added p50, 150 kB', 'aseq150k', 'added', atMost(3000), 'us'),
  value('translation, 16 streams', 'aburst16', 'chunksPerSecond', atLeast(150_000), 'chunks/s'),
  ratio('cold start to the first answer', 'cold', 'coldMs', 'hono-raw', atMost(1.6)),
  ratio('--version', 'command', 'versionMs', 'bare node', atMost(2)),
  ratio('--help', 'command', 'helpMs', 'bare node', atMost(2)),
  value('memory after the first answer', 'memory', 'idleMb', atMost(90), 'MB'),
  value('memory at rest, before any load', 'memory', 'idleRestedMb', atMost(90), 'MB'),
  value('memory right after load', 'memory', 'afterMb', atMost(150), 'MB'),
  value('memory at rest, after load', 'memory', 'restedMb', atMost(150), 'MB'),
  ratio('install from a cold cache', 'install', 'seconds', 'portkey', atMost(3 / 5.6)),
  value('packages installed', 'install', 'packages', atMost(6), 'packages'),
];

const lessIsBetter = ({ limit }) => limit.sign === '<=';

/**
 * Every figure that the goals name, beside the best of these peers (names of targets); `behind` = a peer is better.
 * Figures that no peer has are left out.
 */
export const besidePeers = (results, peers) => {
  const figures = new Map(GOALS.map((goal) => [`${goal.scenario} ${goal.figure}`, goal]));
  return [...figures.values()].flatMap((goal) => {
    const medianOf = (name) => spread(results.series(name, goal.scenario, goal.figure))?.median;
    const own = medianOf('unorouter');
    const sign = lessIsBetter(goal) ? 1 : -1;
    const [best] = peers
      .map((name) => ({ name, value: medianOf(name) }))
      .filter(({ value }) => value !== undefined)
      .sort((a, b) => sign * (a.value - b.value));
    if (own === undefined || best === undefined) return [];
    return [{ title: goal.title, own, best, behind: sign * (own - best.value) > 0 }];
  });
};

/** Every goal that this run has figures for, with what was measured and whether it holds. */
export const judged = (results) =>
  GOALS.flatMap(({ title, scenario, figure, other, limit, unit }) => {
    const values = other
      ? results.ratios('unorouter', other, scenario, figure)
      : results.series('unorouter', scenario, figure);
    const measured = spread(values);
    if (!measured) return [];
    const goal = `${limit.sign} ${Number(limit.bound.toPrecision(3))} ${other ? `x ${other}` : unit}`;
    return [{ title, goal, measured, hit: limit.holds(measured.median) }];
  });
