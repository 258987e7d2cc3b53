import type { Exchange, Recorder } from '../exchange.ts';

/** Tells several listeners, each on its own: none of them can break a request or another listener. */
export function createRecorder(
  listeners: readonly Partial<Recorder>[],
  onBug: (error: unknown) => void,
): Recorder {
  const tell = (event: keyof Recorder) => (exchange: Exchange) => {
    for (const listener of listeners) {
      try {
        listener[event]?.(exchange);
      } catch (error) {
        onBug(error);
      }
    }
  };
  return { open: tell('open'), update: tell('update'), finish: tell('finish') };
}
