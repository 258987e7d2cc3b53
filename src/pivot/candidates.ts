import type { PivotEvent } from './events.ts';

/**
 * Several answers to one request (`n`, `candidateCount`), side by side.
 *
 * They stay one list of events with one end: an event of a further candidate carries its number, and what carries none is
 * the first one's, or is said of the whole (start, usage, errors, the end). Lists of their own would need a second way
 * through all that holds an answer between its wires; like this the relay carries, prices and ends one answer as always,
 * and only those who put blocks together tell candidates apart. Blocks are numbered in each candidate from 0.
 */

/** What every candidate has one of. */
export interface PerCandidate<T> {
  of(candidate?: number): T;
  /** By their numbers, smallest first. */
  all(): [candidate: number, one: T][];
}

/** Makes it when a candidate is first heard of; the first one's is there from the beginning. */
export function perCandidate<T>(create: (candidate: number) => T): PerCandidate<T> {
  const made = new Map([[0, create(0)]]);
  return {
    of(candidate = 0) {
      const one = made.get(candidate) ?? create(candidate);
      made.set(candidate, one);
      return one;
    },
    all: () => [...made].sort(([a], [b]) => a - b),
  };
}

/** The events of each candidate; those without a number are the first one's. */
export function byCandidate(events: readonly PivotEvent[]): [candidate: number, events: PivotEvent[]][] {
  const lists = perCandidate<PivotEvent[]>(() => []);
  for (const event of events) lists.of(event.candidate).push(event);
  return lists.all();
}
