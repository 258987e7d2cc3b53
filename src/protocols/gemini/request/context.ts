import type { Loss, PivotTool, RenderTarget } from '../../../pivot/index.ts';

/** What every section of a request must know while it is rendered. */
export interface Rendering {
  target: RenderTarget;
  tools: readonly PivotTool[];
  /** Gemini 3 and later: thinks in levels and takes media inside results. */
  modern: boolean;
  lose(what: string, why: string): void;
}

/** Creates the state of one rendering; a loss that comes again is told once. */
export function createRendering(
  target: RenderTarget,
  tools: readonly PivotTool[],
): Rendering & { losses(): Loss[] } {
  const lost = new Map<string, Loss>();
  return {
    target,
    tools,
    modern: target.quirks.has('thinking-level'),
    lose(what, why) {
      lost.set(`${what}\n${why}`, { what, why });
    },
    losses: () => [...lost.values()],
  };
}

/** Why something that this wire has no word for is lost. */
export const NO_WORD = 'gemini has no word for it';
