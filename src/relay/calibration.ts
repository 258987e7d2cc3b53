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
  /** Somebody has asked for its counts: here it is worth reading requests only to learn. */
  isAsked(target: Target): boolean;
}

/** The ratio of a provider's counts to ours, and from how many requests it is known. */
interface Learnt {
  ratio: number;
  requests: number;
}

const MAX_ENTRIES = 2_000;
/** Shorter requests tell more about the frame around them than about the tokenizer. */
const MIN_TOKENS = 50;
/** No tokenizer differs by more: such a report counts something else (only what was not cached, a default). */
const MAX_FACTOR = 4;
/** Requests whose plain mean is taken; from then on a new one weighs so much, so that a changed tokenizer is noticed. */
const MEAN_OF = 10;

/** Creates an empty one. */
export function createCalibration(): Calibration {
  const known = createBounded<Learnt>({ entries: MAX_ENTRIES, bytes: MAX_ENTRIES });
  const of = (target: Target): Learnt => known.get(keyOf(target)) ?? { ratio: 1, requests: 0 };
  return {
    learn(target, estimate, reported) {
      if (Math.min(estimate, reported) < MIN_TOKENS) return;
      const ratio = reported / estimate;
      if (ratio > MAX_FACTOR || ratio < 1 / MAX_FACTOR) return;
      const before = of(target);
      const requests = Math.min(before.requests + 1, MEAN_OF);
      known.set(keyOf(target), { ratio: before.ratio + (ratio - before.ratio) / requests, requests }, 1);
    },
    corrected(target, estimate) {
      const learnt = of(target);
      known.set(keyOf(target), learnt, 1);
      return Math.max(1, Math.round(estimate * learnt.ratio));
    },
    isAsked: (target) => known.get(keyOf(target)) !== undefined,
  };
}

function keyOf({ provider, model }: Target): string {
  return `${provider.id}\n${model}`;
}
