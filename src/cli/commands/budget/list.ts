import { type BudgetStanding, limitOf } from '../../../budget/index.ts';
import { readBudgets } from '../../budgets.ts';
import type { Context } from '../../context.ts';
import { hint } from '../../hint.ts';
import { budgetMeter, thenText, whoseText } from '../../render/budget.ts';
import {
  type Column,
  duration,
  jsonFields,
  jsonText,
  type Look,
  lookOf,
  sum,
  table,
} from '../../render/index.ts';

/** A budget for programs: money as nano-dollars, times in RFC 3339. */
export function budgetJson(one: BudgetStanding): Record<string, unknown> {
  return { ...one, resetsAt: one.resetsAt === null ? null : new Date(one.resetsAt).toISOString() };
}

/** `budget list`. */
export async function listBudgets(context: Context): Promise<void> {
  const budgets = await readBudgets(context);
  if (context.json) {
    context.stdout.write(jsonText(jsonFields(budgets.map(budgetJson), context.json)));
    return;
  }
  if (budgets.length === 0) {
    hint(context, `No budgets yet. Add one: ${context.prefix} budget set 10/day`);
    return;
  }
  const look = lookOf(context, context.stdout);
  context.stdout.write(table(columns(look, context.now()), budgets, look));
  hint(context, `Raise one for today: ${context.prefix} budget raise 5`);
}

const PAINTS: Readonly<Record<BudgetStanding['state'], 'yellow' | 'red' | null>> = {
  ok: null,
  warn: 'yellow',
  reached: 'red',
};

function columns(look: Look, now: number): Column<BudgetStanding>[] {
  const paint = (text: string, { state }: BudgetStanding, { style }: Look): string => {
    const color = PAINTS[state];
    return color === null ? text : style[color](text);
  };
  return [
    { title: 'FOR', cell: (one) => whoseText(one) || 'everything', shrink: 10 },
    { title: 'PER', cell: ({ span }) => span },
    { title: 'LIMIT', cell: (one) => sum(limitOf(one)), align: 'right' },
    { title: 'USED', cell: ({ spentNanoUsd }) => sum(spentNanoUsd), align: 'right', paint },
    { title: '', cell: (one) => budgetMeter(one, look).split(' ').slice(-2).join(' '), paint, drop: 2 },
    { title: 'THEN', cell: (one) => thenText(one).replace(/^then /, ''), drop: 3 },
    {
      title: 'RESETS',
      cell: ({ resetsAt }) => (resetsAt === null ? '' : `in ${duration(resetsAt - now)}`),
      drop: 1,
    },
  ];
}
