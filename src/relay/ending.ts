import type { Exchange, Outcome } from '../exchange.ts';

/** How an exchange ends: its outcome, and whatever else is known by then. */
export type EndingFields = Partial<Exchange> & { outcome: Exclude<Outcome, 'open'> };

/** The one terminal transition of an exchange (rule R14): open -> ended. */
export interface Ending {
  settle(fields: EndingFields): void;
  settled(): boolean;
}

/**
 * Creates it, open. A second `settle` is a bug of ours: it changes nothing, and is reported; where nobody listens for
 * bugs (tests) it throws.
 */
export function createEnding(exchange: Exchange, onBug: ((error: unknown) => void) | undefined): Ending {
  let state: 'open' | 'ended' = 'open';
  return {
    settled: () => state === 'ended',
    settle(fields) {
      if (state === 'ended') {
        const bug = new Error(`exchange ${exchange.id} was settled twice`);
        if (!onBug) throw bug;
        onBug(bug);
        return;
      }
      state = 'ended';
      Object.assign(exchange, fields);
    },
  };
}
