import { type JsonObject, objectOrNothing, parseJson } from '../../pivot/index.ts';

/** What stands for "no arguments" in the JSON of wires where they are text. */
const NOTHING: ReadonlySet<string> = new Set(['', 'null', '""']);

/** Arguments are an object here. What a model wrote that is none stays readable: neither side could be told of a loss. */
export function argumentsObject(text: string): JsonObject {
  if (NOTHING.has(text.trim())) return {};
  return objectOrNothing(parseJson(text)) ?? { _raw: text };
}
