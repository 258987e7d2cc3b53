import { GatewayError } from '../errors.ts';
import type { Attempt, Exchange } from '../exchange.ts';
import { type PivotRequest, SEAL_MARKS } from '../pivot/index.ts';
import type { Plan, Target } from '../router/index.ts';
import { exchangeHeaders, headerText } from './answer-head.ts';
import { attemptOnce } from './attempt.ts';
import { beginOnce } from './client.ts';
import { createConversations } from './conversations.ts';
import { answerEstimate, countsAnyway, countsHere } from './count.ts';
import { type AttemptFailure, type Decision, decide } from './decide.ts';
import { type AttemptResult, describe, encodeContext, type Job, type RelayMemory } from './job.ts';
import { createLeaving } from './leaving.ts';
import { createMemory } from './memory.ts';
import { createRepairs } from './repair.ts';
import { readRequest } from './translate/request.ts';
import type { Client, Inbound, RelayDeps } from './types.ts';
import {
  estimateInput,
  NOT_USED,
  type SettledUsage,
  settledCost,
  settleUsage,
  usageRequest,
} from './usage.ts';

/** Serves one request along its plan: attempts, waits, fallbacks, one settled exchange. Resolves when all is recorded. */
export type Relay = (inbound: Inbound, plan: Plan, exchange: Exchange, client: Client) => Promise<void>;

/** Creates the relay. One call, one exchange: opened before the first upstream call and finished exactly once. */
export function createRelay(deps: RelayDeps): Relay {
  const memory: RelayMemory = {
    thoughts: createMemory(),
    conversations: createConversations(),
    repairs: createRepairs(),
    leaving: createLeaving(),
  };
  return async (inbound, plan, exchange, client) => {
    const job = createJob(inbound, exchange, client, deps, memory);
    exchange.rule = plan.rule;
    deps.recorder.open(exchange);
    try {
      await serve(job, plan);
    } catch (bug) {
      Object.assign(exchange, BUG);
      throw bug;
    } finally {
      exchange.totalMs = Math.round(job.elapsed());
      deps.recorder.finish(exchange);
    }
  };
}

function createJob(
  inbound: Inbound,
  exchange: Exchange,
  client: Client,
  deps: RelayDeps,
  memory: RelayMemory,
): Job {
  const started = deps.elapsed();
  let request: PivotRequest | null = null;
  let tokens: number | undefined;
  return {
    inbound,
    client: beginOnce(client),
    exchange,
    deps,
    memory,
    repair: null,
    inputEstimate() {
      tokens ??= estimateInput(inbound.bytes);
      return tokens;
    },
    foreignSeals: SEAL_MARKS.some((mark) => inbound.bytes.includes(mark)),
    elapsed: () => deps.elapsed() - started,
    request() {
      request ??= readRequest(inbound, deps.protocol(inbound.protocol));
      return request;
    },
  };
}

/** How an exchange ends that a bug of ours stopped: whoever catches it answers the client. */
const BUG = {
  status: 500,
  outcome: 'error',
  errorCode: 'internal',
  errorMessage: 'unorouter: a bug of ours stopped this request',
} as const satisfies Partial<Exchange>;

async function serve(job: Job, plan: Plan): Promise<void> {
  for (const [index, target] of plan.targets.entries()) {
    const place = { firstTarget: index === 0, moreTargets: index + 1 < plan.targets.length };
    if ((await serveFrom(job, target, place)) === 'next') continue;
    // Sessions stay where they were answered.
    if (job.exchange.outcome === 'ok') job.deps.onServed?.(plan, target);
    return;
  }
}

/** All attempts at one target. `next` = it failed in a way that another target may not. */
async function serveFrom(
  job: Job,
  target: Target,
  place: { firstTarget: boolean; moreTargets: boolean },
): Promise<'done' | 'next'> {
  if (countsHere(job, target)) return estimated(job, target);
  let waitMs = 0;
  for (let attemptsHere = 1; ; attemptsHere++) {
    const result = await oneAttempt(job, target, waitMs);
    if (job.client.signal.aborted || result.type === 'answered') {
      await conclude(job, target, result);
      return 'done';
    }
    if (countsAnyway(job, target, result.failure)) return estimated(job, target);
    const decision: Decision = mends(job, target, result.failure)
      ? { do: 'retry', waitMs: 0 }
      : decide({
          failure: result.failure,
          attemptsHere,
          ...place,
          elapsedMs: job.elapsed(),
          retry: job.deps.retry(),
          random: job.deps.random(),
        });
    if (decision.do === 'next') return 'next';
    if (decision.do === 'stop') {
      refuse(job, result.failure);
      return 'done';
    }
    waitMs = decision.waitMs;
    if (await waited(job, waitMs)) continue;
    await conclude(job, target, result);
    return 'done';
  }
}

/** A refusal that says what to do differently is worth one more try in each request; what helps is remembered. */
function mends(job: Job, target: Target, { repair }: AttemptFailure): boolean {
  if (!repair || job.repair || job.elapsed() >= job.deps.retry().deadlineMs) return false;
  job.repair = { target, repair };
  return true;
}

/** A count that nobody gives: an estimate. */
function estimated(job: Job, target: Target): 'done' {
  const { exchange } = job;
  try {
    answerEstimate(job, target);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    refuse(job, { error: describe(error, job), shouldRetry: null, retryAfter: null, unsent: true });
    return 'done';
  }
  exchange.status = 200;
  exchange.outcome = 'ok';
  // Nothing was used or billed; what is guessed is the answer itself.
  exchange.usageSource = 'estimated';
  return 'done';
}

/** Waits before a retry; false when the client went away meanwhile. */
async function waited(job: Job, ms: number): Promise<boolean> {
  try {
    await job.deps.wait(ms, job.client.signal);
    return true;
  } catch {
    // The only reason to wake early is the client's leaving.
    return false;
  }
}

async function oneAttempt(job: Job, target: Target, waitedMs: number): Promise<AttemptResult> {
  const { exchange } = job;
  const startedMs = Math.round(job.elapsed());
  const attempt: Attempt = {
    n: exchange.attempts.length + 1,
    provider: target.provider.id,
    model: target.model,
    status: null,
    failure: null,
    message: null,
    startedMs,
    ms: null,
    waitedMs,
    billable: 'maybe',
  };
  exchange.attempts.push(attempt);
  exchange.provider = target.provider.id;
  exchange.model = target.model;
  exchange.demo = target.provider.kind === 'demo';
  job.deps.recorder.update(exchange);
  const result = await attemptOnce(job, target, attempt);
  attempt.ms = Math.round(job.elapsed()) - startedMs;
  if (result.type === 'failed') {
    attempt.failure = result.failure.error.code === 'key_refused' ? 'auth' : result.failure.error.kind;
    attempt.message = result.failure.error.message;
    const answered = attempt.status !== null && attempt.status >= 400;
    attempt.billable = answered || result.failure.unsent ? 'no' : 'maybe';
  } else {
    attempt.billable = 'yes';
    if (job.repair?.target === target) job.memory.repairs.learn(target, job.repair.repair);
  }
  job.deps.recorder.update(exchange);
  return result;
}

/** The request is over for the client: answered (whole or cut), or the client has gone. */
async function conclude(job: Job, target: Target, result: AttemptResult): Promise<void> {
  const { exchange } = job;
  // A client that hangs up on the end marker has its answer.
  const whole = result.type === 'answered' && result.cut === null && result.reading.ended && !result.left;
  const gone = job.client.signal.aborted && !whole;
  const attempt = exchange.attempts.at(-1);
  const settled = result.type === 'answered' ? noteAnswer(job, result, gone) : NOT_USED;
  exchange.status = attempt?.status ?? null;
  exchange.outcome = gone ? 'client_aborted' : exchange.errorCode === null ? 'ok' : 'upstream_cut';
  if (gone && attempt) attempt.billable = settled.billed ? 'yes' : 'maybe';
  exchange.cost = await settledCost(job, target, settled);
}

/** What an answer, whole or cut, leaves in the record. */
function noteAnswer(
  job: Job,
  { cut, reading }: AttemptResult & { type: 'answered' },
  gone: boolean,
): SettledUsage {
  const { exchange, deps } = job;
  const settled = settleUsage(reading, usageRequest(job), cut === null && (!gone || reading.ended));
  exchange.usage = settled.usage;
  exchange.usageSource = settled.source;
  exchange.errorCode = cut === null ? null : (cut.code ?? cut.kind);
  exchange.errorMessage = cut === null ? null : deps.mask(cut.message);
  return settled;
}

/** Every attempt failed and nothing was sent: the last failure, in the client's own protocol. */
function refuse(job: Job, failure: AttemptFailure): void {
  const { exchange, client, inbound, deps } = job;
  const { error } = failure;
  const protocol = deps.protocol(inbound.protocol);
  exchange.outcome = 'error';
  exchange.errorCode = error.code ?? error.kind;
  exchange.errorMessage = error.message;
  exchange.cost = { nanoUsd: 0, state: 'none', source: null };
  if (client.begun()) {
    // A sign of life was sent already, and with it the status.
    exchange.status = 200;
    client.write(Buffer.from(protocol.createEncoder(encodeContext(job)).push({ type: 'error', error })));
    client.end();
    return;
  }
  const encoded = protocol.encodeError(error, { stream: inbound.stream, ...encodeContext(job) });
  // What we tried already, and what the upstream itself says is no use.
  const retried =
    exchange.attempts.length > 1 || failure.shouldRetry === false ? { 'x-should-retry': 'false' } : {};
  // The upstream's own header, to the letter: our seconds would be rounded. One that makes no sense is not passed on.
  const retryAfter =
    failure.retryAfter !== null && error.retryAfterMs !== undefined && error.kind === 'rate-limit'
      ? { 'retry-after': headerText(failure.retryAfter) }
      : {};
  exchange.status = encoded.status;
  client.head(encoded.status, {
    ...encoded.headers,
    ...retryAfter,
    ...retried,
    ...exchangeHeaders(exchange, true),
  });
  client.write(Buffer.from(encoded.body));
  client.end();
}
