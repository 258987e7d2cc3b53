import type { Usage } from './pivot/index.ts';
import type { ProtocolId } from './protocols/protocol.ts';

/** How an exchange ended; `open` until then. */
export type Outcome = 'open' | 'ok' | 'error' | 'client_aborted' | 'upstream_cut' | 'interrupted';
/** Where the token counts come from. */
export type UsageSource = 'reported' | 'partial' | 'estimated' | 'none';
/** What the cost figure means: `free` and `local` are a known zero, `unknown` is never shown as zero, `none` = nothing was billed. */
export type CostState = 'exact' | 'estimate' | 'free' | 'local' | 'unknown' | 'none' | 'demo';
/** How an agent or project name was found, strongest first. */
export type NameSource = 'label' | 'header' | 'directory' | 'user-agent';

/** What an endpoint does; decides the upstream path and how the answer's usage is read. */
export type EndpointId =
  | 'generate'
  | 'count-tokens'
  | 'embeddings'
  | 'completions'
  | 'images'
  | 'audio'
  | 'moderations'
  | 'rerank';

/** One call of one upstream. */
export interface Attempt {
  /** Counts from 1. */
  n: number;
  provider: string;
  model: string;
  /** The upstream's status; null when it never answered. */
  status: number | null;
  /** Failure kind (glossary) or null when this attempt answered. */
  failure: string | null;
  /** The upstream's words, masked. */
  message: string | null;
  startedMs: number;
  /** Length in ms, null while running. */
  ms: number | null;
  /** Ms waited before this attempt. */
  waitedMs: number;
  billable: 'yes' | 'no' | 'maybe';
  /** What the provider calls its answer (`gen-…`, `chatcmpl-…`); absent = it did not say. */
  answerId?: string;
  /** What it used and what that cost; absent = nothing that anybody knows of. */
  billed?: Billed;
}

/** One line of the bill. */
export interface Billed {
  usage: Usage;
  usageSource: UsageSource;
  cost: Cost;
}

/**
 * What an answer would have cost otherwise minus what it cost, both at list price at the time of the request, in
 * nano-dollars: without the provider's prompt cache, and from the model that was asked for. Below 0 = it cost more.
 * null = nobody knows.
 */
export interface Savings {
  cacheNanoUsd: number | null;
  routeNanoUsd: number | null;
}

/** A cost with its pedigree. */
export interface Cost {
  /** Integer nano-dollars; null = unknown. A number beside the state `unknown` is what is known of it: "at least". */
  nanoUsd: number | null;
  state: CostState;
  /** For example `genai-prices openai/gpt-5 2026-11-20`, `config`, `provider`. */
  source: string | null;
}

/** Why a provider read less of a prompt from its cache than the conversation's last request had left there. */
export interface CacheBreak {
  /** What was another than before; null = nothing that we can see. */
  part: 'model' | 'tools' | 'system' | 'message' | null;
  /** Which message, from 1; null for every other part. */
  message: number | null;
  /** Who is to blame: the client changed it, we sent it elsewhere, it was kept no longer, or nobody knows. */
  by: 'client' | 'route' | 'ttl' | 'provider';
  /** `provider/model` that served the request before; null = the same. */
  from: string | null;
  /** ms since the conversation's last request ended. */
  idleMs: number;
  /** Tokens that were read anew, although they had been in the cache. */
  tokens: number;
  /** What that cost more, in nano-dollars at list price; null = not known. */
  costNanoUsd: number | null;
}

/** One client request with all its attempts: the record that ledger, feed and the command line share. */
export interface Exchange {
  /** ULID: sorts by time. */
  id: string;
  /** Start, ms since 1970. */
  time: number;
  agent: string | null;
  agentSource: NameSource | null;
  project: string | null;
  projectSource: NameSource | null;
  session: string | null;
  protocol: ProtocolId;
  endpoint: EndpointId;
  stream: boolean;
  /** The model name that the client sent. */
  asked: string;
  /** Who served it: provider id and that provider's model id; null when nobody did. */
  provider: string | null;
  model: string | null;
  /** Name of the rule of the plan (`default`, `alias fast`, ...). */
  rule: string;
  /** HTTP status that the client saw; null while open. */
  status: number | null;
  outcome: Outcome;
  /** Usage and cost are the sums over all attempts: a retry that was billed is on the bill. */
  usage: Usage;
  usageSource: UsageSource;
  cost: Cost;
  saved?: Savings;
  /** Absent = the cache was not lost, or nobody can tell. */
  cacheBreak?: CacheBreak;
  /** First content byte to the client, ms after start. */
  ttftMs: number | null;
  totalMs: number | null;
  attempts: Attempt[];
  losses: string[];
  /** Code and sentence of the error the client saw. */
  errorCode: string | null;
  errorMessage: string | null;
  /** The demo provider served it: kept out of sums. */
  demo: boolean;
}

/** Whether another target than the first was tried: another provider, or another model there. */
export function fellBack({ attempts }: Pick<Exchange, 'attempts'>): boolean {
  const [first] = attempts;
  return attempts.some(({ provider, model }) => provider !== first?.provider || model !== first?.model);
}

/** Who wants to hear of exchanges. All calls return at once; none may throw into the request. */
export interface Recorder {
  /** Before the first upstream call. */
  open(exchange: Exchange): void;
  /** Anything changed (an attempt ended, first content, tokens so far): for live rows. */
  update(exchange: Exchange): void;
  /** Exactly once per opened exchange. */
  finish(exchange: Exchange): void;
}

/** The JSON shape of an exchange, the same in `logs --json`, the management API and `--format json` (decisions.md). */
export function exchangeJson(x: Exchange): Record<string, unknown> {
  return {
    id: x.id,
    time: new Date(x.time).toISOString(),
    agent: x.agent,
    project: x.project,
    session: x.session,
    protocol: x.protocol,
    endpoint: x.endpoint,
    stream: x.stream,
    asked: x.asked,
    served: x.provider === null ? null : `${x.provider}/${x.model}`,
    rule: x.rule,
    status: x.status,
    outcome: x.outcome,
    ...billedJson(x),
    saved: { cacheNanoUsd: x.saved?.cacheNanoUsd ?? null, routeNanoUsd: x.saved?.routeNanoUsd ?? null },
    cacheBreak: x.cacheBreak ?? null,
    ttftMs: x.ttftMs,
    totalMs: x.totalMs,
    attempts: x.attempts.map(attemptJson),
    losses: x.losses,
    errorCode: x.errorCode,
    errorMessage: x.errorMessage,
    demo: x.demo,
  };
}

function attemptJson({ billed, ...attempt }: Attempt): Record<string, unknown> {
  return billed ? { ...attempt, ...billedJson(billed) } : { ...attempt };
}

/** Counts that few answers have: they are in JSON where they are known. */
const RARE = [
  'inputAudio',
  'outputAudio',
  'inputImage',
  'outputImage',
  'searches',
  'serverTools',
  'tier',
] as const;

function billedJson({ usage, usageSource, cost }: Billed): Record<string, unknown> {
  const n = (v: number | undefined): number | null => v ?? null;
  const rare = RARE.filter((name) => usage[name] !== undefined).map((name) => [name, usage[name]]);
  return {
    usage: {
      input: n(usage.input),
      cacheRead: n(usage.cacheRead),
      cacheWrite: n(usage.cacheWrite),
      cacheWrite1h: n(usage.cacheWrite1h),
      output: n(usage.output),
      reasoning: n(usage.reasoning),
      ...Object.fromEntries(rare),
    },
    usageSource,
    costNanoUsd: cost.nanoUsd,
    costState: cost.state,
    priceSource: cost.source,
  };
}
