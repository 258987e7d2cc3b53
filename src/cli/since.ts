import { usageError } from './usage-error.ts';

/** The clock by which words such as `today` are read. */
export interface Clock {
  /** ms since 1970 */
  now: number;
  /** Days are those of UTC instead of local ones. */
  utc: boolean;
  /** Days and weeks back begin at midnight: `7d` is today and the six days before it. */
  wholeDays?: boolean;
}

/** What `--since` or `--until` names: a moment (`start` = `end`), or a whole day or month. ms since 1970, end exclusive. */
export interface Span {
  start: number;
  end: number;
  /** For sentences: `Monday`, `2026-11-01`, `7 days ago`. */
  name: string;
  /** A time back from now: `hour`, `7 days`; null for all else. */
  ago: string | null;
}

/** The time that a report covers; `until` exclusive, Infinity when not said. */
export interface Period {
  since: number;
  until: number;
  /** For sentences: `in the last 7 days`, `today`, `since 2026-11-01`; empty = always. */
  words: string;
}

/** The examples that every mistake is answered with, and help shows. */
export const TIME_EXAMPLES =
  '7d, 24h, 90m, 2w, today, yesterday, monday, month, 2026-11-01, 2026-11-01T10:00';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const UNITS: Readonly<Record<string, { ms: number; word: string }>> = {
  m: { ms: MINUTE_MS, word: 'minute' },
  h: { ms: HOUR_MS, word: 'hour' },
  d: { ms: DAY_MS, word: 'day' },
  w: { ms: 7 * DAY_MS, word: 'week' },
};
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Midnight before a time, or that many days after it. Days have 23 to 25 hours where clocks are changed. */
export function startOfDay(time: number, utc: boolean, days = 0): number {
  const date = new Date(time);
  return utc
    ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + days)
    : new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** Midnight of the first of a time's month, or of one that many months after it. */
export function startOfMonth(time: number, utc: boolean, months = 0): number {
  const date = new Date(time);
  return utc
    ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months)
    : new Date(date.getFullYear(), date.getMonth() + months).getTime();
}

type Reader = (text: string, clock: Clock) => Span | null;

const back: Reader = (text, { now, utc, wholeDays }) => {
  const [, digits = '', letter = ''] = /^(\d{1,9})([mhdw])$/.exec(text) ?? [];
  const unit = UNITS[letter];
  if (!unit) return null;
  const count = Number(digits);
  const days = (count * unit.ms) / DAY_MS;
  const whole = wholeDays && (letter === 'd' || letter === 'w') && days > 0;
  const start = Math.max(0, whole ? startOfDay(now, utc, 1 - days) : now - count * unit.ms);
  const span = count === 1 ? `1 ${unit.word}` : `${count} ${unit.word}s`;
  return { start, end: start, name: `${span} ago`, ago: count === 1 ? unit.word : span };
};

const word: Reader = (text, { now, utc }) => {
  if (text === 'month') return { ...monthOf(now, utc), name: 'the first of the month' };
  if (text === 'today' || text === 'yesterday')
    return { ...dayOf(startOfDay(now, utc, text === 'today' ? 0 : -1), utc), name: text };
  const weekday = WEEKDAYS.findIndex((name) =>
    [name, name.slice(0, 3)].some((n) => n.toLowerCase() === text),
  );
  if (weekday < 0) return null;
  const today = utc ? new Date(now).getUTCDay() : new Date(now).getDay();
  const start = startOfDay(now, utc, -((today - weekday + 7) % 7));
  return { ...dayOf(start, utc), name: WEEKDAYS[weekday] ?? text };
};

const date: Reader = (text, { utc }) => {
  const [, year, month, day] = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(text) ?? [];
  const [y, m, d] = [Number(year), Number(month) - 1, Number(day ?? 1)];
  if (year === undefined || !isDate(y, m, d)) return null;
  const start = utc ? Date.UTC(y, m, d) : new Date(y, m, d).getTime();
  return { ...(day === undefined ? monthOf(start, utc) : dayOf(start, utc)), name: text };
};

const moment: Reader = (text, { utc }) => {
  const [, day, time = '', zone = ''] =
    /^(\d{4}-\d{2}-\d{2})[t ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  if (day === undefined || !date(day, { now: 0, utc })) return null;
  const start = Date.parse(`${day}T${time}${zone.toUpperCase() || (utc ? 'Z' : '')}`);
  return Number.isNaN(start)
    ? null
    : { start, end: start, name: `${day} ${time}${zone.toUpperCase()}`, ago: null };
};

const READERS: readonly Reader[] = [back, word, date, moment];

function dayOf(start: number, utc: boolean): Omit<Span, 'name'> {
  return { start, end: startOfDay(start, utc, 1), ago: null };
}

function monthOf(time: number, utc: boolean): Omit<Span, 'name'> {
  return { start: startOfMonth(time, utc), end: startOfMonth(time, utc, 1), ago: null };
}

/** Months count from 0. */
function isDate(year: number, month: number, day: number): boolean {
  const made = new Date(Date.UTC(year, month, day));
  return made.getUTCMonth() === month && made.getUTCDate() === day;
}

/** Reads a time as people say it; null = it is none. Upper and lower case are alike. */
export function readSpan(text: string, clock: Clock): Span | null {
  const said = text.trim().toLowerCase();
  for (const read of READERS) {
    const span = read(said, clock);
    if (span) return span;
  }
  return null;
}

/**
 * The period between `--since` and `--until`. A day or month that is named as its end belongs to it.
 * @param command for the examples of a mistake, for example `logs`
 * @throws UserError (exit 2)
 */
export function readPeriod(
  flags: { since?: string | undefined; until?: string | undefined },
  clock: Clock,
  command: string,
): Period {
  const since = flags.since === undefined ? null : spanOf('--since', flags.since, clock, command);
  const until =
    flags.until === undefined
      ? null
      : spanOf('--until', flags.until, { ...clock, wholeDays: false }, command);
  if (since && until && since.start >= until.end)
    throw usageError(
      `--since ${flags.since} is not before --until ${flags.until}`,
      `{cmd} ${command} --since 7d --until yesterday`,
    );
  return {
    since: since?.start ?? 0,
    until: until?.end ?? Number.POSITIVE_INFINITY,
    words: wordsOf(since, until),
  };
}

function spanOf(flag: string, text: string, clock: Clock, command: string): Span {
  const span = readSpan(text, clock);
  if (span) return span;
  throw usageError(
    `${flag} does not know the time "${text}"`,
    `{cmd} ${command} ${flag} 7d`,
    `also: ${TIME_EXAMPLES}`,
  );
}

function wordsOf(since: Span | null, until: Span | null): string {
  if (since && !until) {
    if (since.ago) return `in the last ${since.ago}`;
    return since.name === 'today' ? 'today' : `since ${since.name}`;
  }
  if (since && until && since.name === until.name) return since.ago ? '' : since.name;
  return [since && `since ${since.name}`, until && `until ${until.name}`].filter(Boolean).join(' ');
}
