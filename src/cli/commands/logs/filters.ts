import type { Attempt, Exchange } from '../../../exchange.ts';
import type { LogQuery } from '../../../ledger/index.ts';
import { type Clock, readPeriod } from '../../since.ts';
import { usageError } from '../../usage-error.ts';

/** Flags of `logs` as they were typed. */
export interface LogOptions {
  follow?: boolean;
  n?: string;
  since?: string;
  until?: string;
  agent?: string;
  model?: string;
  provider?: string;
  project?: string;
  rule?: string;
  status?: string;
  slow?: string;
  minCost?: string;
  fallback?: boolean;
  grep?: string;
  csv?: boolean;
}

/** Which exchanges are wanted, as far as flags can say; the ledger and `matches` read it alike. */
export type Filters = Omit<LogQuery, 'limit' | 'inSession' | 'billedBy' | 'demo'>;

/**
 * The flags as filters, and the period in words.
 * @throws UserError (exit 2)
 */
export function readFilters(options: LogOptions, clock: Clock): { filters: Filters; words: string } {
  const { since, until, words } = readPeriod(options, clock, 'logs');
  const { agent, model, provider, project, rule, grep, fallback } = options;
  const filters: Filters = {
    ...(options.since === undefined ? {} : { since }),
    ...(options.until === undefined ? {} : { until }),
    ...defined({ agent, model, provider, project, rule, grep, fallback }),
    ...(options.status === undefined ? {} : { status: statusOf(options.status) }),
    ...(options.slow === undefined ? {} : { slowerThan: milliseconds(options.slow) }),
    ...(options.minCost === undefined ? {} : { minCostNanoUsd: nanoUsd(options.minCost) }),
  };
  return { filters, words };
}

/** Whether more is asked for than a period. */
export function isNarrowed({ since: _since, until: _until, ...others }: Filters): boolean {
  return Object.keys(others).length > 0;
}

/** How many rows: a whole number from 0. @throws UserError (exit 2) */
export function countOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw usageError(`-n is a number of requests, not "${text}"`, '{cmd} logs -n 50');
  return count;
}

/** Only what was said: a filter that is undefined filters nothing. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** What stands under ST in the table, as the outcome that it means. */
const SHOWN_AS: Readonly<Record<string, string>> = {
  abt: 'client_aborted',
  cut: 'upstream_cut',
  int: 'interrupted',
};
const STATUSES: ReadonlySet<string> = new Set(['ok', 'err', 'open', ...Object.values(SHOWN_AS)]);

function statusOf(text: string): string {
  const said = text.toLowerCase();
  const status = SHOWN_AS[said] ?? said;
  if (STATUSES.has(status) || /^([1-5]xx|\d{3})$/.test(status)) return status;
  throw usageError(
    `"${text}" is no status to look for`,
    '{cmd} logs --status err',
    `also: ok, 4xx, 5xx, a number such as 429, ${Object.keys(SHOWN_AS).join(', ')}, open`,
  );
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function milliseconds(text: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  if (number === '')
    throw usageError(`--slow is a time such as 10s, 500ms or 2m, not "${text}"`, '{cmd} logs --slow 10s');
  return Number(number) * (UNIT_MS[unit] ?? 1);
}

const NANO_PER_USD = 1e9;

function nanoUsd(text: string): number {
  const [, dollars = ''] = /^\$?(\d+(?:\.\d*)?|\.\d+)$/.exec(text) ?? [];
  if (dollars === '')
    throw usageError(`--min-cost is an amount in US dollars, not "${text}"`, '{cmd} logs --min-cost 0.10');
  return Math.round(Number(dollars) * NANO_PER_USD);
}

type Tests = Required<Filters>;

// A filter that the ledger learns and this does not know fails to compile.
const TESTS: { [F in keyof Tests]: (x: Exchange, value: Tests[F]) => boolean } = {
  since: (x, time) => x.time >= time,
  until: (x, time) => x.time < time,
  agent: (x, name) => x.agent === name,
  project: (x, name) => x.project === name,
  rule: (x, name) => x.rule === name,
  provider: (x, name) => x.provider === name,
  model: (x, part) =>
    contains(x.asked, part) ||
    (x.provider !== null && x.model !== null && contains(`${x.provider}/${x.model}`, part)),
  status: hasStatus,
  slowerThan: (x, ms) => x.totalMs !== null && x.totalMs > ms,
  minCostNanoUsd: (x, cost) => x.cost.nanoUsd !== null && x.cost.nanoUsd >= cost,
  fallback: (x, only) => !only || tookOtherTarget(x.attempts),
  grep: (x, part) =>
    [
      x.id,
      x.asked,
      x.provider,
      x.model,
      x.agent,
      x.project,
      x.session,
      x.rule,
      x.errorCode,
      x.errorMessage,
    ].some((text) => text !== null && contains(text, part)),
};

/** Whether the ledger would find an exchange by these filters: the same answer, for exchanges that are still on their way. */
export function matches(x: Exchange, filters: Partial<Tests>): boolean {
  const holds = <F extends keyof Tests>(filter: F): boolean => {
    const value: Tests[F] | undefined = filters[filter];
    return value === undefined || TESTS[filter](x, value);
  };
  return (Object.keys(TESTS) as (keyof Tests)[]).every(holds);
}

function hasStatus(x: Exchange, status: string): boolean {
  if (status === 'ok') return x.outcome === 'ok';
  if (status === 'err') return x.outcome !== 'ok' && x.outcome !== 'open';
  if (/^[1-5]xx$/.test(status)) return x.status !== null && Math.floor(x.status / 100) === Number(status[0]);
  return /^\d{3}$/.test(status) ? x.status === Number(status) : x.outcome === status;
}

function tookOtherTarget(attempts: readonly Attempt[]): boolean {
  const [first] = attempts;
  return attempts.some(({ provider, model }) => provider !== first?.provider || model !== first?.model);
}

function contains(text: string, part: string): boolean {
  return lower(text).includes(lower(part));
}

/** SQLite knows upper and lower case of ASCII only. */
function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
