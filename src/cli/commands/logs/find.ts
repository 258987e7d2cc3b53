import { EXIT, UserError } from '../../../errors.ts';
import type { Exchange } from '../../../exchange.ts';
import type { LedgerReader } from '../../../ledger/index.ts';
import { flushed } from '../../client.ts';
import type { Context } from '../../context.ts';
import { NOTHING_YET } from '../../hint.ts';
import { plural, ulidTail } from '../../render/index.ts';
import { readSpan, startOfDay } from '../../since.ts';
import { usageError } from '../../usage-error.ts';
import { tableOf } from './list.ts';

/**
 * The one request that is known by a part of its id, by its place from the end (`-1`) or by its time.
 * @throws UserError `no_request` (exit 9) when there is none, `several_requests` (exit 2)
 */
export async function findRequest(context: Context, which: string): Promise<Exchange> {
  const { openLedgerReader } = await import('../../../ledger/index.ts');
  await flushed(context);
  const reader = await openLedgerReader(context.paths.ledgerFile);
  if (!reader) throw nothingFound(NOTHING_YET, '{cmd} serve');
  try {
    const found = search(reader, which, context);
    const [exchange] = found;
    if (!exchange) throw nothingFound(`no request is known as "${which}"`, '{cmd} logs');
    if (found.length > 1) await refuseSeveral(found, which, context);
    return exchange;
  } finally {
    reader.close();
  }
}

function nothingFound(message: string, fix: string): UserError {
  return new UserError({ code: 'no_request', exit: EXIT.nothingFound, message, fix: [fix] });
}

async function refuseSeveral(found: Exchange[], which: string, context: Context): Promise<never> {
  const shown = found.slice(0, MOST_LISTED);
  if (!context.json) context.stdout.write(await tableOf(shown, context));
  const tails = ulidTail(shown.map(({ id }) => id));
  throw new UserError({
    code: 'several_requests',
    exit: EXIT.usage,
    message: `${plural(found.length, 'request')} are known as "${which}"`,
    fix: [`{cmd} logs show ${tails.get(shown[0]?.id ?? '')}`],
  });
}

const MOST_LISTED = 50;

function search(reader: LedgerReader, which: string, context: Context): Exchange[] {
  if (/^-\d+$/.test(which)) return nthNewest(reader, -Number(which));
  const clock = readClock(which);
  if (clock) return atClock(reader, clock, context);
  const span = which.includes(':') ? readSpan(which, { now: context.now(), utc: context.utc }) : null;
  if (span)
    return within(reader, span.start, span.start + (/:\d\d:\d\d/.test(which) ? SECOND_MS : MINUTE_MS));
  return bestOf(reader.find(which), which);
}

function nthNewest(reader: LedgerReader, n: number): Exchange[] {
  if (n === 0) throw usageError('-1 is the last request, -2 the one before it', '{cmd} logs show -1');
  return reader.exchanges({ limit: n }).slice(n - 1);
}

/** A whole id, then a tail as tables show it, then any part. */
function bestOf(found: Exchange[], part: string): Exchange[] {
  const wanted = part.toUpperCase();
  const whole = found.filter(({ id }) => id.toUpperCase() === wanted);
  if (whole.length > 0) return whole;
  const tails = found.filter(({ id }) => id.toUpperCase().endsWith(wanted));
  return tails.length > 0 ? tails : found;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** How many days a time without a date is looked for. */
const DAYS_BACK = 31;

interface ClockTime {
  hour: number;
  minute: number;
  /** null = any within the minute. */
  second: number | null;
}

function readClock(text: string): ClockTime | null {
  const [, hour, minute, second] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? [];
  if (hour === undefined) return null;
  return { hour: Number(hour), minute: Number(minute), second: second === undefined ? null : Number(second) };
}

/** On the last day that has one at that time. */
function atClock(reader: LedgerReader, time: ClockTime, { now, utc }: Context): Exchange[] {
  for (let back = 0; back < DAYS_BACK; back++) {
    const start = momentOn(startOfDay(now(), utc, -back), time, utc);
    const found = within(reader, start, start + (time.second === null ? MINUTE_MS : SECOND_MS));
    if (found.length > 0) return found;
  }
  return [];
}

function momentOn(day: number, { hour, minute, second }: ClockTime, utc: boolean): number {
  const date = new Date(day);
  return utc ? date.setUTCHours(hour, minute, second ?? 0) : date.setHours(hour, minute, second ?? 0);
}

function within(reader: LedgerReader, since: number, until: number): Exchange[] {
  return reader.exchanges({ since, until, limit: 1_000 });
}
