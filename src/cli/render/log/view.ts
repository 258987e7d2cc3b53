import type { FeedEvent } from '../../../feed/index.ts';

/** Shows exchanges as they happen, in one form or another. Never throws into who tells it. */
export interface LogView {
  event(event: FeedEvent): void;
  /** Lets somebody write lines of another kind to the same terminal, without breaking what is drawn in place. */
  above(write: () => void): void;
  /** The terminal has another size. */
  resized(): void;
  /** The terminal was somebody else's for a while (Ctrl-Z). */
  resumed(): void;
  /** Shows what is still held back and takes away what is drawn in place. Nothing is shown after it. */
  end(): void;
}
