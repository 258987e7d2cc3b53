import { describe, expect, it } from 'vitest';
import { createEnding } from '../../src/cli/commands/serve/ending.ts';
import { summaryLine } from '../../src/cli/commands/serve/summary.ts';
import type { Exchange } from '../../src/exchange.ts';
import { createFeed } from '../../src/feed/index.ts';
import type { Stopped } from '../../src/server/index.ts';
import { exchange, opened } from '../ledger/support/exchange-samples.ts';
import { TODAY } from './support/log.ts';

/** The doors of a server, with a real feed behind them. */
function doors(live: Exchange[]) {
  const feed = createFeed();
  for (const x of live) feed.open(opened(x));
  let done: (stopped: Stopped) => void = () => undefined;
  const closed = new Promise<Stopped>((resolve) => {
    done = resolve;
  });
  const close = (dropped = 0): void => done({ dropped });
  const seen = { stops: [] as string[], waiting: [] as number[], gaveUp: [] as number[], now: 0 };
  const ending = createEnding({
    server: {
      feed,
      closed,
      stop: (how) => {
        seen.stops.push(how);
        return closed;
      },
    },
    now: () => seen.now,
    onWaiting: (count) => seen.waiting.push(count),
    giveUp: (code) => seen.gaveUp.push(code),
  });
  return { feed, close, seen, ending };
}

const LIVE = [exchange('a'), exchange('b')];

describe('the end of serve', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const)(
    'lets live requests finish at %s',
    async (name) => {
      const { feed, close, seen, ending } = doors(LIVE);
      ending.signal(name);
      for (const x of LIVE) feed.finish(x);
      close();
      expect(await ending.ended).toBe(0);
      expect(seen).toMatchObject({ stops: ['drain'], waiting: [2] });
    },
  );

  it('says nothing of waiting when there is nothing to wait for', async () => {
    const { close, seen, ending } = doors([]);
    ending.signal('SIGINT');
    close();
    expect(await ending.ended).toBe(0);
    expect(seen.waiting).toEqual([]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('drops them at a second %s, with %i', async (name, code) => {
    const { close, seen, ending } = doors(LIVE);
    ending.signal(name);
    seen.now = 1_000;
    ending.signal(name);
    close();
    expect(await ending.ended).toBe(code);
    expect(seen.stops).toEqual(['drain', 'now']);
  });

  it('takes the Ctrl-C that npm passes on for the one that it is', async () => {
    const { close, seen, ending } = doors(LIVE);
    ending.signal('SIGINT');
    seen.now = 20;
    ending.signal('SIGINT');
    close();
    expect(await ending.ended).toBe(0);
    expect(seen.stops).toEqual(['drain']);
  });

  it('gives up waiting for anything at the third', () => {
    const { seen, ending } = doors(LIVE);
    ending.signal('SIGINT');
    ending.signal('SIGTERM');
    ending.signal('SIGINT');
    expect(seen.gaveUp).toEqual([130]);
  });

  it('tells by its code that the time for finishing was over', async () => {
    const { close, ending } = doors(LIVE);
    ending.signal('SIGTERM');
    close(2);
    expect(await ending.ended).toBe(143);
  });

  it('lets live requests finish after an exception that nobody caught, and says so by its code', async () => {
    const { feed, close, seen, ending } = doors(LIVE);
    ending.crashed();
    ending.crashed();
    for (const x of LIVE) feed.finish(x);
    close();
    expect(await ending.ended).toBe(70);
    expect(seen.stops).toEqual(['drain']);
  });

  it('does not take a client that went away for a dropped one', async () => {
    const { feed, close, ending } = doors(LIVE);
    ending.signal('SIGTERM');
    for (const x of LIVE) feed.finish({ ...x, outcome: 'client_aborted' });
    close();
    expect(await ending.ended).toBe(0);
  });

  it('ends when somebody else stops the server', async () => {
    const { close, ending } = doors([]);
    close();
    expect(await ending.ended).toBe(0);
  });

  it('fails when the server cannot be closed', async () => {
    const ending = createEnding({
      server: {
        feed: createFeed(),
        closed: new Promise(() => undefined),
        stop: () => Promise.reject(new Error('disk')),
      },
      now: () => 0,
      onWaiting: () => undefined,
      giveUp: () => undefined,
    });
    ending.signal('SIGINT');
    await expect(ending.ended).rejects.toThrow('disk');
  });
});

describe('the last line', () => {
  const HOUR = 3_600_000;

  it('sums up what the server did', () => {
    expect(summaryLine(TODAY, 0, 1.2 * HOUR, [])).toBe(
      'Stopped. 212 requests in 1h 12m: $4.82, prompt cache 71%, 2 fallbacks, 3 errors.',
    );
  });

  it('marks what is estimated or has no price', () => {
    expect(summaryLine({ ...TODAY, estimated: 1, unpriced: 3, errors: 0, fallbacks: 1 }, 1, HOUR, [])).toBe(
      'Stopped. 212 requests in 1h 00m: ~$4.82 + 3 unpriced, prompt cache 71%, 1 fallback. And 1 demo request.',
    );
  });

  it('is short when nothing happened', () => {
    const nothing = {
      ...TODAY,
      requests: 0,
      errors: 0,
      fallbacks: 0,
      costNanoUsd: 0,
      input: 0,
      cacheRead: 0,
    };
    expect(summaryLine(nothing, 0, 12_000, [])).toBe('Stopped. No requests in 12.0s.');
    expect(summaryLine(nothing, 3, 62_000, [])).toBe('Stopped. 3 demo requests in 1m 02s.');
  });
});
