import type { SpendDimension, TimeDimension } from './types.ts';

const SPAN_OF: { [T in TimeDimension]: (day: string) => string } = {
  day: (day) => day,
  week: mondayOf,
  month: (day) => day.slice(0, 7),
};

/** Whether something is grouped by the calendar. */
export function isTime(dimension: SpendDimension): dimension is TimeDimension {
  return Object.hasOwn(SPAN_OF, dimension);
}

/** The day, the Monday of the week, or the month that a day (`2026-11-24`) belongs to. */
export function calendarSpan(dimension: TimeDimension, day: string): string {
  return SPAN_OF[dimension](day);
}

/** By the calendar alone: days have no zone any more. */
function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}
