import type { Snapshot } from './rows.ts';

/** What waits for the disk: the newest snapshot per exchange, oldest exchange first. */
export interface Queue {
  add(snapshot: Snapshot): void;
  /** Up to `most` snapshots, which stay counted until they are `done` or `putBack`. One batch at a time. */
  take(most: number): Snapshot[];
  done(): void;
  putBack(): void;
  /** Everything that is not on disk, the taken batch included. */
  size(): number;
  /** Gives up what waits and takes nothing more; both are counted as dropped. */
  shut(): void;
}

/** A settled exchange that found the queue full or shut, or one that was settled before. */
export type QueueLoss = 'dropped' | 'refused';

/**
 * Creates a queue of at most `limit` exchanges. A later snapshot replaces the one that waits, since each has
 * everything; so a full queue turns away only exchanges that are new to it, and of those only a settled one is a loss:
 * an open one may come again.
 */
export function createQueue(limit: number, onLoss: (loss: QueueLoss) => void): Queue {
  let waiting = new Map<string, Snapshot>();
  let taken = new Map<string, Snapshot>();
  let room = limit;

  const isSettled = (snapshot: Snapshot | undefined) =>
    snapshot !== undefined && snapshot.row.outcome !== 'open';
  const size = () => waiting.size + taken.size;

  function add(snapshot: Snapshot): void {
    const { id } = snapshot.row;
    if (isSettled(waiting.get(id))) {
      if (isSettled(snapshot)) onLoss('refused');
    } else if (waiting.has(id) || size() < room) {
      waiting.set(id, snapshot);
    } else if (isSettled(snapshot)) {
      onLoss('dropped');
    }
  }

  return {
    add,
    size,
    take(most) {
      for (const [id, snapshot] of waiting) {
        if (taken.size === most) break;
        taken.set(id, snapshot);
        waiting.delete(id);
      }
      return [...taken.values()];
    },
    done() {
      taken = new Map();
    },
    putBack() {
      const later = waiting;
      waiting = taken;
      taken = new Map();
      for (const snapshot of later.values()) add(snapshot);
    },
    shut() {
      for (const snapshot of [...taken.values(), ...waiting.values()])
        if (isSettled(snapshot)) onLoss('dropped');
      taken = new Map();
      waiting = new Map();
      room = 0;
    },
  };
}
