/** The chunks of one tick, joined. */
export interface Gathered {
  /** Keeps a chunk; true = it is the first of its tick. */
  add(chunk: Buffer): boolean;
  /** What was kept so far, in one piece; null = nothing. */
  take(): Buffer | null;
}

/**
 * Creates one. Two hundred HTTP chunks of one read of a socket are read and written as fast as one when they are joined
 * first, and none of them is later for it.
 * @param onTickOver called once a tick in which chunks came, when no more of them can come
 */
export function createGathered(onTickOver: () => void): Gathered {
  let chunks: Buffer[] = [];
  let waiting = false;

  function tell(): void {
    waiting = false;
    onTickOver();
  }

  return {
    add(chunk) {
      chunks.push(chunk);
      if (waiting) return false;
      waiting = true;
      process.nextTick(tell);
      return true;
    },
    take() {
      const [first] = chunks;
      if (!first) return null;
      const bytes = chunks.length === 1 ? first : Buffer.concat(chunks);
      chunks = [];
      return bytes;
    },
  };
}
