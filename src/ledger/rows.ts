import type { Attempt, CacheBreak, Exchange } from '../exchange.ts';
import type { Usage } from '../pivot/index.ts';
import type { AttemptRow, ExchangeRow } from './schema.ts';

/** An exchange at one moment, flat: safe to keep, cheap to post to the worker. */
export interface Snapshot {
  row: ExchangeRow;
  attempts: AttemptRow[];
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
  ['searches', 'searches'],
  ['costUsd', 'cost_usd'],
] as const satisfies readonly (readonly [keyof Usage, keyof ExchangeRow])[];

/** Writes an exchange down. Later changes of it do not reach the snapshot. */
export function toSnapshot(exchange: Exchange): Snapshot {
  return {
    row: withoutNul(toRow(exchange)),
    attempts: exchange.attempts.map((attempt) => withoutNul(toAttemptRow(exchange.id, attempt))),
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
    input: whole(usage.input),
    cache_read: whole(usage.cacheRead),
    cache_write: whole(usage.cacheWrite),
    cache_write_1h: whole(usage.cacheWrite1h),
    output: whole(usage.output),
    reasoning: whole(usage.reasoning),
    input_audio: whole(usage.inputAudio),
    output_audio: whole(usage.outputAudio),
    searches: whole(usage.searches),
    cost_usd: usage.costUsd ?? null,
    usage_source: exchange.usageSource,
    cost_nano: whole(cost.nanoUsd),
    cost_state: cost.state,
    price_source: cost.source,
    ttft_ms: exchange.ttftMs,
    total_ms: exchange.totalMs,
    fallback: flag(needsOtherTarget(attempts)),
    losses: JSON.stringify(exchange.losses),
    error_code: exchange.errorCode,
    error_message: exchange.errorMessage,
    demo: flag(exchange.demo),
    cache_break: exchange.cacheBreak ? JSON.stringify(exchange.cacheBreak) : null,
  };
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
  };
}

function usageOf(row: ExchangeRow): Usage {
  const usage: Usage = {};
  for (const [field, column] of USAGE_COLUMNS) {
    const value = row[column];
    if (value !== null) usage[field] = value;
  }
  return usage;
}

/** The driver cuts text at U+0000, which an upstream's error message or a client's model name may hold. */
function withoutNul<T extends object>(row: T): T {
  for (const [column, value] of Object.entries(row))
    if (typeof value === 'string' && value.includes('\0'))
      Object.assign(row, { [column]: value.replaceAll('\0', '\ufffd') });
  return row;
}

function needsOtherTarget(attempts: Attempt[]): boolean {
  const first = attempts[0];
  return attempts.some(({ provider, model }) => provider !== first?.provider || model !== first?.model);
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}

/** A count that a column of integers takes; what a provider garbled is unknown. */
function whole(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(Math.round(value)) ? Math.round(value) : null;
}
