import {
  BUDGET_SCOPES,
  BUDGET_SPANS,
  budgetEntry,
  budgetRules,
  type BudgetSettings as Entry,
  isBudgetName,
} from './budgets.ts';
import { type Misfit, pathText } from './misfit.ts';
import type { Settings } from './schema/settings.ts';
import { parseDuration } from './units.ts';

type Path = readonly PropertyKey[];
type Placed = { path: Path; entry: Entry };

function entriesOf({ budget, budgets = [] }: Settings): Placed[] {
  return [
    ...(budget === undefined ? [] : [{ path: ['budget'], entry: budgetEntry(budget) }]),
    ...budgets.map((entry, index) => ({ path: ['budgets', index], entry })),
  ];
}

const DAY_MS = 86_400_000;
/** The longest of each span: so long requests must be kept that the sums of declared projects are made of. */
const LONGEST_DAYS = { day: 1, week: 7, month: 31 } as const;

/** Each looks at one entry: what is wrong with it, or nothing. */
const CHECKS: readonly ((entry: Entry, path: Path, settings: Settings) => Misfit | null)[] = [
  (entry, path) =>
    BUDGET_SPANS.some((span) => entry[span] !== undefined)
      ? null
      : { path, message: `${pathText(path)} has no amount`, hint: 'such as day: 10, week: 50 or month: 200' },
  (entry, path) =>
    path[0] === 'budget' || BUDGET_SCOPES.some((scope) => entry[scope] !== undefined)
      ? null
      : {
          path,
          message: `${pathText(path)} says not whose it is`,
          hint: 'add project, agent, provider or model; what counts for everything is "budget"',
        },
  (entry, path) =>
    entry.action === 'downgrade' && entry.to === undefined
      ? {
          path: [...path, 'action'],
          message: `${pathText(path)} says not where to`,
          hint: 'such as to: small',
        }
      : null,
  (entry, path) =>
    entry.to !== undefined && entry.action !== 'downgrade'
      ? {
          path: [...path, 'to'],
          message: `${pathText([...path, 'to'])} is for "action: downgrade" only`,
          hint: 'add action: downgrade, or leave it out',
        }
      : null,
  (entry, path, { log }) => {
    const keepMs = parseDuration(String(log?.keep ?? '')) ?? Number.POSITIVE_INFINITY;
    const span = BUDGET_SPANS.findLast((one) => entry[one] !== undefined);
    if (entry.project === undefined || span === undefined || keepMs >= LONGEST_DAYS[span] * DAY_MS)
      return null;
    return {
      path: [...path, span],
      message: `${pathText([...path, span])} is longer than requests are kept (log.keep)`,
      hint: `log: { keep: ${LONGEST_DAYS[span]}d } or more`,
    };
  },
];

/** What is wrong with budgets whose every value is right by itself. */
export function budgetMisfits(settings: Settings): Misfit[] {
  const entries = entriesOf(settings);
  const wrong = entries.flatMap(({ entry, path }) =>
    CHECKS.flatMap((check) => check(entry, path, settings) ?? []),
  );
  return [...wrong, ...twice(entries), ...ruleNames(settings)];
}

/** Two amounts for the same: only the user knows which is meant. */
function twice(entries: readonly Placed[]): Misfit[] {
  const seen = new Set<string>();
  return entries.flatMap(({ entry, path }): Misfit[] => {
    const names = budgetRules({ budgets: [entry] }, () => null).map(({ name }) => name);
    const again = names.find((name) => seen.has(name));
    for (const name of names) seen.add(name);
    return again === undefined
      ? []
      : [{ path, message: `there are two amounts for the ${again}`, hint: 'remove one of them' }];
  });
}

/** Rows of downgraded requests stand under the name of their budget. */
function ruleNames({ routes = [] }: Settings): Misfit[] {
  return routes.flatMap(({ name }, index): Misfit[] =>
    name !== undefined && isBudgetName(name)
      ? [
          {
            path: ['routes', index, 'name'],
            message: `a rule cannot be named "${name}": that stands for a budget`,
            hint: 'choose another name',
          },
        ]
      : [],
  );
}
