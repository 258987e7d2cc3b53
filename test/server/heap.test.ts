import { afterEach, describe, expect, it, vi } from 'vitest';
import { collectGarbage, createRest, createSweep } from '../../src/server/heap.ts';

describe('a rest', () => {
  const collect = vi.fn();
  let busy = false;
  function start() {
    vi.useFakeTimers();
    busy = false;
    collect.mockClear();
    return createRest({ busy: () => busy, collect, restMs: 6_000 });
  }
  afterEach(() => void vi.useRealTimers());

  it('collects all garbage once in every pause and what is new once more, however long it is', () => {
    const rest = start();
    for (let request = 0; request < 3; request++) {
      rest.begin();
      vi.advanceTimersByTime(5_999);
    }
    expect(collect).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(collect.mock.calls).toEqual([['major']]);
    vi.advanceTimersByTime(100_000);
    expect(collect.mock.calls).toEqual([['major'], ['minor']]);
    rest.begin();
    vi.advanceTimersByTime(100_000);
    expect(collect.mock.calls).toEqual([['major'], ['minor'], ['major'], ['minor']]);
  });

  it('leaves a request alone that runs by then, and collects behind it', () => {
    const rest = start();
    rest.begin();
    busy = true;
    vi.advanceTimersByTime(100_000);
    expect(collect).not.toHaveBeenCalled();
    busy = false;
    rest.begin();
    vi.advanceTimersByTime(6_000);
    expect(collect.mock.calls).toEqual([['major']]);
  });

  it('collects nothing when it was stopped', () => {
    const rest = start();
    rest.begin();
    rest.stop();
    vi.advanceTimersByTime(100_000);
    expect(collect).not.toHaveBeenCalled();
  });

  it('takes away what nobody holds, and shows nobody how', async () => {
    const gone = new WeakRef({ some: 'garbage' });
    // A WeakRef holds what it was given until the end of its turn.
    await new Promise(setImmediate);
    collectGarbage('major');
    expect(gone.deref()).toBeUndefined();
    expect('gc' in globalThis).toBe(false);
  });
});

describe('a sweep', () => {
  const MB = 1024 * 1024;

  it('takes what is new behind every two megabytes of bodies, and lets small requests alone', () => {
    const collect = vi.fn();
    const ended = createSweep(collect);
    for (let request = 0; request < 1000; request++) ended(1000);
    expect(collect).not.toHaveBeenCalled();
    ended(MB);
    expect(collect).not.toHaveBeenCalled();
    ended(MB);
    expect(collect.mock.calls).toEqual([['minor']]);
    ended(MB);
    expect(collect).toHaveBeenCalledTimes(1);
    ended(48 * MB);
    expect(collect.mock.calls).toEqual([['minor'], ['minor']]);
  });
});
