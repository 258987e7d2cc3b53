import {
  asArray,
  asObject,
  asText,
  type ContentPart,
  type JsonObject,
  type ToolResultPart,
} from '../../../pivot/index.ts';
import { camel } from '../camel.ts';
import { mediaPart } from '../media.ts';
import type { CallIds } from './calls-in.ts';

/** Members that alone in a response are the whole of what the tool said. */
const WHOLE: ReadonlySet<string> = new Set(['output', 'result', 'content', 'error']);

/** A `functionResponse`: any object, by convention with `output` or `error`. */
export function readResult(response: JsonObject, ids: CallIds, turn: number, n: number): ToolResultPart {
  const { id, name } = ids.response(asText(response.id) ?? '', asText(response.name) ?? '', turn, n);
  const text = textOf(response.response);
  const media = asArray(response.parts).flatMap((part): ContentPart | [] => mediaPart(camel(part)) ?? []);
  return {
    type: 'tool-result',
    id,
    ...(name === '' ? {} : { name }),
    kind: 'function',
    ...(isError(response.response) ? { isError: true } : {}),
    content: [...(text === '' ? [] : [{ type: 'text' as const, text }]), ...media],
  };
}

function isError(response: unknown): boolean {
  const { error, output, result } = asObject(response);
  return Boolean(error) && output === undefined && result === undefined;
}

function textOf(response: unknown): string {
  if (response === undefined || response === null) return '';
  if (typeof response === 'string') return response;
  const [only, ...others] = Object.entries(asObject(response));
  if (!Array.isArray(response) && only === undefined) return '';
  const whole = only !== undefined && others.length === 0 && WHOLE.has(only[0]) ? only[1] : response;
  return typeof whole === 'string' ? whole : JSON.stringify(whole);
}
