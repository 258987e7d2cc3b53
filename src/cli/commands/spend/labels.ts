import { pad, plural, sum, wrap } from '../../render/index.ts';
import type { SpendRequest } from './query.ts';
import type { Sums } from './sums.ts';
import type { SpendContext } from './table.ts';

const WIDEST = 100;

/** What is added up, and in what; the right part stands at the edge where there is one. */
export function title({ period, demo }: SpendRequest, { look, utc }: SpendContext, brief: boolean): string[] {
  const when = period.words.replace(/^in the /, '') || 'always';
  const text = demo ? `demo only, ${when}` : when;
  const left = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  const right = `${utc ? 'UTC' : 'local time'}, USD`;
  if (brief) return wrap(`${left}, USD`, look.width);
  const width = Math.min(look.width, WIDEST);
  const edge = width - right.length - 1;
  // Nobody looks at a pipe's edge, and a long period may leave no room at a screen's.
  if (!Number.isFinite(look.width) || left.length > edge)
    return [...wrap(`${left}, ${right}`, look.width), ''];
  return [pad(left, edge) + look.style.dim(` ${right}`), ''];
}

/** Less than four digits can show is not nothing. */
export const LEAST_SHOWN_NANO = 50_000;

/** A sum: `~` with estimates in it, `?` where nothing has a price, `+?` where something has none. */
export function costCell(
  { costNanoUsd, unpriced, estimated }: Pick<Sums, 'costNanoUsd' | 'unpriced' | 'estimated'>,
  isTotal: boolean,
): string {
  if (costNanoUsd === 0 && unpriced > 0) return '?';
  const tiny = costNanoUsd > 0 && costNanoUsd < LEAST_SHOWN_NANO;
  const amount = tiny ? '<$0.0001' : sum(costNanoUsd);
  return `${estimated > 0 ? '~' : ''}${amount}${unpriced > 0 && !isTotal ? '+?' : ''}`;
}

/** What a total lacks, longest form first. */
export function unpricedNote(count: number): [string, string] {
  return [`+ ${plural(count, 'request')} without a price (?)`, `+ ${count} unpriced`];
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const NARROW = 80;
/** So many days in a row have numbers that do not come twice. */
const MOST_WITHOUT_MONTH = 28;

/** `2026-11-16` as `Mon 16 Nov`; on a narrow screen `Mon 16`; of another year, or for a pipe, as it is. */
export function dayLabel(
  iso: string,
  { now, utc, width, count }: { now: number; utc: boolean; width: number; count: number },
): string {
  const date = new Date(`${iso}T00:00:00Z`);
  const thisYear = utc ? new Date(now).getUTCFullYear() : new Date(now).getFullYear();
  if (!Number.isFinite(width) || date.getUTCFullYear() !== thisYear) return iso;
  const weekday = WEEKDAYS[date.getUTCDay()];
  const number = String(date.getUTCDate()).padStart(2);
  const month = MONTHS[date.getUTCMonth()];
  if (width >= NARROW) return `${weekday} ${number} ${month}`;
  return count <= MOST_WITHOUT_MONTH ? `${weekday} ${number}` : `${number} ${month}`;
}

/** A week by its Monday: `from Mon 16 Nov`. */
export function weekLabel(monday: string, context: Parameters<typeof dayLabel>[1]): string {
  return Number.isFinite(context.width) ? `from ${dayLabel(monday, context)}` : monday;
}
