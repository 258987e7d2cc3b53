import type { Exchange } from '../exchange.ts';
import type { PivotRequest } from '../pivot/index.ts';
import type { Plan } from '../router/index.ts';
import { serve } from './attempts.ts';
import { createCalibration } from './calibration.ts';
import { beginOnce } from './client.ts';
import { createConversations } from './conversations.ts';
import { createEnding, type EndingFields } from './ending.ts';
import { type Estimate, estimateTokens } from './estimate.ts';
import type { Job, RelayMemory } from './job.ts';
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
    const job = createJob(inbound, plan, exchange, client, deps, memory);
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

function createJob(
  inbound: Inbound,
  plan: Plan,
  exchange: Exchange,
  client: Client,
  deps: RelayDeps,
  memory: RelayMemory,
): Job {
  const started = deps.elapsed();
  let request: PivotRequest | null = null;
  let tokens: number | undefined;
  let estimate: Estimate | undefined;
  const read = (): PivotRequest => {
    request ??= readRequest(inbound, deps.protocol(inbound.protocol));
    return request;
  };
  return {
    inbound,
    plan,
    client: beginOnce(client),
    exchange,
    ending: createEnding(exchange, deps.onBug),
    deps,
    memory,
    repair: null,
    inputEstimate() {
      tokens ??= estimateInput(inbound.bytes);
      return tokens;
    },
    foreignSeals: inbound.scanned?.marked ?? false,
    elapsed: () => deps.elapsed() - started,
    request: read,
    isRead: () => request !== null,
    estimate() {
      estimate ??= estimateTokens(read());
      return estimate;
    },
  };
}
