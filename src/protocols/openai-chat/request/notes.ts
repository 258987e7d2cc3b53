import type { Loss, RenderTarget } from '../../../pivot/index.ts';

/** What rendering asks again and again: what the target is like, and where losses go. */
export interface Notes {
  target: RenderTarget;
  /** Whether the target has this quirk. */
  has(quirk: string): boolean;
  /** Notes a loss; the same one counts once. */
  lose(what: string, why: string): void;
  /** The same, when it is this target that does not take it. */
  refuse(what: string): void;
  losses(): Loss[];
}

/** Why this wire leaves something out. */
export const NO_WORD = 'openai-chat has no word for it';

/** Creates the notes of one request. */
export function createNotes(target: RenderTarget): Notes {
  const losses = new Map<string, Loss>();
  const lose = (what: string, why: string): void => {
    losses.set(`${what}\n${why}`, { what, why });
  };
  return {
    target,
    has: (quirk) => target.quirks.has(quirk),
    lose,
    refuse: (what) => lose(what, `${target.provider}/${target.model} refuses it`),
    losses: () => [...losses.values()],
  };
}
