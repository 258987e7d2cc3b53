import type { JsonObject, PivotRequest, Rendered, RenderTarget } from '../../../src/pivot/index.ts';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';

/** A Responses request as the pivot has it; throws on a problem. */
export function parse(json: JsonObject): PivotRequest {
  const request = openaiResponses.parseRequest(json, { model: 'asked', stream: false });
  if ('problem' in request) throw new Error(request.problem);
  return request;
}

/** A request of another wire: one user message and what is given. */
export function foreign(fields: Partial<PivotRequest> = {}): PivotRequest {
  return {
    model: 'asked',
    stream: false,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    tools: [],
    sampling: {},
    ...fields,
  };
}

/** Renders for a model of which nothing is known but what is given. */
export function render(
  request: PivotRequest,
  target: Partial<RenderTarget> = {},
  ...quirks: string[]
): Rendered {
  return openaiResponses.renderRequest(request, {
    model: 'served',
    provider: 'acme',
    quirks: new Set(quirks),
    ...target,
  });
}
