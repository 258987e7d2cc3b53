import { type JsonObject, objectOrNothing, parseJson } from '../../pivot/index.ts';

/**
 * A call's arguments as the object that they are on this wire. None may be written as nothing or as `null`; what is no
 * object otherwise stays readable.
 */
export function argumentsOf(text: string): JsonObject {
  if (text.trim() === '') return {};
  const value = parseJson(text);
  return value === null ? {} : (objectOrNothing(value) ?? { _raw: text });
}
