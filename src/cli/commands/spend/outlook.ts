import type { LedgerReader } from '../../../ledger/index.ts';
import { day } from '../../render/index.ts';
import { type Clock, startOfDay, startOfMonth } from '../../since.ts';

/** What is likely to be spent, by what the last days were like. Nano-dollars. */
export interface Outlook {
  todayNanoUsd: number;
  monthNanoUsd: number;
}

/** Days that say what a day is like. */
const DAYS_BACK = 28;

/**
 * Today: what was spent so far, and what the days before spent behind this time of day. This month: the same, and a day
 * like the days before for each that is left. null = there are no days before.
 */
export function outlookOf(reader: LedgerReader, clock: Clock): Outlook | null {
  const { now, utc } = clock;
  const dayOf = (time: number): string => day(time, utc);
  const spent = (since: number, until: number): number =>
    reader.spend({ by: [], since, until, demo: false, dayOf })[0]?.costNanoUsd ?? 0;
  const today = startOfDay(now, utc);
  const past = daysBefore(reader, clock);
  if (past.length === 0) return null;
  const rests = past.map((start) => spent(start + (now - today), startOfDay(start, utc, 1)));
  const restOfToday = sumOf(rests) / past.length;
  const perDay = spent(past[0] ?? today, today) / past.length;
  const soFar = spent(today, now);
  const month = spent(startOfMonth(now, utc), now);
  const daysLeft = Math.round((startOfMonth(now, utc, 1) - startOfDay(now, utc, 1)) / 86_400_000);
  return {
    todayNanoUsd: Math.round(soFar + restOfToday),
    monthNanoUsd: Math.round(month + restOfToday + daysLeft * perDay),
  };
}

/** Midnights of the days before today, from the first on which something was recorded. */
function daysBefore(reader: LedgerReader, { now, utc }: Clock): number[] {
  const dayOf = (time: number): string => day(time, utc);
  const since = startOfDay(now, utc, -DAYS_BACK);
  const [first] = reader.spend({ by: ['day'], since, until: startOfDay(now, utc), demo: false, dayOf });
  const days = Array.from({ length: DAYS_BACK }, (_, i) => startOfDay(now, utc, i - DAYS_BACK));
  const from = first?.key[0];
  return from ? days.filter((start) => dayOf(start) >= from) : [];
}

function sumOf(list: readonly number[]): number {
  return list.reduce((sum, one) => sum + one, 0);
}
