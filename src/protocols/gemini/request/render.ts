import type { PivotRequest, Rendered, RenderTarget } from '../../../pivot/index.ts';

/** Placeholder until the translation of requests lands. */
export function renderRequest(_request: PivotRequest, _target: RenderTarget): Rendered {
  return { body: {}, losses: [] };
}
