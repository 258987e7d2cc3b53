/** Reading JSON from a wire without trusting its shape: what is not there or of another type is `undefined`. */

export type JsonObject = Record<string, unknown>;

/** The value when it is an object, else an empty one. */
export function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The value when it is an object. */
export function objectOrNothing(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** The value when it is an array, else an empty one. */
export function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value when it is a string that says something. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value when it is a string, else an empty one: a delta of another type says nothing. */
export function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The largest count that can be meant. */
const MAX_COUNT = 1e9;

/** A token count: a finite number between 0 and a milliard. Anything else (negative, text, absurd) is as if absent. */
export function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= MAX_COUNT ? Math.round(value) : undefined;
}

/** The first of several values that is there. */
export function firstCount(...values: unknown[]): number | undefined {
  for (const value of values) {
    const count = asCount(value);
    if (count !== undefined) return count;
  }
  return undefined;
}

/** A copy without the members that are undefined (`exactOptionalPropertyTypes`). */
export function defined<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  const kept: Partial<T> = {};
  for (const name in object) if (object[name] !== undefined) kept[name] = object[name];
  return kept as T;
}

/** JSON text to a value; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
