import { afterEach, expect, it } from 'vitest';
import { collectAtRest, collectGarbage } from '../../src/server/memory.ts';

let stop = (): void => undefined;
afterEach(() => stop());

/** A server with so many requests behind it and on their way. */
function watched(counts: { entered: number; active: number }): {
  collected(): number;
  looks(n: number): Promise<void>;
} {
  let collected = 0;
  let looked = 0;
  let onLook = (): void => undefined;
  const drain = {
    active: () => counts.active,
    entered() {
      looked++;
      onLook();
      return counts.entered;
    },
  };
  stop = collectAtRest(drain, () => collected++, { busyRequests: 10, restMs: 1 });
  return {
    collected: () => collected,
    looks: (n) =>
      new Promise((resolve) => {
        const enough = looked + n;
        onLook = () => looked >= enough && resolve();
      }),
  };
}

it('collects once when a busy server rests, and again only after as many requests', async () => {
  const counts = { entered: 10, active: 0 };
  const { collected, looks } = watched(counts);
  await looks(5);
  expect(collected()).toBe(1);
  counts.entered = 15;
  await looks(5);
  expect(collected()).toBe(1);
  counts.entered = 20;
  await looks(5);
  expect(collected()).toBe(2);
});

it('leaves alone a server that is still answering', async () => {
  const counts = { entered: 50, active: 1 };
  const { collected, looks } = watched(counts);
  await looks(5);
  expect(collected()).toBe(0);
});

it('has the garbage collected, in a process that was started without flags', async () => {
  let freed = (): void => undefined;
  const gone = new Promise<void>((resolve) => {
    freed = resolve;
  });
  const registry = new FinalizationRegistry(() => freed());
  (() => registry.register({}, 'garbage'))();
  await collectGarbage();
  await gone;
});
