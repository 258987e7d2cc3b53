import { type Crowd, createCrowd, type Member } from '../crowd.ts';
import { createNewest } from '../newest.ts';
import { createSignal, type Signal } from '../signal.ts';

/** An upstream call's own signal, apart from its client's. */
export interface CallSignal {
  signal: Signal;
  /** The call is over. */
  done(): void;
}

/** Decides what becomes of upstream calls whose client goes away (reliability rule R9). */
export interface Leaving {
  /**
   * `drain()` is asked when the client leaves: whether the answer is read on for its usage. `requestBytes` = of the
   * request's body, if that lives as long.
   */
  call(client: Signal, drain: () => boolean, requestBytes?: number): CallSignal;
}

/**
 * Creates it. At most `calls` at once are read on without a client, each for `ms` at most; the others end at once. When
 * `ending` is aborted, every call ends with its reason.
 */
export function createLeaving({ calls, ms } = { calls: 8, ms: 30_000 }, ending?: Signal): Leaving {
  const running = createCrowd<Running>();
  const drains: Drains = { left: calls, ms };
  ending?.addEventListener('abort', () => {
    for (const call of [...running.members()]) call.abort(ending.reason);
  });
  return {
    call(client, drain, requestBytes = 0) {
      const call = newest(new Running(client, drain, running, drains), requestBytes);
      if (ending?.aborted) call.abort(ending.reason);
      return call;
    },
  };
}

const newest = createNewest<Running>();

/** How many calls more may be read on without a client, and for how long, in ms. */
interface Drains {
  left: number;
  ms: number;
}

class Running implements CallSignal, Member {
  place = -1;
  private readonly own = createSignal();
  private readonly client: Signal;
  private readonly running: Crowd<Running>;
  private readonly drains: Drains;
  private readonly onLeft: () => void;
  private draining: NodeJS.Timeout | undefined;

  constructor(client: Signal, drain: () => boolean, running: Crowd<Running>, drains: Drains) {
    this.client = client;
    this.running = running;
    this.drains = drains;
    const onLeft = (): void => this.leave(drain());
    this.onLeft = onLeft;
    running.join(this);
    if (client.aborted) this.abort();
    else client.addEventListener('abort', this.onLeft, { once: true });
  }

  get signal(): Signal {
    return this.own.signal;
  }

  abort(reason?: unknown): void {
    this.own.abort(reason);
  }

  private leave(drain: boolean): void {
    const drains = this.drains;
    if (!drain || drains.left === 0) {
      this.abort();
      return;
    }
    drains.left--;
    this.draining = setTimeout(() => this.abort(), drains.ms);
  }

  done(): void {
    this.running.leave(this);
    this.client.removeEventListener('abort', this.onLeft);
    if (this.draining === undefined) return;
    clearTimeout(this.draining);
    this.draining = undefined;
    this.drains.left++;
  }
}
