import type { Exchange, Recorder } from '../exchange.ts';

/** What happened to an exchange. The exchange is a snapshot: safe to keep. */
export interface FeedEvent {
  type: 'open' | 'update' | 'finish';
  exchange: Exchange;
}

/** Live exchanges and the last finished ones, for the terminal's live log and the management API. */
export interface Feed extends Recorder {
  /** Calls back for every event from now on; returns the unsubscribe function. A listener that throws is dropped. */
  subscribe(listener: (event: FeedEvent) => void): () => void;
  /** Open exchanges, oldest first. */
  live(): Exchange[];
  /** The last finished ones, oldest first (at most 200). */
  recent(): Exchange[];
}
