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
  return new OneEnding(exchange, onBug);
}

class OneEnding implements Ending {
  private readonly exchange: Exchange;
  private readonly onBug: ((error: unknown) => void) | undefined;
  private ended = false;

  constructor(exchange: Exchange, onBug: ((error: unknown) => void) | undefined) {
    this.exchange = exchange;
    this.onBug = onBug;
  }

  settled(): boolean {
    return this.ended;
  }

  settle(fields: EndingFields): void {
    if (this.ended) {
      const bug = new Error(`exchange ${this.exchange.id} was settled twice`);
      if (!this.onBug) throw bug;
      this.onBug(bug);
      return;
    }
    this.ended = true;
    Object.assign(this.exchange, fields);
  }
}
