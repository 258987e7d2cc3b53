import type { PruneStep } from './retention.ts';
import type { Written } from './store.ts';
import type { Trouble } from './trouble.ts';
import type { PruneQuery, SpentQuery, SpentRow, Totals } from './types.ts';

/** What the worker is started with. */
export interface WorkerData {
  file: string;
  busyTimeoutMs: number;
  /**
   * No worker of this process has had the file open before: rows that are open in it belong to a dead process, and nobody
   * has looked whether it is damaged.
   */
  first: boolean;
}

/** What the main thread may ask, and what it gets back. */
export interface Dialogue {
  /** Snapshots (`Snapshot[]`) as JSON. With none: only open the file. */
  write: { ask: string; answer: WriteReply };
  totals: { ask: { since: number; until: number }; answer: Totals | null };
  spent: { ask: SpentQuery; answer: SpentRow[] | null };
  prune: { ask: PruneQuery; answer: PruneStep | null };
  close: { ask: null; answer: null };
}

export type Topic = keyof Dialogue;

/** One question; answers carry its number. */
export type Question = { [T in Topic]: { n: number; topic: T; ask: Dialogue[T]['ask'] } }[Topic];

export interface Answer {
  n: number;
  answer: Dialogue[Topic]['answer'];
}

/** A refused batch is whole with the asker, who may send it again. */
export type WriteReply = (({ done: true } & Written) | { done: false; trouble: Trouble; detail: string }) & {
  /** Sentences for the user about what happened to the file, for example that it was moved aside. */
  notes: string[];
};
