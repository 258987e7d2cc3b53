import { GatewayError } from '../errors.ts';
import type { Attempt } from '../exchange.ts';
import type { Place } from '../health/index.ts';
import type { Target } from '../router/index.ts';
import { attemptOnce } from './attempt.ts';
import { billFailure } from './bill.ts';
import { answerEstimate, countsAnyway, countsHere } from './count.ts';
import { type AttemptFailure, type Decision, decide, leave, type Standing } from './decide.ts';
import { type AttemptResult, describe, type FailedAttempt, failed, type Job } from './job.ts';
import { oneLine } from './one-line.ts';
import { refuse } from './refuse.ts';
import { conclude } from './settle.ts';

/** Where a request stands in its plan. */
interface Here {
  /** Of the target in the plan. */
  index: number;
  target: Target;
  /** Attempts at this target that failed, and how many of them were reset. */
  failed: number;
  resets: number;
  /** How long it was waited for the next attempt, in ms. */
  waitMs: number;
  /** The next attempt takes a new connection: the one before had been closed when we wrote to it. */
  fresh: boolean;
}

function at(job: Job, index: number): Here | undefined {
  const target = job.plan.targets[index];
  return target && { index, target, failed: 0, resets: 0, waitMs: 0, fresh: false };
}

/**
 * Serves a request along its plan, until it is answered or refused. One loop, not one inside of the other: what waits for
 * an answer is held by every open stream, half a kB for each async function.
 */
export async function serve(job: Job): Promise<void> {
  const failures: AttemptFailure[] = [];
  for (let here = at(job, 0); here; ) {
    const { target } = here;
    if (countsHere(job, target)) return estimated(job, target);
    const result = await attempt(job, here);
    if (job.client.signal.aborted || result.type === 'answered') return conclude(job, target, result);
    const { failure } = result;
    // Nothing was tried yet: once more, at once.
    if (failure.wire === 'stale' && !here.fresh) {
      here.waitMs = 0;
      here.fresh = true;
    } else if (countsAnyway(job, target, failure)) return estimated(job, target);
    else here = await afterFailure(job, here, result, failures);
  }
}

/** Where the request goes behind a failure; `undefined` = nowhere, it was refused or its client has left. */
async function afterFailure(
  job: Job,
  here: Here,
  result: FailedAttempt,
  failures: AttemptFailure[],
): Promise<Here | undefined> {
  const { failure } = result;
  failures.push(failure);
  note(here, failure);
  const decision = decided(job, here, failure);
  if (decision.do === 'next') return at(job, here.index + 1);
  if (decision.do === 'stop') refuse(job, failure, failures);
  else if (await waited(job, decision.waitMs)) {
    here.waitMs = decision.waitMs;
    return here;
  } else await conclude(job, here.target, result);
  return undefined;
}

function note(here: Here, { wire }: AttemptFailure): void {
  here.failed++;
  if (wire === 'reset' || wire === 'stale') here.resets++;
  here.fresh = false;
}

/** What follows a failure, with what health has to say about retries (rule R6). */
function decided(job: Job, here: Here, failure: AttemptFailure): Decision {
  const { deps } = job;
  const { target } = here;
  if (mends(job, target, failure)) return { do: 'retry', waitMs: 0 };
  const standing: Standing = {
    failure,
    attemptsHere: here.failed,
    resetsHere: here.resets,
    firstTarget: here.index === 0,
    moreTargets: here.index + 1 < job.plan.targets.length,
    elapsedMs: job.elapsed(),
    retry: deps.retry(),
    random: deps.random(),
  };
  const decision = decide(standing);
  if (decision.do !== 'retry') return decision;
  const left = deps.health.of(placeOf(target)).state !== 'open' && deps.health.takeRetry(target.provider.id);
  return left ? decision : leave(standing);
}

function placeOf({ provider, model, key }: Target): Place {
  return { provider: provider.id, model, key: key ?? null };
}

/** A refusal that says what to do differently is worth one more try in each request; what helps is remembered. */
function mends(job: Job, target: Target, { repair }: AttemptFailure): boolean {
  if (!repair || job.repair || job.elapsed() >= job.deps.retry().deadlineMs) return false;
  job.repair = { target, repair };
  return true;
}

/** A count that nobody gives: an estimate. */
function estimated(job: Job, target: Target): void {
  try {
    answerEstimate(job, target);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const result = failed(describe(error, job), { unsent: true });
    if (result.type === 'failed') refuse(job, result.failure, [result.failure]);
    return;
  }
  // Nothing was used or billed; what is guessed is the answer itself.
  job.ending.settle({ status: 200, outcome: 'ok', usageSource: 'estimated' });
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

async function attempt(job: Job, { target, waitMs, fresh }: Here): Promise<AttemptResult> {
  const { exchange, deps } = job;
  const startedMs = Math.round(job.elapsed());
  const one: Attempt = {
    n: exchange.attempts.length + 1,
    provider: target.provider.id,
    model: target.model,
    status: null,
    failure: null,
    message: null,
    startedMs,
    ms: null,
    waitedMs: waitMs,
    billable: 'maybe',
  };
  // Most have one; a list that is pushed to has room for seventeen.
  exchange.attempts = [...exchange.attempts, one];
  exchange.provider = target.provider.id;
  exchange.model = target.model;
  exchange.demo = target.provider.kind === 'demo';
  deps.recorder.update(exchange);
  deps.health.began(placeOf(target));
  const result = await attemptOnce(job, target, one, fresh);
  one.ms = Math.round(job.elapsed()) - startedMs;
  noteAttempt(one, result);
  if (result.type === 'failed') await billFailure(job, target, one, result.reading);
  tellHealth(job, target, one, result);
  if (result.type === 'answered' && job.repair?.target === target)
    job.memory.repairs.learn(target, job.repair.repair);
  deps.recorder.update(exchange);
  return result;
}

function noteAttempt(attempt: Attempt, result: AttemptResult): void {
  if (result.type === 'answered') {
    attempt.billable = 'yes';
    return;
  }
  const { error, wire, unsent } = result.failure;
  attempt.failure = wire === 'stale' ? 'stale' : error.code === 'key_refused' ? 'auth' : error.kind;
  attempt.message = oneLine(error.message);
  // Nobody bills a refusal; what was sent and never answered may have been worked on.
  const refused = attempt.status !== null && (attempt.status < 200 || attempt.status >= 300);
  attempt.billable = refused || unsent || wire === 'stale' ? 'no' : 'maybe';
}

/** Every attempt that began is told once how it ended. */
function tellHealth(
  { deps, client, inbound, exchange }: Job,
  target: Target,
  attempt: Attempt,
  result: AttemptResult,
): void {
  const place = placeOf(target);
  const cut = result.type === 'answered' ? result.cut : null;
  if (result.type === 'answered' && cut === null) {
    const { ttftMs } = exchange;
    const streamed = inbound.stream && ttftMs !== null;
    deps.health.succeeded(place, streamed ? Math.max(0, ttftMs - attempt.startedMs) : null);
    return;
  }
  const kind = client.signal.aborted ? 'client' : (cut?.kind ?? attempt.failure ?? 'internal');
  const retryAfterMs = result.type === 'failed' ? result.failure.error.retryAfterMs : undefined;
  deps.health.failed(place, { kind, status: cut ? null : attempt.status, retryAfterMs });
}
