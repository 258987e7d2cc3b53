import { type BudgetStanding, limitOf } from '../../../budget/index.ts';
import { whoseText } from '../../render/budget.ts';
import { sum } from '../../render/index.ts';

const EACH: Readonly<Record<BudgetStanding['span'], string>> = {
  day: 'a day (local midnight)',
  week: 'a week (from Monday)',
  month: 'a month',
  run: 'for this run',
};

const head = (one: BudgetStanding): string => `Budget${whoseText(one) === '' ? '' : ` of ${whoseText(one)}`}`;

/** `Budget: $10.00 a day (local midnight), warn at $8.00, block at $10.00. $4.82 used.` */
export function setText(one: BudgetStanding): string {
  const limit = sum(limitOf(one));
  const then =
    one.action === 'warn' ? '' : `, ${one.action === 'block' ? 'block' : `go on with ${one.to}`} at ${limit}`;
  return `${head(one)}: ${limit} ${EACH[one.span]}, warn at ${sum(one.warnAtNanoUsd)}${then}. ${sum(one.spentNanoUsd)} used.`;
}

/** `Budget: $15.00 until midnight ($10.00 and $5.00 for today), $10.02 used.` */
export function raisedText(one: BudgetStanding): string {
  const parts =
    one.raisedNanoUsd > 0
      ? ` until midnight (${sum(one.limitNanoUsd)} and ${sum(one.raisedNanoUsd)} for today)`
      : ', as configured';
  return `${head(one)}: ${sum(limitOf(one))}${parts}, ${sum(one.spentNanoUsd)} used ${SPENT[one.span]}.`;
}

const SPENT: Readonly<Record<BudgetStanding['span'], string>> = {
  day: 'today',
  week: 'this week',
  month: 'this month',
  run: 'in this run',
};
