import type { SpendDimension, SpendQuery } from '../../../ledger/index.ts';
import { day } from '../../render/index.ts';
import { type Clock, type Period, readPeriod, startOfDay } from '../../since.ts';
import { usageError } from '../../usage-error.ts';

/** Flags of `spend` as they were typed. */
export interface SpendOptions {
  by: string;
  since?: string;
  until?: string;
  month?: boolean;
  session?: string;
  demo?: boolean;
  cache?: boolean;
  bars: boolean;
  csv?: boolean;
  whatIf?: string;
  check?: boolean;
}

/** What to add up, and by what. */
export interface SpendRequest {
  by: SpendDimension[];
  period: Period;
  demo: boolean;
  /** Only this one; absent = all. */
  session?: string;
}

const DEFAULT_SINCE = '7d';
const DIMENSIONS: readonly SpendDimension[] = [
  'day',
  'week',
  'month',
  'model',
  'provider',
  'agent',
  'project',
  'session',
  'rule',
];
const MOST_DIMENSIONS = 2;

/** The flags as a question. Without an end the period goes to the end of today. @throws UserError (exit 2) */
export function readRequest(options: SpendOptions, clock: Clock): SpendRequest {
  if (options.month && options.since !== undefined)
    throw usageError('--month and --since both say when to begin', '{cmd} spend --month');
  if (options.cache && options.session !== undefined)
    throw usageError('--cache adds up every session, not one', '{cmd} spend --cache');
  const since = options.month ? 'month' : (options.since ?? DEFAULT_SINCE);
  const period = readPeriod({ since, until: options.until }, { ...clock, wholeDays: true }, 'spend');
  const { words } = period;
  return {
    by: dimensions(options.by),
    period: {
      since: period.since,
      until: Number.isFinite(period.until) ? period.until : startOfDay(clock.now, clock.utc, 1),
      words: options.month && options.until === undefined ? 'this month' : words,
    },
    demo: options.demo === true,
  };
}

/** What the ledger is asked. */
export function queryOf({ period, ...asked }: SpendRequest, utc: boolean): SpendQuery {
  return { ...asked, since: period.since, until: period.until, dayOf: (time) => day(time, utc) };
}

function dimensions(text: string): SpendDimension[] {
  const found = text.split(',').map((name) => {
    const dimension = DIMENSIONS.find((one) => one === name.trim().toLowerCase());
    if (!dimension) throw usageError(`--by does not know "${name}"`, ...EXAMPLES);
    return dimension;
  });
  if (found.length > MOST_DIMENSIONS || new Set(found).size < found.length)
    throw usageError(`--by takes one or two different things, not "${text}"`, ...EXAMPLES);
  return found;
}

const EXAMPLES = ['{cmd} spend --by model,agent', `also: ${DIMENSIONS.join(', ')}`];
