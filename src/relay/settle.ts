import type { Exchange } from '../exchange.ts';
import type { Target } from '../router/index.ts';
import type { EndingFields } from './ending.ts';
import type { AttemptResult, Job } from './job.ts';
import { oneLine } from './one-line.ts';
import { NOT_USED, type SettledUsage, settledCost, settleUsage, usageRequest } from './usage.ts';

/** The request is over for the client: answered (whole or cut), or the client has gone. */
export async function conclude(job: Job, target: Target, result: AttemptResult): Promise<void> {
  const { exchange, deps, plan } = job;
  // A client that hangs up on the end marker has its answer.
  const whole = result.type === 'answered' && result.cut === null && result.reading.ended && !result.left;
  const gone = job.client.signal.aborted && !whole;
  const attempt = exchange.attempts.at(-1);
  const settled = result.type === 'answered' ? noteAnswer(job, result, gone) : NOT_USED;
  if (gone && attempt && result.type === 'answered') attempt.billable = settled.billed ? 'yes' : 'maybe';
  const cost = await settledCost(job, target, settled);
  job.ending.settle({ status: attempt?.status ?? null, outcome: outcomeOf(exchange, gone), cost });
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
  exchange.usage = settled.usage;
  exchange.usageSource = settled.source;
  exchange.errorCode = cut === null ? null : oneLine(cut.code ?? cut.kind);
  exchange.errorMessage = cut === null ? null : oneLine(deps.mask(cut.message));
  return settled;
}
