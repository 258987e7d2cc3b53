import type { Exchange } from '../exchange.ts';
import { type Snapshot, toSnapshot } from './rows.ts';

/** What waits for the disk: each exchange once, the oldest first. It is written down when it is taken. */
export interface Queue {
  /** `settled` = it has ended, and will not change any more. */
  add(exchange: Exchange, settled: boolean): void;
  /**
   * Up to `most` snapshots, which stay counted until they are `done` or `putBack`. One batch at a time. Only what is due:
   * settled, or there when `ripen` was last called; `all` = the rest, too.
   */
  take(most: number, all: boolean): Snapshot[];
  /** What waits now is due from now on. Most requests end before, and are then written once instead of twice. */
  ripen(): void;
  done(): void;
  putBack(): void;
  /** Everything that is not on disk, the taken batch included. */
  size(): number;
  /** Gives up what waits and takes nothing more; both are counted as dropped. */
  shut(): void;
}

/** A settled exchange that found the queue full or shut, or one that was settled before. */
export type QueueLoss = 'dropped' | 'refused';

interface Entry {
  exchange: Exchange;
  settled: boolean;
  ripe: boolean;
}

/**
 * Creates a queue of at most `limit` exchanges. One that waits already needs no second place; so a full queue turns away
 * only exchanges that are new to it, and of those only a settled one is a loss: an open one may come again.
 */
export function createQueue(limit: number, onLoss: (loss: QueueLoss) => void): Queue {
  let waiting = new Map<string, Entry>();
  let taken = new Map<string, Entry>();
  let room = limit;

  const size = () => waiting.size + taken.size;

  function add(exchange: Exchange, settled: boolean): void {
    const { id } = exchange;
    const before = waiting.get(id);
    if (before?.settled) {
      if (settled) onLoss('refused');
    } else if (before || size() < room) {
      waiting.set(id, { exchange, settled, ripe: before?.ripe ?? false });
    } else if (settled) {
      onLoss('dropped');
    }
  }

  return {
    add,
    size,
    take(most, all) {
      for (const [id, entry] of waiting) {
        if (taken.size === most) break;
        if (!all && !entry.settled && !entry.ripe) continue;
        taken.set(id, entry);
        waiting.delete(id);
      }
      return [...taken.values()].map(written);
    },
    ripen() {
      for (const entry of waiting.values()) entry.ripe = true;
    },
    done() {
      taken = new Map();
    },
    putBack() {
      const later = waiting;
      waiting = taken;
      taken = new Map();
      for (const { exchange, settled } of later.values()) add(exchange, settled);
    },
    shut() {
      for (const { settled } of [...taken.values(), ...waiting.values()]) if (settled) onLoss('dropped');
      taken = new Map();
      waiting = new Map();
      room = 0;
    },
  };
}

/** As it is now. One that knows its outcome already, but is not settled yet, is still open. */
function written({ exchange, settled }: Entry): Snapshot {
  return toSnapshot(settled || exchange.outcome === 'open' ? exchange : { ...exchange, outcome: 'open' });
}
