import type { Attempt, Billed, Cost, CostState, UsageSource } from '../exchange.ts';
import { sumUsage } from '../pivot/index.ts';
import type { Target } from '../router/index.ts';
import type { Job } from './job.ts';
import type { Reading } from './reading.ts';
import { type SettledUsage, settleUsage } from './usage.ts';

/** What a sum is worth with one such part in it: the first of these that any part is. */
const WORST_STATE: readonly CostState[] = ['unknown', 'estimate', 'demo', 'exact', 'local', 'free', 'none'];
const WORST_SOURCE: readonly UsageSource[] = ['estimated', 'partial', 'reported', 'none'];

/** What is longer names nothing. */
const LONGEST_ID = 200;

const NO_COST: Cost = { nanoUsd: 0, state: 'none', source: null };

/**
 * Puts what an attempt used on its line of the bill, and the sum of all lines into the exchange. Done twice for one
 * attempt, the later word counts.
 */
export async function bill(job: Job, target: Target, attempt: Attempt, settled: SettledUsage): Promise<void> {
  const { exchange } = job;
  if (settled.billed) {
    const { usage, source: usageSource } = settled;
    attempt.billed = { usage, usageSource, cost: await costOf(job, target, settled) };
    if (settled.answerId !== null && settled.answerId.length <= LONGEST_ID)
      attempt.answerId = settled.answerId;
  } else delete attempt.billed;
  Object.assign(exchange, totalBill(exchange.attempts));
}

/** What the answer of this target saved; worked out behind the answer, which does not tell it. */
export async function noteSavings({ exchange, deps }: Job, target: Target, { usage }: Billed): Promise<void> {
  const saved = await deps.savings?.(target, exchange.asked, usage, exchange.time);
  if (saved) exchange.saved = saved;
}

/** What an attempt that failed had told of its usage before: the provider may well send the bill for it. */
export async function billFailure(
  job: Job,
  target: Target,
  attempt: Attempt,
  reading: Reading | undefined,
): Promise<void> {
  if (reading) await bill(job, target, attempt, settleUsage(reading, job, false));
}

/** What a stream has come to so far, and the attempts before it: for live rows, and for the ledger of a server that is killed. */
export async function noteSoFar(job: Job, target: Target, reading: Reading): Promise<void> {
  const { exchange, deps } = job;
  const attempt = exchange.attempts.at(-1);
  const soFar = settleUsage(reading, job, false);
  if (!attempt || !soFar.billed) return;
  const { usage, source: usageSource } = soFar;
  const running = { billed: { usage, usageSource, cost: await costOf(job, target, soFar) } };
  // It may be over by now, and have its last word.
  if (attempt.ms !== null || job.ending.settled()) return;
  Object.assign(exchange, totalBill([...exchange.attempts.slice(0, -1), running]));
  deps.recorder.update(exchange);
}

/** Exact only where the provider counted. */
async function costOf(job: Job, target: Target, { usage, source }: SettledUsage): Promise<Cost> {
  const cost = await job.deps.price(target, usage, job.exchange.time);
  const guessed = source !== 'reported' && cost.state === 'exact';
  return guessed ? { ...cost, state: 'estimate' } : cost;
}

/** The sum of what an exchange's attempts used. The price's source is the last one's: it is the answer's. */
export function totalBill(attempts: readonly Pick<Attempt, 'billed'>[]): Billed {
  const lines = attempts.flatMap(({ billed }) => billed ?? []);
  const last = lines.at(-1);
  if (!last) return { usage: {}, usageSource: 'none', cost: NO_COST };
  if (lines.length === 1) return last;
  const known = lines.flatMap(({ cost }) => cost.nanoUsd ?? []);
  const state = WORST_STATE.find((one) => lines.some(({ cost }) => cost.state === one)) ?? 'unknown';
  return {
    usage: sumUsage(lines.map(({ usage }) => usage)),
    usageSource: WORST_SOURCE.find((one) => lines.some(({ usageSource }) => usageSource === one)) ?? 'none',
    cost: {
      nanoUsd: known.length === 0 ? null : known.reduce((sum, nano) => sum + nano, 0),
      state,
      source: last.cost.source,
    },
  };
}
