import type { Exchange } from '../exchange.ts';
import { createNewest } from '../newest.ts';
import type { PivotRequest } from '../pivot/index.ts';
import type { Plan } from '../router/index.ts';
import { serve } from './attempts.ts';
import { createCalibration } from './calibration.ts';
import { beginOnce } from './client.ts';
import { createConversations } from './conversations.ts';
import { createEnding, type Ending, type EndingFields } from './ending.ts';
import { type Estimate, estimateTokens } from './estimate.ts';
import type { Job, JobClient, RelayMemory } from './job.ts';
import { createLeaving } from './leaving.ts';
import { createMemory } from './memory.ts';
import { createRepairs } from './repair.ts';
import { readRequest } from './translate/request.ts';
import type { Client, Inbound, RelayDeps } from './types.ts';
import { estimateInput } from './usage.ts';

/** Serves one request along its plan: attempts, waits, fallbacks, one settled exchange. Resolves when all is recorded. */
export type Relay = (inbound: Inbound, plan: Plan, exchange: Exchange, client: Client) => Promise<void>;

/** How an exchange ends that a bug of ours stopped: whoever catches it answers the client. */
const BUG: EndingFields = {
  status: 500,
  outcome: 'error',
  errorCode: 'internal',
  errorMessage: 'unorouter: a bug of ours stopped this request',
};

const newest = createNewest<OneJob>();

/** Creates the relay. One call, one exchange: opened before the first upstream call and finished exactly once. */
export function createRelay(deps: RelayDeps): Relay {
  const memory: RelayMemory = {
    thoughts: createMemory(),
    conversations: createConversations(),
    repairs: createRepairs(),
    leaving: createLeaving(undefined, deps.ending),
    counts: createCalibration(),
  };
  return async (inbound, plan, exchange, client) => {
    const job = newest(new OneJob(inbound, plan, exchange, client, deps, memory), inbound.bytes.length);
    exchange.rule = plan.rule;
    deps.recorder.open(exchange);
    try {
      await serve(job);
    } finally {
      // Whatever was thrown: nobody else ends it.
      if (!job.ending.settled()) job.ending.settle(BUG);
      exchange.totalMs = Math.round(job.elapsed());
      deps.recorder.finish(exchange);
    }
  };
}

/** What is worked out of a request, once each and only when it is asked for. */
class OneJob implements Job {
  readonly inbound: Inbound;
  readonly plan: Plan;
  readonly client: JobClient;
  readonly exchange: Exchange;
  readonly ending: Ending;
  readonly deps: RelayDeps;
  readonly memory: RelayMemory;
  repair: Job['repair'] = null;
  readonly foreignSeals: boolean;
  private readonly started: number;
  private pivot: PivotRequest | null = null;
  private tokens: number | null = null;
  private estimated: Estimate | null = null;

  constructor(
    inbound: Inbound,
    plan: Plan,
    exchange: Exchange,
    client: Client,
    deps: RelayDeps,
    memory: RelayMemory,
  ) {
    this.inbound = inbound;
    this.plan = plan;
    this.client = beginOnce(client);
    this.exchange = exchange;
    this.ending = createEnding(exchange, deps.onBug);
    this.deps = deps;
    this.memory = memory;
    this.foreignSeals = inbound.scanned?.marked ?? false;
    this.started = deps.elapsed();
  }

  inputEstimate(): number {
    this.tokens ??= estimateInput(this.inbound.bytes);
    return this.tokens;
  }

  elapsed(): number {
    return this.deps.elapsed() - this.started;
  }

  request(): PivotRequest {
    this.pivot ??= readRequest(this.inbound, this.deps.protocol(this.inbound.protocol));
    return this.pivot;
  }

  isRead(): boolean {
    return this.pivot !== null;
  }

  estimate(): Estimate {
    this.estimated ??= estimateTokens(this.request());
    return this.estimated;
  }
}
