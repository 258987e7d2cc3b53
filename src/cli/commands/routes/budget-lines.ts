import { type BudgetConcern, limitOf } from '../../../budget/index.ts';
import type { RouteExplanation } from '../../../router/index.ts';
import { presentText, whoseText } from '../../render/budget.ts';
import { safeText, sum, wrap } from '../../render/index.ts';
import type { TreeContext } from './tree.ts';

const PAINTS: Readonly<Record<BudgetConcern['state'], 'yellow' | 'red' | null>> = {
  ok: null,
  warn: 'yellow',
  reached: 'red',
};

/** `budget   everything: $5.18 of $10.00 left`, one line or more each; what would happen is said where it is used up. */
export function budgetLines({ targets }: RouteExplanation, { look, budgets }: TreeContext): string[] {
  const narrow = look.width < NARROW;
  const indent = narrow ? 0 : INDENT;
  const room = Math.min(look.width, WIDEST) - indent - HEAD.length;
  return budgets.flatMap((one) => {
    const color = PAINTS[one.state];
    return wrap(safeText(textOf(one, targets.length)), room).map((line, i) => {
      const text = color === null ? line : look.style[color](line);
      return `${' '.repeat(indent)}${i === 0 ? look.style.dim(HEAD) : ' '.repeat(HEAD.length)}${text}`;
    });
  });
}

const HEAD = 'budget  ';
const NARROW = 80;
const WIDEST = 100;
const INDENT = 2;

function textOf(one: BudgetConcern, count: number): string {
  const name = whoseText(one) || 'everything';
  const sums =
    one.state === 'reached'
      ? `${sum(one.spentNanoUsd)} of ${sum(limitOf(one))} used`
      : `${sum(one.leftNanoUsd)} of ${sum(limitOf(one))} left`;
  return `${name} ${presentText(one)}: ${sums}${effectText(one, count)}`;
}

/** What a budget that is used up does: one of a place leaves targets out as long as others are there. */
function effectText({ effect, targets, to, of }: BudgetConcern, count: number): string {
  const ofPlace = of.provider !== undefined || of.model !== undefined;
  if (effect === 'none') return '';
  if (effect === 'warns') return ', which is only a warning';
  if (ofPlace && targets.length < count) return `, so ${targets.join(', ')} would be left out`;
  return effect === 'blocks' ? ', so it would be refused' : `, so it would go to ${to}`;
}
