import type { Exchange } from '../exchange.ts';
import type { Target } from '../router/index.ts';
import { bill, totalBill } from './bill.ts';
import type { EndingFields } from './ending.ts';
import type { AttemptResult, Job } from './job.ts';
import { oneLine } from './one-line.ts';
import { type SettledUsage, settleUsage, usageRequest } from './usage.ts';

/** The request is over for the client: answered (whole or cut), or the client has gone. */
export async function conclude(job: Job, target: Target, result: AttemptResult): Promise<void> {
  const { exchange, deps, plan } = job;
  // A client that hangs up on the end marker has its answer.
  const whole = result.type === 'answered' && result.cut === null && result.reading.ended && !result.left;
  const gone = job.client.signal.aborted && !whole;
  const attempt = exchange.attempts.at(-1);
  if (attempt && result.type === 'answered') {
    const settled = noteAnswer(job, result, gone);
    if (gone) attempt.billable = settled.billed ? 'yes' : 'maybe';
    await bill(job, target, attempt, settled);
  }
  const { usage, usageSource, cost } = totalBill(exchange.attempts);
  job.ending.settle({
    status: attempt?.status ?? null,
    outcome: outcomeOf(exchange, gone),
    usage,
    usageSource,
    cost,
  });
  // Sessions stay where they were answered.
  if (whole && plan.stick !== null) deps.onServed?.(plan, target);
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
  const settled = settleUsage(reading, usageRequest(job), cut === null && (!gone || reading.ended));
  exchange.errorCode = cut === null ? null : oneLine(cut.code ?? cut.kind);
  exchange.errorMessage = cut === null ? null : oneLine(deps.mask(cut.message));
  return settled;
}
