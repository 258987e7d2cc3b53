import { GatewayError } from '../errors.ts';
import type { Attempt } from '../exchange.ts';
import type { Place } from '../health/index.ts';
import type { Target } from '../router/index.ts';
import { attemptOnce } from './attempt.ts';
import { billFailure } from './bill.ts';
import { answerEstimate, countsAnyway, countsHere } from './count.ts';
import { type AttemptFailure, type Decision, decide, leave, type Standing } from './decide.ts';
import { type AttemptResult, describe, failed, type Job } from './job.ts';
import { oneLine } from './one-line.ts';
import { refuse } from './refuse.ts';
import { conclude } from './settle.ts';

/** Serves a request along its plan, until it is answered or refused. */
export async function serve(job: Job): Promise<void> {
  const { targets } = job.plan;
  const failures: AttemptFailure[] = [];
  for (const [index, target] of targets.entries()) {
    const place = { firstTarget: index === 0, moreTargets: index + 1 < targets.length };
    if ((await serveFrom(job, target, place, failures)) === 'done') return;
  }
}

/** All attempts at one target. `next` = it failed in a way that another target may not. `failures` grows. */
async function serveFrom(
  job: Job,
  target: Target,
  place: { firstTarget: boolean; moreTargets: boolean },
  failures: AttemptFailure[],
): Promise<'done' | 'next'> {
  if (countsHere(job, target)) return estimated(job, target);
  let waitMs = 0;
  let resetsHere = 0;
  for (let attemptsHere = 1; ; attemptsHere++) {
    const result = await nextAttempt(job, target, waitMs);
    if (job.client.signal.aborted || result.type === 'answered') return concluded(job, target, result);
    const { failure } = result;
    if (countsAnyway(job, target, failure)) return estimated(job, target);
    if (isReset(failure)) resetsHere++;
    failures.push(failure);
    const decision = follows(job, target, { failure, attemptsHere, resetsHere, ...place });
    if (decision.do === 'next') return 'next';
    if (decision.do === 'stop') {
      refuse(job, failure, failures);
      return 'done';
    }
    waitMs = decision.waitMs;
    if (!(await waited(job, waitMs))) return concluded(job, target, result);
  }
}

function isReset({ wire }: AttemptFailure): boolean {
  return wire === 'reset' || wire === 'stale';
}

/** An attempt; once more at once when its connection had been closed before we wrote to it: nothing was tried yet. */
async function nextAttempt(job: Job, target: Target, waitMs: number): Promise<AttemptResult> {
  const result = await oneAttempt(job, target, { waitMs, fresh: false });
  const stale = result.type === 'failed' && result.failure.wire === 'stale';
  return stale && !job.client.signal.aborted ? oneAttempt(job, target, { waitMs: 0, fresh: true }) : result;
}

async function concluded(job: Job, target: Target, result: AttemptResult): Promise<'done'> {
  await conclude(job, target, result);
  return 'done';
}

/** What follows a failure, with what health has to say about retries (rule R6). */
function follows(job: Job, target: Target, here: Omit<Standing, 'elapsedMs' | 'retry' | 'random'>): Decision {
  const { deps } = job;
  if (mends(job, target, here.failure)) return { do: 'retry', waitMs: 0 };
  const standing = { ...here, elapsedMs: job.elapsed(), retry: deps.retry(), random: deps.random() };
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
function estimated(job: Job, target: Target): 'done' {
  try {
    answerEstimate(job, target);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const result = failed(describe(error, job), { unsent: true });
    if (result.type === 'failed') refuse(job, result.failure, [result.failure]);
    return 'done';
  }
  // Nothing was used or billed; what is guessed is the answer itself.
  job.ending.settle({ status: 200, outcome: 'ok', usageSource: 'estimated' });
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

async function oneAttempt(
  job: Job,
  target: Target,
  how: { waitMs: number; fresh: boolean },
): Promise<AttemptResult> {
  const { exchange, deps } = job;
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
    waitedMs: how.waitMs,
    billable: 'maybe',
  };
  exchange.attempts.push(attempt);
  exchange.provider = target.provider.id;
  exchange.model = target.model;
  exchange.demo = target.provider.kind === 'demo';
  deps.recorder.update(exchange);
  deps.health.began(placeOf(target));
  const result = await attemptOnce(job, target, attempt, how.fresh);
  attempt.ms = Math.round(job.elapsed()) - startedMs;
  noteAttempt(attempt, result);
  if (result.type === 'failed') await billFailure(job, target, attempt, result.reading);
  tellHealth(job, target, attempt, result);
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
