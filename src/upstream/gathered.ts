/** The chunks of one tick, joined. */
export interface Gathered {
  /** Keeps a chunk; true = it is the first of its tick. */
  add(chunk: Buffer): boolean;
  /** What was kept so far, in one piece; null = nothing. */
  take(): Buffer | null;
}

/** Whoever gathers: told once a tick in which chunks came, when no more of them can come. */
export interface Gatherer {
  tickOver(): void;
}

/**
 * Creates one. Two hundred HTTP chunks of one read of a socket are read and written as fast as one when they are joined
 * first, and none of them is later for it.
 */
export function createGathered(gatherer: Gatherer): Gathered {
  return new Chunks(gatherer);
}

class Chunks implements Gathered {
  private readonly gatherer: Gatherer;
  private chunks: Buffer[] = [];
  private waiting = false;

  constructor(gatherer: Gatherer) {
    this.gatherer = gatherer;
  }

  add(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    if (this.waiting) return false;
    this.waiting = true;
    process.nextTick(tell, this);
    return true;
  }

  take(): Buffer | null {
    const [first] = this.chunks;
    if (!first) return null;
    const bytes = this.chunks.length === 1 ? first : Buffer.concat(this.chunks);
    this.chunks = [];
    return bytes;
  }

  tell(): void {
    this.waiting = false;
    this.gatherer.tickOver();
  }
}

function tell(chunks: Chunks): void {
  chunks.tell();
}
