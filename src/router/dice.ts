import { createHash } from 'node:crypto';

const BITS_48 = 2 ** 48;

/** A number between 0 and 1 (neither of both) that is always the same for the same text, and evenly spread. */
export function unitOf(text: string): number {
  return (createHash('sha256').update(text).digest().readUIntBE(0, 6) + 0.5) / BITS_48;
}

/**
 * Items in an order that belongs to the seed: the first one falls to each as often as its weight says, and when items
 * come or go, seeds keep theirs (rendezvous hashing, Thaler and Ravishankar 1998; with weights, Mosharaf and others).
 */
export function rendezvous<T extends { name: string; weight: number }>(
  seed: string,
  items: readonly T[],
): T[] {
  return items
    .map((item) => ({ item, score: item.weight / -Math.log(unitOf(`${seed}\n${item.name}`)) }))
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}
