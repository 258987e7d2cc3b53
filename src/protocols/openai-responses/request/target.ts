import type { Loss, PivotRequest, RenderTarget } from '../../../pivot/index.ts';
import { WIRE } from './content-in.ts';

/** What every part of a rendering needs: the request, where it goes, and what is lost on the way. */
export interface Rendering {
  request: PivotRequest;
  target: RenderTarget;
  /** The client speaks this wire, too. */
  atHome: boolean;
  /** Notes a loss, once. */
  lose(what: string, why: string): void;
  losses: Loss[];
}

/** Starts one. */
export function startRendering(request: PivotRequest, target: RenderTarget): Rendering {
  const losses: Loss[] = [];
  return {
    request,
    target,
    atHome: request.vendor?.origin === WIRE,
    losses,
    lose(what, why) {
      if (!losses.some((loss) => loss.what === what && loss.why === why)) losses.push({ what, why });
    },
  };
}

/** Whether the target has a quirk that forbids a field; if so that is a loss. */
export function refuses({ target, lose }: Rendering, quirk: string, what: string): boolean {
  if (!target.quirks.has(quirk)) return false;
  lose(what, `${target.provider}/${target.model} refuses it`);
  return true;
}

/** The reason for losing what this wire cannot say. */
export const NO_WORD = `${WIRE} has no word for it`;
