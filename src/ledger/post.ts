import type { WriteReply } from './messages.ts';
import type { Problems } from './problems.ts';
import type { Queue } from './queue.ts';
import type { Scribe } from './scribe.ts';
import { wordsOf } from './trouble.ts';

/**
 * Bounds one transaction. Where both threads share a core, requests wait for the whole of it: about a millisecond for so
 * many (it was two and a half without a bound); half as many would cost a third more a row.
 */
const BATCH_ROWS = 40;

/** Carries the queue to the worker, batch by batch. */
export interface Post {
  /** Something was queued: it will be sent soon. */
  soon(): void;
  /** Resolves when all that is queued now is on disk, or when a batch was refused. */
  flush(): Promise<void>;
  /** Whether the file has been open: then its open rows are this process's own. */
  hasWritten(): boolean;
  /** No more timers; flush() still works. */
  stop(): void;
}

/** Creates the post. `batchMs`: how long a record of what has ended may wait for others; `retryMs`: pause after a refusal. */
export function createPost(
  queue: Queue,
  scribe: Scribe,
  problems: Problems,
  pace: { batchMs: number; retryMs: number },
): Post {
  let timer: NodeJS.Timeout | null = null;
  let line: Promise<void> = Promise.resolve();
  let inLine = 0;
  let hasWritten = false;
  let stopped = false;

  /** One batch at a time: behind a slow disk they wait in the queue, where later snapshots join earlier ones. */
  function send(all: boolean): Promise<void> {
    inLine++;
    line = line
      .then(() => sendBatch(all))
      .finally(() => {
        inLine--;
        soon();
      });
    return line;
  }

  async function sendBatch(all: boolean): Promise<void> {
    if (problems.trouble() === 'newer') return;
    const batch = queue.take(BATCH_ROWS, all);
    if (batch.length === 0 && !all && !problems.trouble()) return;
    const reply = await scribe.ask('write', JSON.stringify(batch)).catch(died);
    for (const note of reply.notes) problems.note(note);
    if (reply.done) {
      hasWritten = true;
      queue.done();
      problems.setTrouble(null, '');
      problems.count('refused', reply.refused);
      problems.count('lost', reply.lost);
      return;
    }
    queue.putBack();
    problems.setTrouble(reply.trouble, reply.detail);
    // A newer program's file stays as it is until this process ends: nothing to wait for.
    if (reply.trouble === 'newer') queue.shut();
  }

  /** In trouble it knocks again even with nothing to write, so that the problem ends when its cause does. */
  function soon(): void {
    const trouble = problems.trouble();
    if (stopped || inLine > 0 || trouble === 'newer') return;
    if (!trouble && queue.size() === 0) return;
    timer ??= setTimeout(tick, trouble ? pace.retryMs : pace.batchMs).unref();
  }

  function tick(): void {
    timer = null;
    inLine++;
    void sendSome(false).finally(() => {
      inLine--;
      queue.ripen();
      soon();
    });
  }

  /** As many batches as what is queued now fills. */
  async function sendSome(all: boolean): Promise<void> {
    let left = queue.size();
    do {
      await send(all);
      left -= BATCH_ROWS;
    } while (left > 0 && !problems.trouble());
  }

  return {
    soon,
    flush: () => sendSome(true),
    hasWritten: () => hasWritten,
    stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
    },
  };
}

function died(error: unknown): WriteReply {
  return { done: false, trouble: 'failed', detail: wordsOf(error), notes: [] };
}
