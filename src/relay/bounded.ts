/** A memory with two limits: what was not used for longest goes first. */
export interface Bounded<V> {
  get(key: string): V | undefined;
  /** Replaces what was there. What alone is larger than the whole memory is not kept. */
  set(key: string, value: V, bytes: number): void;
}

/** Creates one. Kept in this process only: nothing is written anywhere. */
export function createBounded<V>(limits: { entries: number; bytes: number }): Bounded<V> {
  // A Map keeps the order of insertion: the first is the one not used for longest.
  const kept = new Map<string, { value: V; bytes: number }>();
  let total = 0;

  function remove(key: string): { value: V; bytes: number } | undefined {
    const entry = kept.get(key);
    if (!entry) return undefined;
    kept.delete(key);
    total -= entry.bytes;
    return entry;
  }

  function insert(key: string, entry: { value: V; bytes: number }): void {
    kept.set(key, entry);
    total += entry.bytes;
  }

  return {
    get(key) {
      const entry = remove(key);
      if (entry) insert(key, entry);
      return entry?.value;
    },
    set(key, value, bytes) {
      remove(key);
      if (bytes > limits.bytes) return;
      insert(key, { value, bytes });
      for (const oldest of kept.keys()) {
        if (kept.size <= limits.entries && total <= limits.bytes) break;
        remove(oldest);
      }
    },
  };
}
