import {
  type Attempt,
  type Billed,
  type CacheBreak,
  type Cost,
  type Exchange,
  fellBack,
  type Savings,
} from '../exchange.ts';
import type { Count, Usage } from '../pivot/index.ts';
import { ATTEMPT_COLUMNS, type AttemptRow, EXCHANGE_COLUMNS, type ExchangeRow } from './schema.ts';

/** What a column holds. */
export type Value = string | number | null;

/**
 * An exchange at one moment: the values of its row and of its attempts' rows in the order of their columns. Later changes
 * of the exchange do not reach it. Without names, and without the unknown at the end, it is small as JSON, in which it
 * goes to the worker: copying objects with their forty names cost more than writing them to the disk.
 */
export interface Snapshot {
  id: string;
  /** Not settled yet. */
  open: boolean;
  exchange: Value[];
  attempts: Value[][];
}

const USAGE_COLUMNS = [
  ['input', 'input'],
  ['cacheRead', 'cache_read'],
  ['cacheWrite', 'cache_write'],
  ['cacheWrite1h', 'cache_write_1h'],
  ['output', 'output'],
  ['reasoning', 'reasoning'],
  ['inputAudio', 'input_audio'],
  ['outputAudio', 'output_audio'],
  ['inputImage', 'input_image'],
  ['outputImage', 'output_image'],
  ['searches', 'searches'],
  ['serverTools', 'server_tools'],
  ['costUsd', 'cost_usd'],
] as const satisfies readonly (readonly [Count, keyof UsageRow])[];

/** The columns of usage: an exchange has them, and each attempt. */
type UsageRow = Pick<
  ExchangeRow,
  | 'input'
  | 'cache_read'
  | 'cache_write'
  | 'cache_write_1h'
  | 'output'
  | 'reasoning'
  | 'input_audio'
  | 'output_audio'
  | 'input_image'
  | 'output_image'
  | 'searches'
  | 'server_tools'
  | 'cost_usd'
  | 'tier'
>;

/** Writes an exchange down. */
export function toSnapshot(exchange: Exchange): Snapshot {
  return snapshotOf(
    toRow(exchange),
    exchange.attempts.map((attempt) => toAttemptRow(exchange.id, attempt)),
  );
}

/** A snapshot of rows; of columns that an older file lacks nothing is known. */
export function snapshotOf(row: ExchangeRow, attempts: readonly AttemptRow[]): Snapshot {
  return {
    id: row.id,
    open: row.outcome === 'open',
    exchange: valuesOf(EXCHANGE_COLUMNS, row),
    attempts: attempts.map((attempt) => valuesOf(ATTEMPT_COLUMNS, attempt)),
  };
}

/** Reads an exchange back; attempts in the order of their numbers. */
export function fromRow(row: ExchangeRow, attempts: AttemptRow[]): Exchange {
  return {
    id: row.id,
    time: row.time,
    agent: row.agent,
    agentSource: row.agent_source,
    project: row.project,
    projectSource: row.project_source,
    session: row.session,
    protocol: row.protocol,
    endpoint: row.endpoint,
    stream: row.stream === 1,
    asked: row.asked,
    provider: row.provider,
    model: row.model,
    rule: row.rule,
    status: row.status,
    outcome: row.outcome,
    usage: usageOf(row),
    usageSource: row.usage_source,
    cost: { nanoUsd: row.cost_nano, state: row.cost_state, source: row.price_source },
    ...savedOf(row),
    ttftMs: row.ttft_ms,
    totalMs: row.total_ms,
    attempts: attempts.map(fromAttemptRow),
    losses: JSON.parse(row.losses) as string[],
    errorCode: row.error_code,
    errorMessage: row.error_message,
    demo: row.demo === 1,
    ...(row.cache_break === null ? {} : { cacheBreak: JSON.parse(row.cache_break) as CacheBreak }),
  };
}

function toRow(exchange: Exchange): ExchangeRow {
  const { usage, cost, attempts } = exchange;
  return {
    id: exchange.id,
    time: Math.floor(exchange.time),
    agent: exchange.agent,
    agent_source: exchange.agentSource,
    project: exchange.project,
    project_source: exchange.projectSource,
    session: exchange.session,
    protocol: exchange.protocol,
    endpoint: exchange.endpoint,
    stream: flag(exchange.stream),
    asked: exchange.asked,
    provider: exchange.provider,
    model: exchange.model,
    rule: exchange.rule,
    status: exchange.status,
    outcome: exchange.outcome,
    ...usageRow(usage),
    usage_source: exchange.usageSource,
    cost_nano: whole(cost.nanoUsd),
    cost_state: cost.state,
    price_source: cost.source,
    ttft_ms: exchange.ttftMs,
    total_ms: exchange.totalMs,
    fallback: flag(fellBack(exchange)),
    losses: JSON.stringify(exchange.losses),
    error_code: exchange.errorCode,
    error_message: exchange.errorMessage,
    demo: flag(exchange.demo),
    cache_break: exchange.cacheBreak ? JSON.stringify(exchange.cacheBreak) : null,
    retry_nano: retryCost(attempts),
    saved_cache_nano: whole(exchange.saved?.cacheNanoUsd),
    saved_route_nano: whole(exchange.saved?.routeNanoUsd),
    elsewhere: flag(attempts.some((attempt) => attempt.billed && isElsewhere(exchange, attempt))),
  };
}

function usageRow(usage: Usage): UsageRow {
  return {
    input: whole(usage.input),
    cache_read: whole(usage.cacheRead),
    cache_write: whole(usage.cacheWrite),
    cache_write_1h: whole(usage.cacheWrite1h),
    output: whole(usage.output),
    reasoning: whole(usage.reasoning),
    input_audio: whole(usage.inputAudio),
    output_audio: whole(usage.outputAudio),
    input_image: whole(usage.inputImage),
    output_image: whole(usage.outputImage),
    searches: whole(usage.searches),
    server_tools: whole(usage.serverTools),
    cost_usd: usage.costUsd ?? null,
    tier: usage.tier ?? null,
  };
}

/** What attempts cost that gave no answer. */
function retryCost(attempts: readonly Attempt[]): number {
  return attempts.reduce(
    (sum, { billed, failure }) => sum + (failure === null ? 0 : (whole(billed?.cost.nanoUsd) ?? 0)),
    0,
  );
}

function isElsewhere(exchange: Exchange, { provider, model }: Attempt): boolean {
  return provider !== exchange.provider || model !== exchange.model;
}

function savedOf(row: ExchangeRow): { saved?: Savings } {
  const { saved_cache_nano: cacheNanoUsd, saved_route_nano: routeNanoUsd } = row;
  return cacheNanoUsd === null && routeNanoUsd === null ? {} : { saved: { cacheNanoUsd, routeNanoUsd } };
}

function toAttemptRow(exchangeId: string, attempt: Attempt): AttemptRow {
  return {
    exchange_id: exchangeId,
    n: attempt.n,
    provider: attempt.provider,
    model: attempt.model,
    status: attempt.status,
    failure: attempt.failure,
    message: attempt.message,
    started_ms: attempt.startedMs,
    ms: attempt.ms,
    waited_ms: attempt.waitedMs,
    billable: attempt.billable,
    ...usageRow(attempt.billed?.usage ?? {}),
    usage_source: attempt.billed?.usageSource ?? null,
    cost_nano: whole(attempt.billed?.cost.nanoUsd),
    cost_state: attempt.billed?.cost.state ?? null,
    price_source: attempt.billed?.cost.source ?? null,
    answer_id: attempt.answerId ?? null,
  };
}

function fromAttemptRow(row: AttemptRow): Attempt {
  return {
    n: row.n,
    provider: row.provider,
    model: row.model,
    status: row.status,
    failure: row.failure,
    message: row.message,
    startedMs: row.started_ms,
    ms: row.ms,
    waitedMs: row.waited_ms,
    billable: row.billable,
    ...(row.answer_id === null ? {} : { answerId: row.answer_id }),
    ...billedOf(row),
  };
}

function billedOf(row: AttemptRow): { billed?: Billed } {
  const { usage_source: usageSource, cost_nano: nanoUsd, cost_state: state, price_source: source } = row;
  if (usageSource === null || state === null) return {};
  const cost: Cost = { nanoUsd, state, source };
  return { billed: { usage: usageOf(row), usageSource, cost } };
}

/** The counts of a row; what is not known stays away. */
export function usageOf(row: UsageRow): Usage {
  const usage: Usage = row.tier === null ? {} : { tier: row.tier };
  for (const [field, column] of USAGE_COLUMNS) {
    const value = row[column];
    if (value !== null) usage[field] = value;
  }
  return usage;
}

/** What is unknown at the end is left out: SQLite takes it for NULL, and each value costs time on its way. */
function valuesOf<C extends string>(
  columns: readonly C[],
  row: Readonly<Record<C, Value | undefined>>,
): Value[] {
  const values = columns.map((column) => storable(row[column]));
  while (values.at(-1) === null) values.pop();
  return values;
}

/** The driver cuts text at U+0000, which an upstream's error message or a client's model name may hold. */
function storable(value: Value | undefined): Value {
  return typeof value === 'string' && value.includes('\0')
    ? value.replaceAll('\0', '\ufffd')
    : (value ?? null);
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}

/** A count that a column of integers takes; what a provider garbled is unknown. */
function whole(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(Math.round(value)) ? Math.round(value) : null;
}
