import type { Opaque } from './events.ts';

const MARK = 'uno1.';

/** How marked values begin on the wires, in base64 on Gemini's: a request that holds one is not the vendor's own any more. */
export const SEAL_MARKS: readonly string[] = [MARK, 'dW5vMS'];

/**
 * An opaque value as a wire of the given family carries it. A foreign one is marked with its origin, so that it survives
 * the round trip through a client that keeps such values without looking into them.
 */
export function sealText({ origin, value }: Opaque, family: string): string {
  return origin === family ? value : `${MARK}${origin}.${value}`;
}

/** The inverse: who made the value that a client sent back. Unmarked = the wire's own family. */
export function unsealText(text: string, family: string): Opaque {
  const dot = text.startsWith(MARK) ? text.indexOf('.', MARK.length) : -1;
  return dot < 0
    ? { origin: family, value: text }
    : { origin: text.slice(MARK.length, dot), value: text.slice(dot + 1) };
}
