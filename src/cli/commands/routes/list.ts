import { type Config, invalidConfig, loadConfig } from '../../../config/index.ts';
import { flushed } from '../../client.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import {
  type Column,
  day,
  duration,
  jsonFields,
  jsonText,
  type Look,
  lookOf,
  safeText,
  table,
  wrap,
} from '../../render/index.ts';
import { startOfDay } from '../../since.ts';
import { whenText } from './when.ts';

/** One line of the table. */
interface Line {
  /** null = built in: it has no place in the user's list. */
  number: number | null;
  name: string;
  when: string;
  to: string;
  today: number;
}

/** `routes list`: every rule in order, with its requests since local midnight. No server is needed. */
export async function listRoutes(context: Context): Promise<void> {
  const loaded = await loadConfig(context.paths.configFile);
  if (!loaded.ok) throw invalidConfig(loaded.problems, loaded.source);
  const { config } = loaded;
  const hits = await hitsOfToday(context);
  if (context.json) {
    const rules = [...config.routes.map(ruleJson), ...builtInJson(config)];
    const rows = rules.map((rule) => ({ ...rule, today: hits.get(rule.name) ?? 0 }));
    context.stdout.write(jsonText(jsonFields(rows, context.json)));
    return;
  }
  const look = lookOf(context, context.stdout);
  const lines = [...linesOf(config), ...builtIn(config)].map((line) => ({
    ...line,
    today: hits.get(line.name) ?? 0,
  }));
  context.stdout.write(tableOf(lines, look) + belowTable(config, look));
  if (config.routes.length === 0) hint(context, `No rules yet. Add one: ${context.prefix} routes add --help`);
}

const ruleJson = ({ name, line, when, to, strict }: Config['routes'][number], index: number) => ({
  number: index + 1,
  name,
  line,
  when,
  to,
  strict: strict ?? null,
});

function builtInJson({ small }: Config) {
  const one = (name: string, when: object, to: string[]) => ({
    ...{ number: null, name, line: null, when, to, strict: null },
  });
  return [...(small === null ? [] : [one('small', { role: 'small' }, [small])]), one('default', {}, [])];
}

/** Requests by rule since local midnight, the demo's too. A ledger that is not there yet has none. */
async function hitsOfToday(context: Context): Promise<Map<string, number>> {
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  await flushed(context);
  const reader = await openLedgerReader(context.paths.ledgerFile);
  const hits = new Map<string, number>();
  if (!reader) return hits;
  try {
    const now = context.now();
    const span = { since: startOfDay(now, context.utc), until: startOfDay(now, context.utc, 1) };
    const dayOf = (time: number): string => day(time, context.utc);
    for (const demo of [false, true])
      for (const { key, requests } of reader.spend({ by: ['rule'], ...span, demo, dayOf }))
        hits.set(key[0] ?? '', (hits.get(key[0] ?? '') ?? 0) + requests);
    return hits;
  } finally {
    reader.close();
  }
}

type Unhit = Omit<Line, 'today'>;

const linesOf = ({ routes }: Config): Unhit[] =>
  routes.map(({ name, when, to, strict }, index) => ({
    number: index + 1,
    name,
    when: whenText(when),
    to: `${to.join(', then ')}${strict === undefined ? '' : strict ? ', strictly' : ', with losses'}`,
  }));

const builtIn = ({ small }: Config): Unhit[] => [
  ...(small === null ? [] : [{ number: null, name: 'small', when: 'role = small', to: small }]),
  { number: null, name: 'default', when: 'anything else', to: 'the model that was asked' },
];

const NARROWEST = 12;

function tableOf(lines: readonly Line[], { ...look }: Look): string {
  const { none } = look.glyphs;
  const columns: Column<Line>[] = [
    { title: '#', cell: ({ number }) => (number === null ? none : String(number)), align: 'right' },
    { title: 'RULE', cell: ({ name }) => name, shrink: 8 },
    { title: 'WHEN', cell: ({ when }) => when, shrink: NARROWEST },
    { title: 'SEND TO', cell: ({ to }) => to, shrink: NARROWEST },
    { title: 'TODAY', cell: ({ today }) => String(today), align: 'right' },
  ];
  return table(columns, lines, look);
}

/** What happens when a target fails, and how often one is tried. */
function belowTable({ fallbacks, retry }: Config, look: Look): string {
  const { arrow } = look.glyphs;
  const chains = [...fallbacks].map(([provider, others]) => [provider, ...others].join(` ${arrow} `));
  const tries = `${retry.attempts} at the first target, 1 at each further one, begun within ${duration(retry.deadlineMs)}`;
  const rows: [string, string][] = [
    ...chains.map((chain, i): [string, string] => [
      i === 0 ? 'Fallbacks' : '',
      `${chain}${i === 0 ? '   on 429, 5xx, timeout before the first token' : ''}`,
    ]),
    ['Attempts', tries],
  ];
  return rows
    .flatMap(([label, text]) =>
      wrap(safeText(text), look.width - LABEL).map(
        (line, i) => `${(i === 0 ? label : '').padEnd(LABEL)}${line}\n`,
      ),
    )
    .join('');
}

const LABEL = 11;
