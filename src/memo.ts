/** Remembers what was made for each key. */
export interface Memo<V, A = void> {
  /** What was made for the key before, else what is made now; `about` is handed to whoever makes it. */
  of(key: string, about: A): V;
  clear(): void;
}

/**
 * Creates one. Keys come from outside, so there is no end to them: at `most` of them it begins anew, which costs nothing
 * until then and keeps no order.
 */
export function createMemo<V extends object, A = void>(
  most: number,
  make: (key: string, about: A) => V,
): Memo<V, A> {
  const known = new Map<string, V>();
  return {
    of(key, about) {
      const before = known.get(key);
      if (before) return before;
      const made = make(key, about);
      if (known.size === most) known.clear();
      known.set(key, made);
      return made;
    },
    clear: () => known.clear(),
  };
}
