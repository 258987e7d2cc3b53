import { describe, expect, it } from 'vitest';
import { budgetOf, type Effort, effortOf, readEffort } from '../../src/pivot/index.ts';

const EFFORTS: [Effort, number][] = [
  ['minimal', 1024],
  ['low', 2048],
  ['medium', 8192],
  ['high', 16384],
  ['xhigh', 32768],
  ['max', 63999],
];

describe('effort and budget', () => {
  it.each(EFFORTS)('%s stands for %i tokens, and they for it', (effort, budget) => {
    expect(budgetOf(effort)).toBe(budget);
    expect(effortOf(budget)).toBe(effort);
  });

  it.each([
    [0, 'minimal'],
    [1, 'minimal'],
    [4000, 'low'],
    [10000, 'medium'],
    [31999, 'xhigh'],
    [1_000_000, 'max'],
  ] as [number, Effort][])('a budget of %i comes nearest to %s', (budget, effort) => {
    expect(effortOf(budget)).toBe(effort);
  });

  it('a word that is none of ours is not an effort', () => {
    expect(readEffort('xhigh')).toBe('xhigh');
    expect([readEffort('none'), readEffort(3), readEffort(undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
