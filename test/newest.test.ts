import { expect, it } from 'vitest';
import { createNewest } from '../src/newest.ts';
import { collectGarbage } from '../src/server/heap.ts';

/** Which of these are left after a collection. */
async function left(refs: readonly WeakRef<object>[]): Promise<boolean[]> {
  await new Promise(setImmediate);
  collectGarbage('major');
  return refs.map((ref) => ref.deref() !== undefined);
}

it('holds the newest of a kind and no older one', async () => {
  const newest = createNewest<object>();
  const refs = [1, 2, 3].map((n) => new WeakRef(newest({ n }, 1_000)));
  expect(await left(refs)).toEqual([false, false, true]);
  expect(newest({}, 1_000)).toEqual({});
});

it('does not hold what comes with a large body', async () => {
  const newest = createNewest<object>();
  const refs = [new WeakRef(newest({}, 64 * 1024)), new WeakRef(newest({}, 64 * 1024 + 1))];
  expect(await left(refs)).toEqual([true, false]);
  expect(newest({}, 0)).toEqual({});
});
