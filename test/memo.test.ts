import { expect, it } from 'vitest';
import { createMemo } from '../src/memo.ts';

it('makes what is asked for once, and begins anew when it holds as much as it may', () => {
  const made: string[] = [];
  const memo = createMemo(2, (key: string) => ({ made: made.push(key) }));
  expect(memo.of('a')).toBe(memo.of('a'));
  memo.of('b');
  memo.of('a');
  expect(made).toEqual(['a', 'b']);
  memo.of('c');
  memo.of('a');
  expect(made).toEqual(['a', 'b', 'c', 'a']);
  memo.clear();
  memo.of('a');
  expect(made).toHaveLength(5);
});
