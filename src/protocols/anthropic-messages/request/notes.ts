import type { JsonObject, Loss } from '../../../pivot/index.ts';

/** Collects what the target could not be told; the same loss counts once. */
export interface Notes {
  lose(what: string, why: string): void;
  losses(): Loss[];
}

/** Creates an empty collection for one request. */
export function createNotes(): Notes {
  const losses = new Map<string, Loss>();
  return {
    lose: (what, why) => losses.set(`${what}\n${why}`, { what, why }),
    losses: () => [...losses.values()],
  };
}

/** A text block. */
export function textBlock(text: string): JsonObject {
  return { type: 'text', text };
}
