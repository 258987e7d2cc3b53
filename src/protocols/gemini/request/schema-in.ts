import { asArray, asObject, type JsonObject, objectOrNothing } from '../../../pivot/index.ts';

type Reader = (value: unknown) => unknown;

const schemas: Reader = (value) => asArray(value).map(readSchema);
const named: Reader = (value) =>
  Object.fromEntries(Object.entries(asObject(value)).map(([name, one]) => [name, readSchema(one)]));
const inner: Reader = (value) => (Array.isArray(value) ? schemas(value) : readSchema(value));
/** int64 is text in the JSON of protocol buffers. */
const count: Reader = (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value);

/** Keywords whose values are not simply copied. What is not here is data or a word of JSON Schema itself. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'].map(
    (key) => [key, named] as const,
  ),
  ...['anyOf', 'oneOf', 'allOf', 'prefixItems'].map((key) => [key, schemas] as const),
  ...['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'].map(
    (key) => [key, inner] as const,
  ),
  ...['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'].map(
    (key) => [key, count] as const,
  ),
  ['type', lowerType],
]);

function lowerType(type: unknown): unknown {
  if (Array.isArray(type)) return type.map(lowerType);
  if (typeof type !== 'string') return type;
  const lower = type.toLowerCase();
  return lower === 'type_unspecified' ? undefined : lower;
}

/**
 * A schema of this wire (OpenAPI words, types in capitals, `nullable`) as JSON Schema. JSON Schema itself stays what it
 * is, so that `parameters` and `parametersJsonSchema` need not be told apart. Only schemas are walked: a property named
 * `type` or `format` is none of the keywords.
 */
export function readSchema(value: unknown): unknown {
  const schema = objectOrNothing(value);
  if (!schema) return value;
  const { nullable, propertyOrdering, ...rest } = schema;
  const read = Object.fromEntries(
    Object.entries(rest)
      .filter(([key, one]) => !(key === 'format' && one === 'enum'))
      .map(([key, one]) => [key, READERS.get(key)?.(one) ?? one])
      .filter(([key, one]) => !(key === 'type' && one === 'TYPE_UNSPECIFIED')),
  );
  return orNull(inOrder(read, propertyOrdering), nullable === true);
}

/** `propertyOrdering` is unknown to JSON Schema, where properties are read in their order. */
function inOrder(schema: JsonObject, ordering: unknown): JsonObject {
  const properties = objectOrNothing(schema.properties);
  const first = asArray(ordering).filter(
    (name): name is string =>
      typeof name === 'string' && properties !== undefined && Object.hasOwn(properties, name),
  );
  if (!properties || first.length === 0) return schema;
  const entries = Object.entries(properties);
  const place = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
  entries.sort(([a], [b]) => place(a) - place(b));
  return { ...schema, properties: Object.fromEntries(entries) };
}

function orNull(schema: JsonObject, nullable: boolean): JsonObject {
  if (!nullable) return schema;
  if (typeof schema.type === 'string' && schema.type !== 'null') {
    const values = Array.isArray(schema.enum) && !schema.enum.includes(null) ? [...schema.enum, null] : null;
    return { ...schema, type: [schema.type, 'null'], ...(values ? { enum: values } : {}) };
  }
  return Array.isArray(schema.anyOf) ? { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] } : schema;
}
