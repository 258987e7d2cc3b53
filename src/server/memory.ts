import type { Drain } from './drain.ts';

/** V8 gives nothing back while nobody asks: so many requests leave about 100 MB of garbage and empty heap. */
const BUSY_REQUESTS = 1_000;

/** Nothing was asked for so long: collecting stops the thread for up to 0.1 s, and the next requests may take 0.5 ms longer. */
const REST_MS = 30_000;

/** Given for tests. */
interface RestOptions {
  busyRequests?: number;
  restMs?: number;
}

/**
 * Calls `collect` when a busy server has come to rest. It looks from time to time, so that requests pay nothing for it.
 * @returns how to stop
 */
export function collectAtRest(
  drain: Pick<Drain, 'active' | 'entered'>,
  collect: () => void,
  { busyRequests = BUSY_REQUESTS, restMs = REST_MS }: RestOptions = {},
): () => void {
  let collectedAt = 0;
  let lastSeen = 0;

  function look(): void {
    const entered = drain.entered();
    const resting = drain.active() === 0 && entered === lastSeen;
    lastSeen = entered;
    if (!resting || entered - collectedAt < busyRequests) return;
    collectedAt = entered;
    collect();
  }

  const timer = setInterval(look, restMs).unref();
  return () => clearInterval(timer);
}

/** Gives memory back to the system: the only documented way to ask V8 for it without a flag of the process. Never throws. */
export async function collectGarbage(): Promise<void> {
  try {
    // Loaded late: nobody needs it at the start, and a Node without an inspector has none.
    const { Session } = await import('node:inspector/promises');
    const session = new Session();
    session.connect();
    await session.post('HeapProfiler.collectGarbage').finally(() => session.disconnect());
  } catch {
    // Then the memory stays.
  }
}
