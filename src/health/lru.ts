/** A map that keeps the entries used last. */
export interface Lru<V> {
  /** What is there; looking does not count as use. */
  peek(key: string): V | undefined;
  /** What is there, else a new one. Counts as use. */
  use(key: string): V;
  entries(): Iterable<readonly [string, V]>;
  clear(): void;
}

/** Creates one that holds at most `max` entries: what was not used for longest goes first. */
export function createLru<V>(max: number, create: () => V): Lru<V> {
  // A Map keeps the order of insertion.
  const kept = new Map<string, V>();
  let newest: string | undefined;
  return {
    peek: (key) => kept.get(key),
    use(key) {
      const before = kept.get(key);
      // Most requests go where the last one went.
      if (before !== undefined && key === newest) return before;
      newest = key;
      const value = before ?? create();
      kept.delete(key);
      kept.set(key, value);
      for (const oldest of kept.keys()) {
        if (kept.size <= max) break;
        kept.delete(oldest);
      }
      return value;
    },
    entries: () => kept.entries(),
    clear: () => kept.clear(),
  };
}
