import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWatch } from '../../src/relay/watch.ts';

const SECOND = 1_000;
const TIMEOUTS = {
  headersMs: 60 * SECOND,
  firstContentMs: 60 * SECOND,
  idleMs: 180 * SECOND,
  totalMs: 3_600 * SECOND,
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A watch on a clock of the test; `told` = what it said, and when, in seconds. */
function started(timeouts: Partial<typeof TIMEOUTS> = {}) {
  const begun = Date.now();
  const now = (): number => Date.now() - begun;
  const told: [number, string][] = [];
  const watch = createWatch({
    timeouts: { ...TIMEOUTS, ...timeouts },
    startedMs: 0,
    now,
    onExpired: ({ message }) => told.push([now() / SECOND, message]),
  });
  return { watch, told };
}

/** Signs of life without content, every `every` seconds. */
function pings(watch: { saw(told: boolean): void }, seconds: number, every: number): void {
  for (let at = 0; at < seconds; at += every) {
    vi.advanceTimersByTime(every * SECOND);
    watch.saw(false);
  }
}

describe('the timers of an answer', () => {
  it('cut a stream that only gives signs of life after ten minutes of them', () => {
    const { watch, told } = started();
    watch.content();
    pings(watch, 590, 10);
    expect(told).toEqual([]);
    pings(watch, 30, 10);
    expect(told).toEqual([[600, 'the upstream gave no content for 600 s']]);
  });

  it('count anew with every piece of content', () => {
    const { watch, told } = started();
    watch.content();
    for (let i = 0; i < 5; i++) {
      pings(watch, 590, 10);
      watch.saw(true);
    }
    expect(told).toEqual([]);
    watch.stop();
  });

  it('cut a silent stream by its idle time, signs of life or not', () => {
    const { watch, told } = started();
    watch.content();
    pings(watch, 100, 10);
    vi.advanceTimersByTime(200 * SECOND);
    expect(told).toEqual([[280, 'the upstream fell silent for 180 s']]);
  });

  it('do not let signs of life stand for the first content', () => {
    const { watch, told } = started();
    pings(watch, 70, 10);
    expect(told).toEqual([[60, 'the upstream gave no content for 60 s']]);
  });

  it('end the whole exchange, however busy it is', () => {
    const { watch, told } = started({ totalMs: 30 * SECOND });
    watch.content();
    for (let i = 0; i < 40; i++) {
      vi.advanceTimersByTime(SECOND);
      watch.saw(true);
    }
    expect(told).toEqual([[30, 'the upstream took longer than 30 s']]);
  });

  it('do not run while the client reads nothing', () => {
    const { watch, told } = started();
    watch.content();
    watch.hold();
    vi.advanceTimersByTime(1_000 * SECOND);
    expect(told).toEqual([]);
    watch.release();
    vi.advanceTimersByTime(181 * SECOND);
    expect(told).toHaveLength(1);
  });
});
