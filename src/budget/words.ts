import { BUDGET_SCOPES, type BudgetScope, type RuleSpan } from '../config/index.ts';
import { limitOf } from './standing.ts';
import type { BudgetStanding } from './types.ts';

const NANO = 1_000_000_000;
const MINUTE = 60_000;

/** `$10.00`; below one cent `$0.0042`. */
export function usd(nanoUsd: number): string {
  const dollars = nanoUsd / NANO;
  return `$${dollars.toFixed(dollars !== 0 && Math.abs(dollars) < 0.01 ? 4 : 2)}`;
}

/** `6h 12m`, `3d 4h`. */
function left(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / MINUTE));
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)}d ${hours % 24}h`;
  return hours > 0 ? `${hours}h ${minutes % 60}m` : `${minutes}m`;
}

const PRESENT: Readonly<Record<RuleSpan, string>> = {
  day: "today's",
  week: "this week's",
  month: "this month's",
  run: "this run's",
};

/** ` of project web`, or nothing for everybody's and for a run's own. Names come from the user's own file. */
function whose({ of, by }: BudgetStanding): string {
  if (by !== null) return by === 'serve' ? ' of this server' : '';
  const parts = BUDGET_SCOPES.flatMap((scope) => (of[scope] === undefined ? [] : [`${scope} ${of[scope]}`]));
  return parts.length > 0 ? ` of ${parts.join(' and ')}` : '';
}

/** Flags by which commands name a budget: ` --project web`; quoted where a shell would take it apart. */
export function scopeFlags(of: BudgetScope): string {
  return BUDGET_SCOPES.flatMap((scope) => {
    const name = of[scope];
    if (name === undefined) return [];
    return [` --${scope} ${/^[\w./:@-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`}`];
  }).join('');
}

/** Half as much again, as a round number. */
function moreUsd({ limitNanoUsd }: BudgetStanding): number {
  return limitNanoUsd === 0 ? 1 : Number((limitNanoUsd / NANO / 2).toPrecision(1));
}

/** The command that lets work go on today. */
export function raiseCommand(one: BudgetStanding, prefix: string): string {
  const enough = Number((limitOf(one) / NANO + moreUsd(one)).toPrecision(6));
  if (one.by === 'serve') return `${prefix} serve --budget ${enough}/${one.span}`;
  if (one.by === 'run') return `${prefix} run --budget ${enough} -- ${one.of.agent ?? '...'}`;
  return `${prefix} budget raise ${moreUsd(one)}${scopeFlags(one.of)}`;
}

/** `today's budget of project web is used up: $3.02 of $3.00, resets in 6h 12m` */
export function usedUp(one: BudgetStanding, now: number): string {
  const state =
    one.state === 'reached'
      ? `is used up: ${usd(one.spentNanoUsd)} of ${usd(limitOf(one))}`
      : `is held back by requests on their way: ${usd(one.spentNanoUsd)} spent and ${usd(one.reservedNanoUsd)} reserved of ${usd(limitOf(one))}`;
  const resets = one.resetsAt === null ? '' : `, resets in ${left(one.resetsAt - now)}`;
  return `${PRESENT[one.span]} budget${whose(one)} ${state}${resets}`;
}

const CONSEQUENCES: Readonly<Record<BudgetStanding['action'], (one: BudgetStanding) => string>> = {
  block: () => '; requests are refused',
  warn: () => '; requests go on',
  downgrade: ({ to }) => `; requests go to ${to}`,
};

/** What the user should know of a budget; null while there is plenty left. */
export function budgetWarning(one: BudgetStanding, now: number, prefix: string): string | null {
  if (one.state === 'ok') return null;
  if (one.state === 'reached') {
    const fix = one.action === 'warn' ? '' : `. Run: ${raiseCommand(one, prefix)}`;
    return `${usedUp(one, now)}${CONSEQUENCES[one.action](one)}${fix}`;
  }
  const share = Math.floor((one.spentNanoUsd / limitOf(one)) * 100);
  return `${share}% of ${PRESENT[one.span]} budget${whose(one)} is used: ${usd(one.spentNanoUsd)} of ${usd(limitOf(one))}`;
}
