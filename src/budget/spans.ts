import type { BudgetRule, BudgetSpan } from '../config/index.ts';
import type { Days } from './types.ts';

/** Local midnight of the day that a time belongs to, and of days after it; daylight saving is the calendar's business. */
export function midnight(time: number, daysLater = 0): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + daysLater).getTime();
}

/** `2026-11-25`, local. */
export function dayName(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const STARTS: Readonly<Record<BudgetSpan, (now: Date) => { back: number; length: number }>> = {
  day: () => ({ back: 0, length: 1 }),
  // Weeks begin on Monday (ISO 8601).
  week: (now) => ({ back: (now.getDay() + 6) % 7, length: 7 }),
  month: (now) => ({
    back: now.getDate() - 1,
    length: new Date(now.getFullYear(), now.getMonth() + 1, 0).getDate(),
  }),
};

/** The present day, week or month: local midnights, `until` exclusive. */
export function spanAt(span: BudgetSpan, now: number): { since: number; until: number } {
  const { back, length } = STARTS[span](new Date(now));
  return { since: midnight(now, -back), until: midnight(now, length - back) };
}

/** What a budget counts now; that of a run from its start, without an end. */
export function spanOf(
  { span, since = 0 }: BudgetRule,
  now: number,
): { since: number; until: number | null } {
  return span === 'run' ? { since, until: null } : spanAt(span, now);
}

/** Every day that a budget may count now: from the first of the month, or from Monday when that is earlier. */
export function daysBefore(now: number): Days {
  const first = Math.min(spanAt('month', now).since, spanAt('week', now).since);
  const days: { since: number; until: number }[] = [];
  for (let since = first; since <= now; since = midnight(since, 1))
    days.push({ since, until: midnight(since, 1) });
  return days;
}
