import type { Target } from '../router/index.ts';
import { createBounded } from './bounded.ts';

/**
 * How providers count against how we do: their tokenizers, their frames around messages and tools. Learnt from finished
 * exchanges per provider and model, in this process only.
 */
export interface Calibration {
  /** A request of which we would have said `estimate` tokens had `reported` by its provider's own count. */
  learn(target: Target, estimate: number, reported: number): void;
  /** Our estimate as this target would count; as it is while nothing was learnt. Never 0. */
  corrected(target: Target, estimate: number): number;
  /** Somebody asks for its counts: from now on it is worth reading requests of this target only to learn. */
  ask(target: Target): void;
  isAsked(target: Target): boolean;
  /** Whether this finished request shall be learnt from: the first ones, later one in some dozens. Ask once a request. */
  isDue(target: Target): boolean;
}

/** What is known of one target. */
interface Learnt {
  /** Of its counts to ours. */
  ratio: number;
  /** From so many requests. */
  requests: number;
  /** So many could have taught something. */
  seen: number;
  asked: boolean;
}

const MAX_ENTRIES = 2_000;
/** Shorter requests tell more about the frame around them than about the tokenizer. */
const MIN_TOKENS = 50;
/** No tokenizer differs by more: such a report counts something else (only what was not cached, a default). */
const MAX_FACTOR = 4;
/** Requests whose plain mean is taken; from then on a new one weighs so much, so that a changed tokenizer is noticed. */
const MEAN_OF = 10;
/** Behind those, one request in so many: estimating takes about a millisecond of the thread that serves all others. */
const ONE_IN = 32;

const UNKNOWN: Learnt = { ratio: 1, requests: 0, seen: 0, asked: false };

/** Creates an empty one. */
export function createCalibration(): Calibration {
  const known = createBounded<Learnt>({ entries: MAX_ENTRIES, bytes: MAX_ENTRIES });
  const of = (target: Target): Learnt => known.get(keyOf(target)) ?? UNKNOWN;
  const note = (target: Target, learnt: Learnt): void => known.set(keyOf(target), learnt, 1);
  return {
    learn(target, estimate, reported) {
      if (Math.min(estimate, reported) < MIN_TOKENS) return;
      const ratio = reported / estimate;
      if (ratio > MAX_FACTOR || ratio < 1 / MAX_FACTOR) return;
      const before = of(target);
      const requests = Math.min(before.requests + 1, MEAN_OF);
      note(target, { ...before, ratio: before.ratio + (ratio - before.ratio) / requests, requests });
    },
    corrected: (target, estimate) => Math.max(1, Math.round(estimate * of(target).ratio)),
    ask: (target) => note(target, { ...of(target), asked: true }),
    isAsked: (target) => of(target).asked,
    isDue(target) {
      const before = of(target);
      note(target, { ...before, seen: before.seen + 1 });
      return before.seen < MEAN_OF || before.seen % ONE_IN === 0;
    },
  };
}

function keyOf({ provider, model }: Target): string {
  return `${provider.id}\n${model}`;
}
