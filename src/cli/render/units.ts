import type { CostState } from '../../exchange.ts';
import type { Glyphs } from './look.ts';

const NANO = 1_000_000_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const SHORT: readonly { from: number; unit: number; digits: number; letter: string }[] = [
  { from: 999_950_000, unit: 1e9, digits: 1, letter: 'G' },
  { from: 99_950_000, unit: 1e6, digits: 0, letter: 'M' },
  { from: 999_500, unit: 1e6, digits: 1, letter: 'M' },
  { from: 99_950, unit: 1e3, digits: 0, letter: 'k' },
  { from: 1_000, unit: 1e3, digits: 1, letter: 'k' },
];

/** Token counts for tables, at most five characters: `640`, `1.2k`, `88.1k`, `121k`, `1.2M`. Unknown is a dash, never 0. */
export function tokens(count: number | null | undefined, none = '–'): string {
  if (count === null || count === undefined) return none;
  const short = SHORT.find(({ from }) => count >= from);
  return short ? (count / short.unit).toFixed(short.digits) + short.letter : String(count);
}

/** Counts for detail views: `88,104`. */
export function exact(count: number | null | undefined, none = '–'): string {
  return count === null || count === undefined ? none : count.toLocaleString('en-US');
}

/** US dollars: four digits below $1 (three when it is an estimate), two above. */
function dollars(nanoUsd: number, digitsBelowOne: number): string {
  const usd = nanoUsd / NANO;
  // 0.99996 would round up to $1.0000.
  return `$${usd.toFixed(Math.abs(usd) < 0.99995 ? digitsBelowOne : 2)}`;
}

const MONEY: { [S in CostState]: (nanoUsd: number | null, none: string) => string } = {
  exact: (nano) => (nano === null ? '?' : dollars(nano, 4)),
  estimate: (nano) => (nano === null ? '?' : `~${dollars(nano, 3)}`),
  free: () => 'free',
  local: () => 'local',
  // Some of it is known, when a retry was billed elsewhere.
  unknown: (nano) => (nano ? `${dollars(nano, 4)}+?` : '?'),
  none: (_nano, none) => none,
  demo: () => 'demo',
};

/** A cost for tables: `$0.1040`, `~$0.081`, `$4.82`, `local`, `free`, `demo`, `?` (no price known), a dash (nothing billed). */
export function money(nanoUsd: number | null, state: CostState = 'exact', none = '–'): string {
  return MONEY[state](nanoUsd, none);
}

/** A sum of costs, always with two digits from one cent on: `$4.82`, `$0.0042`. */
export function sum(nanoUsd: number): string {
  return nanoUsd !== 0 && Math.abs(nanoUsd) < NANO / 100 ? dollars(nanoUsd, 4) : dollars(nanoUsd, 2);
}

/** A price per million tokens: `$1.250/M`. */
export function perMillion(usd: number): string {
  return `$${usd.toFixed(usd < 10 ? 3 : 2)}/M`;
}

/** A span in two units: `0.4s`, `24.0s`, `5m 03s`, `3h 04m`, `2d 4h`. */
export function duration(ms: number): string {
  if (ms < MINUTE - 50) return `${(ms / SECOND).toFixed(1)}s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.round(ms / SECOND) * SECOND;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}m ${two((seconds % MINUTE) / SECOND)}s`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)}h ${two(Math.floor((seconds % HOUR) / MINUTE))}m`;
  return `${Math.floor(seconds / DAY)}d ${Math.floor((seconds % DAY) / HOUR)}h`;
}

/** The same in at most five characters, for columns: `0.84s` with two digits, `12.4s`, `2m05s`, `1h12m`. */
export function shortDuration(ms: number | null, digits: 1 | 2 = 1, none = '–'): string {
  if (ms === null) return none;
  if (ms < 10 * SECOND - 5) return `${(ms / SECOND).toFixed(digits)}s`;
  if (ms < 100 * SECOND - 50) return `${(ms / SECOND).toFixed(1)}s`;
  const whole = duration(ms).replace(' ', '');
  return whole.length <= 5
    ? whole
    : whole
        .replace(/m\d\ds$/, 'm')
        .replace(/h\d\dm$/, 'h')
        .replace(/d\d+h$/, 'd');
}

/** A share in whole percent; a dash where there is nothing to divide by. */
export function percent(part: number, whole: number, none = '–'): string {
  return whole > 0 ? `${Math.round((part / whole) * 100)}%` : none;
}

/** `1 request`, `3 requests`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${exact(count)} ${count === 1 ? one : many}`;
}

/** `14:02:11`, or `14:02` with `short`. */
export function clock(time: number, utc: boolean, short = false): string {
  const text = isoIn(time, utc);
  return text.slice(11, short ? 16 : 19);
}

/** `2026-11-22`. */
export function day(time: number, utc: boolean): string {
  return isoIn(time, utc).slice(0, 10);
}

/** RFC 3339 without a zone, in UTC or local time. */
function isoIn(time: number, utc: boolean): string {
  const offsetMs = utc ? 0 : new Date(time).getTimezoneOffset() * MINUTE;
  return new Date(time - offsetMs).toISOString();
}

/** A bar of at most `width` signs; something above zero is never an empty bar. */
export function bar(value: number, most: number, width: number, glyphs: Glyphs): string {
  if (!(value > 0) || !(most > 0)) return '';
  return glyphs.full.repeat(Math.max(1, Math.round((Math.min(value, most) / most) * width)));
}
