import { describe, expect, it } from 'vitest';
import { createLeaving } from '../../src/relay/leaving.ts';
import type { Signal } from '../../src/signal.ts';

const aborted = (signal: Signal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));

describe('upstream calls whose client leaves', () => {
  it('end at once, unless they are to be read on', () => {
    const client = new AbortController();
    const leaving = createLeaving();
    const [ends, goesOn] = [
      leaving.call(client.signal, () => false),
      leaving.call(client.signal, () => true),
    ];
    client.abort();
    expect(ends.signal.aborted).toBe(true);
    expect(goesOn.signal.aborted).toBe(false);
    goesOn.done();
  });

  it('are read on only so many at once, and a place is free again when one is over', () => {
    const leaving = createLeaving({ calls: 2, ms: 60_000 });
    const left = (): ReturnType<typeof leaving.call> => {
      const client = new AbortController();
      const call = leaving.call(client.signal, () => true);
      client.abort();
      return call;
    };
    const [first, second, third] = [left(), left(), left()];
    expect([first, second, third].map((call) => call.signal.aborted)).toEqual([false, false, true]);
    first.done();
    const fourth = left();
    expect(fourth.signal.aborted).toBe(false);
    for (const call of [second, third, fourth]) call.done();
  });

  it('are read on only for so long', async () => {
    const client = new AbortController();
    const call = createLeaving({ calls: 1, ms: 10 }).call(client.signal, () => true);
    client.abort();
    await aborted(call.signal);
    call.done();
  });

  it('end when the server does, with its words', () => {
    const ending = new AbortController();
    const leaving = createLeaving(undefined, ending.signal);
    const client = new AbortController().signal;
    const [over, running] = [leaving.call(client, () => false), leaving.call(client, () => false)];
    over.done();
    ending.abort('the end');
    expect(over.signal.aborted).toBe(false);
    expect(running.signal.reason).toBe('the end');
    expect(leaving.call(client, () => false).signal.reason).toBe('the end');
  });

  it('do not begin for a client that has gone already', () => {
    expect(createLeaving().call(AbortSignal.abort(), () => true).signal.aborted).toBe(true);
  });
});
