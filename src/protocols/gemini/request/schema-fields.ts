import { asArray, asObject, type JsonObject } from '../../../pivot/index.ts';

/** Writes a schema inside the one at hand. */
export type Inner = (schema: unknown) => JsonObject;

type Fields = (schema: JsonObject, inner: Inner) => JsonObject;

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 && Number.isSafeInteger(value) ? value : undefined;
const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** What can be said of each type. */
export const FIELDS: Readonly<Record<string, Fields>> = {
  string: (schema) => ({
    enum: texts(schema),
    minLength: count(schema.minLength),
    maxLength: count(schema.maxLength),
    pattern: typeof schema.pattern === 'string' ? schema.pattern : undefined,
  }),
  number: (schema) => ({ minimum: finite(schema.minimum), maximum: finite(schema.maximum) }),
  integer: (schema) => ({
    minimum: most(finite(schema.minimum), next(schema.exclusiveMinimum, 1)),
    maximum: least(finite(schema.maximum), next(schema.exclusiveMaximum, -1)),
  }),
  boolean: () => ({}),
  array: (schema, inner) => ({
    items: itemsOf(schema, inner),
    minItems: count(schema.minItems),
    maxItems: count(schema.maxItems),
  }),
  object: (schema, inner) => ({
    ...propertiesOf(schema, inner),
    minProperties: count(schema.minProperties),
    maxProperties: count(schema.maxProperties),
  }),
};

/** Only texts may be listed, and no empty ones. */
function texts(schema: JsonObject): string[] | undefined {
  const values = Array.isArray(schema.enum) ? schema.enum : [schema.const];
  const list = values.filter((value): value is string => typeof value === 'string' && value !== '');
  return list.length === 0 || list.length < values.filter((value) => value !== null).length
    ? undefined
    : [...new Set(list)];
}

function most(...values: (number | undefined)[]): number | undefined {
  const there = values.filter((value) => value !== undefined);
  return there.length === 0 ? undefined : Math.max(...there);
}

function least(...values: (number | undefined)[]): number | undefined {
  const there = values.filter((value) => value !== undefined);
  return there.length === 0 ? undefined : Math.min(...there);
}

/** The whole number beside an excluded border. */
function next(border: unknown, step: 1 | -1): number | undefined {
  const value = finite(border);
  if (value === undefined) return undefined;
  return step > 0 ? Math.floor(value) + 1 : Math.ceil(value) - 1;
}

/** Elements have one schema here; it must be said. */
function itemsOf({ items, prefixItems }: JsonObject, inner: Inner): JsonObject {
  const tuple = [...asArray(prefixItems), ...asArray(items)];
  if (tuple.length === 0) return inner(items);
  const rest = Array.isArray(items) || items === undefined || items === false ? [] : [items];
  const different = new Map([...tuple, ...rest].map((one) => [JSON.stringify(one), one]));
  return inner({ anyOf: [...different.values()] });
}

function propertiesOf(schema: JsonObject, inner: Inner): JsonObject {
  const entries = Object.entries(asObject(schema.properties)).filter(([, one]) => one !== false);
  if (entries.length === 0) return {};
  const names = new Set(entries.map(([name]) => name));
  const required = [...new Set(asArray(schema.required))].filter(
    (name) => typeof name === 'string' && names.has(name),
  );
  return {
    properties: Object.fromEntries(entries.map(([name, one]) => [name, inner(one)])),
    required: required.length === 0 ? undefined : required,
  };
}
