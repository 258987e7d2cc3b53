import type { SpendRow } from '../../../ledger/index.ts';
import { bar, day } from '../../render/index.ts';
import type { SpendRequest } from './query.ts';
import type { SpendContext } from './table.ts';

const WIDEST = 100;
const LONGEST = 40;
const SHORTEST = 8;
const TODAY = 'today';

/** One bar a row, and `today` behind today's; none where there is no room or nobody looks. */
export function bars(
  { by }: SpendRequest,
  rows: readonly SpendRow[],
  { look, now, utc }: SpendContext,
  taken: number,
): string[] {
  const today = day(now, utc);
  const isToday = ({ key }: SpendRow): boolean => by.length === 1 && key[by.indexOf('day')] === today;
  const note = rows.some(isToday) ? TODAY.length + 1 : 0;
  const room = Math.min(LONGEST, Math.min(look.width, WIDEST) - taken - note);
  if (!Number.isFinite(look.width) || room < SHORTEST) return [];
  const most = Math.max(0, ...rows.map(({ costNanoUsd }) => costNanoUsd));
  return rows.map((row) =>
    [bar(row.costNanoUsd, most, room, look.glyphs), isToday(row) ? TODAY : ''].filter(Boolean).join(' '),
  );
}
