import { asObject, type JsonObject } from '../../pivot/index.ts';

/** An object of the wire with its members in camelCase: the API reads `system_instruction` as `systemInstruction`. */
export function camel(value: unknown): JsonObject {
  const object = asObject(value);
  if (!Object.keys(object).some((key) => key.includes('_'))) return object;
  return Object.fromEntries(
    Object.entries(object).map(([key, one]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      one,
    ]),
  );
}
