import { type Config, invalidConfig, loadConfig } from '../../../config/index.ts';
import { EXIT, UserError } from '../../../errors.ts';
import type { LedgerReader, SpendDimension } from '../../../ledger/index.ts';
import { matchesGlob } from '../../../router/index.ts';
import type { Context } from '../../context.ts';
import { day, sum } from '../../render/index.ts';
import { type Clock, startOfDay, startOfMonth } from '../../since.ts';

/** A budget of the configuration and what was spent of it. Nano-dollars. */
export interface BudgetState {
  /** `day`, `month (project web)` */
  name: string;
  limitNanoUsd: number;
  spentNanoUsd: number;
}

const SPANS: { [S in 'day' | 'week' | 'month']: (clock: Clock) => number } = {
  day: ({ now, utc }) => startOfDay(now, utc),
  week: ({ now, utc }) => {
    const weekday = utc ? new Date(now).getUTCDay() : new Date(now).getDay();
    return startOfDay(now, utc, -((weekday + 6) % 7));
  },
  month: ({ now, utc }) => startOfMonth(now, utc),
};
const SPAN_NAMES = ['day', 'week', 'month'] as const;
const FILTERS = ['project', 'agent', 'provider', 'model'] as const satisfies readonly SpendDimension[];

/** Every limit that the configuration sets, with what was spent in its span so far. */
export function budgetStates(
  reader: LedgerReader | null,
  { budget, budgets }: Pick<Config, 'budget' | 'budgets'>,
  clock: Clock,
): BudgetState[] {
  return [...(budget ? [budget] : []), ...budgets].flatMap((rule) =>
    SPAN_NAMES.flatMap((span) => {
      const limit = rule[span];
      if (typeof limit !== 'number') return [];
      const filters = FILTERS.filter((name) => typeof rule[name] === 'string');
      const where = filters.map((name) => `${name} ${rule[name]}`).join(', ');
      return [
        {
          name: where === '' ? span : `${span} (${where})`,
          limitNanoUsd: Math.round(limit * 1e9),
          spentNanoUsd: spentOf(reader, rule, filters, SPANS[span](clock), clock),
        },
      ];
    }),
  );
}

function spentOf(
  reader: LedgerReader | null,
  rule: Readonly<Record<string, unknown>>,
  filters: readonly (typeof FILTERS)[number][],
  since: number,
  { now, utc }: Clock,
): number {
  const query = { by: [...filters], since, until: now + 1, demo: false };
  const rows = reader?.spend({ ...query, dayOf: (time) => day(time, utc) }) ?? [];
  const mine = rows.filter(({ key }) =>
    filters.every((name, i) => matchesGlob(String(rule[name]), key[i] ?? '')),
  );
  return mine.reduce((total, { costNanoUsd }) => total + costNanoUsd, 0);
}

/** `spend --check`. @throws UserError `budget_reached` (exit 8) when a limit is reached */
export async function checkBudgets(context: Context, reader: LedgerReader | null): Promise<void> {
  const loaded = await loadConfig(context.paths.configFile);
  if (!loaded.ok) throw invalidConfig(loaded.problems, loaded.source);
  const states = budgetStates(reader, loaded.config, { now: context.now(), utc: context.utc });
  const reached = states.filter(({ limitNanoUsd, spentNanoUsd }) => spentNanoUsd >= limitNanoUsd);
  if (reached.length === 0) return;
  const words = reached.map(
    ({ name, limitNanoUsd, spentNanoUsd }) => `${sum(spentNanoUsd)} of ${sum(limitNanoUsd)} a ${name}`,
  );
  throw new UserError({
    code: 'budget_reached',
    exit: EXIT.budget,
    message: `the budget is reached: ${words.join('; ')}`,
    fix: ['{cmd} config get budget'],
  });
}
