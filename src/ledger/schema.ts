import type { Generated } from 'kysely';
import type { Attempt, CostState, EndpointId, NameSource, Outcome, UsageSource } from '../exchange.ts';
import type { ServiceTier } from '../pivot/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';

/** Rollups add up what started within one of these: 15 minutes UTC, on which every zone's midnight falls. */
export const BUCKET_MS = 900_000;

/** The larger ones add up a whole hour. */
export const HOUR_MS = 3_600_000;

/** An exchange as a row. Times are ms since 1970; flags are 0 or 1; null = not known. */
export interface ExchangeRow {
  id: string;
  time: number;
  agent: string | null;
  agent_source: NameSource | null;
  project: string | null;
  project_source: NameSource | null;
  session: string | null;
  protocol: ProtocolId;
  endpoint: EndpointId;
  stream: number;
  asked: string;
  provider: string | null;
  model: string | null;
  rule: string;
  status: number | null;
  outcome: Outcome;
  input: number | null;
  cache_read: number | null;
  cache_write: number | null;
  cache_write_1h: number | null;
  output: number | null;
  reasoning: number | null;
  input_audio: number | null;
  output_audio: number | null;
  searches: number | null;
  /** USD as the provider gave it. */
  cost_usd: number | null;
  usage_source: UsageSource;
  cost_nano: number | null;
  cost_state: CostState;
  price_source: string | null;
  ttft_ms: number | null;
  total_ms: number | null;
  /** 1 = another target than the first was tried. */
  fallback: number;
  /** JSON list of sentences. */
  losses: string;
  error_code: string | null;
  error_message: string | null;
  demo: number;
  input_image: number | null;
  output_image: number | null;
  server_tools: number | null;
  tier: ServiceTier | null;
  /** Of the cost: what attempts cost that gave no answer. */
  retry_nano: number | null;
  saved_cache_nano: number | null;
  saved_route_nano: number | null;
  /** 1 = another target than the last sends a bill, too. */
  elsewhere: number | null;
  /** JSON of the exchange's `cacheBreak`. */
  cache_break: string | null;
}

/** An attempt as a child row. */
export interface AttemptRow {
  exchange_id: string;
  n: number;
  provider: string;
  model: string;
  status: number | null;
  failure: string | null;
  message: string | null;
  started_ms: number;
  ms: number | null;
  waited_ms: number;
  billable: Attempt['billable'];
  /** null = it used nothing that anybody knows of, and so it is with all that follows. */
  usage_source: UsageSource | null;
  input: number | null;
  cache_read: number | null;
  cache_write: number | null;
  cache_write_1h: number | null;
  output: number | null;
  reasoning: number | null;
  input_audio: number | null;
  output_audio: number | null;
  input_image: number | null;
  output_image: number | null;
  searches: number | null;
  server_tools: number | null;
  cost_usd: number | null;
  tier: ServiceTier | null;
  cost_nano: number | null;
  cost_state: CostState | null;
  price_source: string | null;
  /** What the provider calls its answer. */
  answer_id: string | null;
}

/** What sums can be grouped by. '' = not known: a key with NULL in it would never match itself. */
export const DIMENSIONS = ['provider', 'model', 'agent', 'project', 'rule'] as const;

/** What is added up. */
export const COUNTERS = [
  'requests',
  'errors',
  'fallbacks',
  'unpriced',
  'estimated',
  'input',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'output',
  'reasoning',
  'cost_nano',
  'retry_nano',
  'saved_cache_nano',
  'saved_route_nano',
] as const;

export type Counter = (typeof COUNTERS)[number];

/** Sums of the exchanges of one quarter of an hour that agree in every dimension. */
export type RollupRow = { bucket: number; demo: number } & Record<(typeof DIMENSIONS)[number], string> &
  Record<Counter, number>;

/** Every finished exchange as a rollup of one. */
export type CountedRow = HourRollupRow & { id: string; time: number };

/** The same of a whole hour and one session. */
export type HourRollupRow = RollupRow & { session: string };

/** The tables and views, for the query builder. */
export interface Tables {
  exchange: ExchangeRow & { seq: Generated<number> };
  attempt: AttemptRow;
  rollup: RollupRow;
  hour_rollup: HourRollupRow;
  counted: CountedRow;
}

/** What few providers tell, of a request and of an attempt. */
const SELDOM_KNOWN = [
  'cost_usd',
  'searches',
  'server_tools',
  'input_audio',
  'output_audio',
  'input_image',
  'output_image',
] as const;

/** What is mostly unknown comes last: a row is written down without the unknown at its end, which saves a third of its cost. */
export const EXCHANGE_COLUMNS = [
  'id',
  'time',
  'agent',
  'agent_source',
  'project',
  'project_source',
  'protocol',
  'endpoint',
  'stream',
  'asked',
  'provider',
  'model',
  'rule',
  'status',
  'outcome',
  'input',
  'output',
  'usage_source',
  'cost_nano',
  'cost_state',
  'price_source',
  'ttft_ms',
  'total_ms',
  'fallback',
  'losses',
  'demo',
  'retry_nano',
  'elsewhere',
  'session',
  'cache_read',
  'reasoning',
  'saved_cache_nano',
  'saved_route_nano',
  'cache_write',
  'tier',
  'cache_write_1h',
  'cache_break',
  'error_code',
  'error_message',
  ...SELDOM_KNOWN,
] as const satisfies readonly (keyof ExchangeRow)[];

/** Likewise. */
export const ATTEMPT_COLUMNS = [
  'exchange_id',
  'n',
  'provider',
  'model',
  'status',
  'started_ms',
  'ms',
  'waited_ms',
  'billable',
  'usage_source',
  'input',
  'output',
  'cost_nano',
  'cost_state',
  'price_source',
  'answer_id',
  'cache_read',
  'reasoning',
  'cache_write',
  'tier',
  'cache_write_1h',
  'failure',
  'message',
  ...SELDOM_KNOWN,
] as const satisfies readonly (keyof AttemptRow)[];
