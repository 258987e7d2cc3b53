/** How deep an example follows a schema. */
const MAX_DEPTH = 8;

type Schema = Record<string, unknown>;

function object(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

/** What stands for each JSON type. */
const EXAMPLES: ReadonlyMap<string, (schema: Schema, depth: number) => unknown> = new Map([
  ['string', () => 'demo'],
  ['number', () => 0],
  ['integer', () => 0],
  ['boolean', () => true],
  ['null', () => null],
  [
    'array',
    (schema: Schema, depth: number) =>
      schema.items === undefined ? [] : [exampleOf(schema.items, depth + 1)],
  ],
  ['object', objectExample],
]);

function objectExample(schema: Schema, depth: number): unknown {
  const entries = Object.entries(object(schema.properties)).map(
    ([key, value]) => [key, exampleOf(value, depth + 1)] as const,
  );
  return Object.fromEntries(entries);
}

/** A small value that satisfies the usual parts of a JSON Schema: types, enums, properties, items, first alternatives. */
export function exampleOf(value: unknown, depth = 0): unknown {
  const schema = object(value);
  if (depth > MAX_DEPTH) return null;
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0] ?? null;
  const alternatives = [schema.anyOf, schema.oneOf, schema.allOf].find(Array.isArray);
  if (alternatives) return exampleOf(alternatives[0], depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  const name = typeof type === 'string' ? type.toLowerCase() : 'object';
  return EXAMPLES.get(name)?.(schema, depth) ?? null;
}
