import type { Attempt, Exchange } from '../exchange.ts';
import type { Plan, Target } from '../router/index.ts';
import { exchangeHeaders } from './answer-head.ts';
import { attemptOnce } from './attempt.ts';
import { type AttemptFailure, decide } from './decide.ts';
import { type AttemptResult, encodeContext, type Job } from './job.ts';
import type { Client, Inbound, RelayDeps } from './types.ts';
import { NOT_USED, settledCost, settleUsage } from './usage.ts';

/** Serves one request along its plan: attempts, waits, fallbacks, one settled exchange. Resolves when all is recorded. */
export type Relay = (inbound: Inbound, plan: Plan, exchange: Exchange, client: Client) => Promise<void>;

/** Creates the relay. One call, one exchange: opened before the first upstream call and finished exactly once. */
export function createRelay(deps: RelayDeps): Relay {
  return async (inbound, plan, exchange, client) => {
    const started = deps.elapsed();
    const job: Job = { inbound, client, exchange, deps, elapsed: () => deps.elapsed() - started };
    exchange.rule = plan.rule;
    deps.recorder.open(exchange);
    try {
      await serve(job, plan);
    } finally {
      exchange.totalMs = Math.round(job.elapsed());
      deps.recorder.finish(exchange);
    }
  };
}

async function serve(job: Job, plan: Plan): Promise<void> {
  for (const [index, target] of plan.targets.entries()) {
    const place = { firstTarget: index === 0, moreTargets: index + 1 < plan.targets.length };
    if ((await serveFrom(job, target, place)) === 'done') return;
  }
}

/** All attempts at one target. `next` = it failed in a way that another target may not. */
async function serveFrom(
  job: Job,
  target: Target,
  place: { firstTarget: boolean; moreTargets: boolean },
): Promise<'done' | 'next'> {
  let waitMs = 0;
  for (let attemptsHere = 1; ; attemptsHere++) {
    const result = await oneAttempt(job, target, waitMs);
    if (job.client.signal.aborted || result.type === 'answered') {
      await conclude(job, target, result);
      return 'done';
    }
    const decision = decide({
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
    attempt.billable = attempt.status === null || attempt.status < 400 ? 'maybe' : 'no';
  } else {
    attempt.billable = 'yes';
  }
  job.deps.recorder.update(exchange);
  return result;
}

/** The request is over for the client: answered (whole or cut), or the client has gone. */
async function conclude(job: Job, target: Target, result: AttemptResult): Promise<void> {
  const { exchange, inbound, deps } = job;
  // Some clients close the connection right behind the end marker: they have had all of it.
  const whole = result.type === 'answered' && result.cut === null && result.reading.ended;
  const gone = job.client.signal.aborted && !whole;
  const attempt = exchange.attempts.at(-1);
  let settled = NOT_USED;
  if (result.type === 'answered') {
    const complete = result.cut === null && !gone;
    settled = settleUsage(
      result.reading,
      { bytes: inbound.bytes.length, endpoint: inbound.endpoint },
      complete,
    );
    exchange.usage = settled.usage;
    exchange.usageSource = settled.source;
    exchange.errorCode = result.cut?.code ?? null;
    exchange.errorMessage = result.cut === null ? null : deps.mask(result.cut.message);
  }
  exchange.status = attempt?.status ?? null;
  exchange.outcome = gone ? 'client_aborted' : exchange.errorCode === null ? 'ok' : 'upstream_cut';
  if (gone && attempt) attempt.billable = settled.billed ? 'yes' : 'maybe';
  exchange.cost = await settledCost(job, target, settled);
}

/** Every attempt failed and nothing was sent: the last failure, in the client's own protocol. */
function refuse(job: Job, failure: AttemptFailure): void {
  const { exchange, client, inbound, deps } = job;
  const { error } = failure;
  const encoded = deps
    .protocol(inbound.protocol)
    .encodeError(error, { stream: inbound.stream, ...encodeContext(job) });
  const retried = exchange.attempts.length > 1 ? { 'x-should-retry': 'false' } : {};
  // The upstream's own header, to the letter: our seconds would be rounded.
  const retryAfter =
    failure.retryAfter !== null && error.kind === 'rate-limit' ? { 'retry-after': failure.retryAfter } : {};
  exchange.status = encoded.status;
  exchange.outcome = 'error';
  exchange.errorCode = error.code ?? error.kind;
  exchange.errorMessage = error.message;
  exchange.cost = { nanoUsd: 0, state: 'none', source: null };
  client.head(encoded.status, {
    ...encoded.headers,
    ...retryAfter,
    ...retried,
    ...exchangeHeaders(exchange, true),
  });
  client.write(Buffer.from(encoded.body));
  client.end();
}
