// A run as Markdown: one table per scenario and figure, the targets of the design with what was measured, and the machine.
import { besidePeers, judged } from './goals.mjs';
import { spread } from './results.mjs';
import { FIGURES, SCENARIOS } from './scenarios.mjs';
import { TARGETS } from './targets.mjs';

/** Three digits are enough for what a shared machine measures. */
function short(value) {
  if (value === undefined) return '-';
  const size = Math.abs(value);
  if (size >= 100_000) return `${Math.round(value / 1000)}k`;
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
const cell = (values) => {
  const found = spread(values);
  if (!found) return '-';
  return found.min === found.max
    ? short(found.median)
    : `${short(found.median)} (${short(found.min)} to ${short(found.max)})`;
};

const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** What is measured once per process or per command, beside the scenarios. */
const EXTRAS = [
  {
    id: 'cold',
    title: 'a fresh process',
    figures: { coldMs: 'to the first answer, ms', firstTwentyUs: 'first 20 streams after 150 kB, p50 us' },
  },
  {
    id: 'command',
    title: 'the command',
    figures: { nodeMs: 'ms', versionMs: '--version, ms', helpMs: '--help, ms' },
  },
  {
    id: 'memory',
    title: 'memory',
    figures: {
      idleMb: 'after the first answer, MB',
      idleRestedMb: 'at rest then, MB',
      afterMb: 'right after load, MB',
      restedMb: 'at rest after it, MB',
    },
  },
  {
    id: 'slow',
    title: 'slow streams',
    figures: { complete: 'complete', kbPerStream: 'kB each', ttfbMs: 'first byte p50, ms' },
  },
  {
    id: 'install',
    title: 'install from a cold cache',
    figures: { seconds: 's', packages: 'packages', mb: 'MB on disk' },
  },
];

function section(results, names, { id, title, columns }) {
  const rows = names
    .filter((name) => results.all[name]?.[id])
    .map((name) => [name, ...Object.keys(columns).map((figure) => cell(results.series(name, id, figure)))]);
  if (rows.length === 0) return [];
  return [`### ${title}\n\n${table(['target', ...Object.values(columns)], rows)}`];
}

const columnsOf = (figures) =>
  Object.fromEntries(figures.map((name) => [name, `${FIGURES[name].title}, ${FIGURES[name].unit}`]));

function failures(results) {
  const lines = Object.entries(results.all).flatMap(([target, scenarios]) =>
    Object.entries(scenarios).flatMap(([scenario, entries]) => {
      const bad = entries.filter((entry) => entry?.errors > 0);
      const count = bad.reduce((sum, { errors }) => sum + errors, 0);
      return count > 0 ? [`* ${target}, ${scenario}: ${count} failed (${bad[0].error})`] : [];
    }),
  );
  return lines.length > 0 ? [`### Requests that failed\n\n${lines.join('\n')}`] : [];
}

/** The other gateways on the same runtime. */
const PEERS = TARGETS.filter(({ peer, runtime }) => peer && runtime === 'node').map(({ name }) => name);

function peersSection(results) {
  const rows = besidePeers(results, PEERS).map(({ title, own, best, behind }) => [
    title,
    short(own),
    short(best.value),
    best.name,
    behind ? 'behind' : 'ahead',
  ]);
  if (rows.length === 0) return [];
  const head = ['measure', 'unorouter', 'closest peer', 'which', ''];
  return [`### Beside the closest peer on Node\n\n${table(head, rows)}`];
}

/** The whole report; `machine` and `skipped` stand at its top. */
export function report({ results, names, machine, skipped }) {
  const goals = judged(results).map(({ title, goal, measured, hit }) => [
    title,
    goal,
    short(measured.median),
    `${short(measured.min)} to ${short(measured.max)}`,
    hit ? 'hit' : 'miss',
  ]);
  const head = [
    `unorouter beside others: median (least to greatest) of ${machine.rounds} rounds, "added" is the time beyond direct in the same round.`,
    `Node ${machine.node}, ${machine.cores} x ${machine.cpu}, ${machine.pinned ? 'target on one core, load and upstream on another' : 'not pinned'}, load average ${machine.load.map(short).join(' to ')}, ${machine.seconds.toFixed(0)} s.`,
    ...skipped,
  ].join('\n');
  return [
    head,
    ...(goals.length > 0
      ? [`### Targets\n\n${table(['measure', 'target', 'measured', 'spread', ''], goals)}`]
      : []),
    ...peersSection(results),
    ...SCENARIOS.flatMap((one) => section(results, names, { ...one, columns: columnsOf(one.figures) })),
    ...EXTRAS.flatMap((one) => section(results, Object.keys(results.all), { ...one, columns: one.figures })),
    ...failures(results),
  ].join('\n\n');
}
