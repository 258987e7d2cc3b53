import { GatewayError } from '../errors.ts';
import type { Attempt, Billed, Exchange } from '../exchange.ts';
import type { PivotRequest } from '../pivot/index.ts';
import type { Target } from '../router/index.ts';
import { bill, noteSavings, totalBill } from './bill.ts';
import type { EndingFields } from './ending.ts';
import type { AttemptResult, Job } from './job.ts';
import { oneLine } from './one-line.ts';
import { type SettledUsage, settleUsage } from './usage.ts';

/** The request is over for the client: answered (whole or cut), or the client has gone. */
export async function conclude(job: Job, target: Target, result: AttemptResult): Promise<void> {
  const { exchange, deps, plan } = job;
  // A client that hangs up on the end marker has its answer.
  const whole = result.type === 'answered' && result.cut === null && result.reading.ended && !result.left;
  const gone = job.client.signal.aborted && !whole;
  const attempt = exchange.attempts.at(-1);
  if (attempt && result.type === 'answered') await billAnswer(job, target, attempt, result, gone);
  const { usage, usageSource, cost } = totalBill(exchange.attempts);
  job.ending.settle({
    status: attempt?.status ?? null,
    outcome: outcomeOf(exchange, gone),
    usage,
    usageSource,
    cost,
  });
  if (whole && attempt?.billed) learnCount(job, target, attempt.billed);
  // Sessions stay where they were answered.
  if (whole && plan.stick !== null) deps.onServed?.(plan, target);
}

/** Puts an answer, whole or cut, on the bill, where it does not stand already. */
async function billAnswer(
  job: Job,
  target: Target,
  attempt: Attempt,
  answer: AttemptResult & { type: 'answered' },
  gone: boolean,
): Promise<void> {
  const settled = noteAnswer(job, answer, gone);
  if (gone) attempt.billable = settled.billed ? 'yes' : 'maybe';
  if (!answer.billed) await bill(job, target, attempt, settled);
  if (attempt.billed) await noteSavings(job, target, attempt.billed);
}

function outcomeOf({ errorCode }: Exchange, gone: boolean): EndingFields['outcome'] {
  if (gone) return 'client_aborted';
  if (errorCode === null) return 'ok';
  return errorCode === 'shutting_down' ? 'interrupted' : 'upstream_cut';
}

/** What an answer, whole or cut, leaves in the record. */
function noteAnswer(
  job: Job,
  { cut, reading }: AttemptResult & { type: 'answered' },
  gone: boolean,
): SettledUsage {
  const { exchange, deps } = job;
  const settled = settleUsage(reading, job, cut === null && (!gone || reading.ended));
  exchange.errorCode = cut === null ? null : oneLine(cut.code ?? cut.kind);
  exchange.errorMessage = cut === null ? null : oneLine(deps.mask(cut.message));
  return settled;
}

/**
 * Compares what the provider counted with our own estimate, for the counts that nobody else will give. Only for whole
 * texts: what another server remembers, or what a picture holds, says nothing about them. Where nobody has asked for such
 * counts no request is read for this.
 */
function learnCount(job: Job, target: Target, { usage, usageSource }: Billed): void {
  if (usageSource !== 'reported' || usage.input === undefined || job.inbound.endpoint !== 'generate') return;
  const { counts } = job.memory;
  if (!job.isRead() && !counts.isAsked(target)) return;
  if (!counts.isDue(target)) return;
  const request = readable(job);
  if (!request || request.previousResponseId !== undefined || job.estimate().files > 0) return;
  counts.learn(target, job.estimate().tokens, usage.input);
}

/** Null for a request that another server took and we cannot read. */
function readable(job: Job): PivotRequest | null {
  try {
    return job.request();
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}
