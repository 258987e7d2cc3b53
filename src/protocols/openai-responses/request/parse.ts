import type { JsonObject, ParseProblem, PivotRequest } from '../../../pivot/index.ts';

/** Placeholder until the translation of requests lands. */
export function parseRequest(
  _json: JsonObject,
  _from: { model: string; stream: boolean },
): PivotRequest | ParseProblem {
  return { problem: 'not translated yet' };
}
