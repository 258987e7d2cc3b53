import { asObject, type JsonObject, objectOrNothing } from '../../../pivot/index.ts';

/** A schema of arguments as OpenAI takes it: `type: object` is said, and `properties` are there. */
export function objectSchema(schema: JsonObject | undefined): JsonObject {
  const { type, properties } = schema ?? {};
  const elsewhere = ['anyOf', 'oneOf', 'allOf', '$ref'].some((key) => schema?.[key] !== undefined);
  if (type !== undefined && type !== 'object') return schema ?? {};
  if (elsewhere && type === undefined) return schema ?? {};
  if (type === 'object' && properties !== undefined) return schema ?? {};
  return { type: 'object', properties: {}, ...schema };
}

/** What every server knows of JSON Schema. */
const SIMPLE: ReadonlySet<string> = new Set([
  'type',
  'description',
  'properties',
  'required',
  'enum',
  'items',
]);
/** Constraints that a model can keep when it only reads them. */
const TOLD: readonly string[] = [
  'default',
  'format',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'const',
];

/** Schemas nest, but not without end. */
const MAX_DEPTH = 60;

/**
 * A schema for servers that refuse all but the simplest: of alternatives the first that is not null stands, constraints
 * go into the description. Names of properties are no keywords, whatever they are called.
 */
export function simpleSchema(schema: JsonObject, depth = 0): JsonObject {
  const picked = alternative(schema);
  const told = TOLD.filter((key) => picked[key] !== undefined).map(
    (key) => `${key}: ${JSON.stringify(picked[key])}`,
  );
  const description = [picked.description, told.length === 0 ? undefined : `(${told.join(', ')})`]
    .filter((text) => typeof text === 'string')
    .join(' ');
  const simple = Object.fromEntries(Object.entries(picked).filter(([key]) => SIMPLE.has(key)));
  if (description !== '') simple.description = description;
  if (depth > MAX_DEPTH) return simple;
  if (Array.isArray(simple.type)) simple.type = simple.type.find((one) => one !== 'null') ?? 'string';
  const properties = objectOrNothing(simple.properties);
  if (properties)
    simple.properties = Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, simpleSchema(asObject(value), depth + 1)]),
    );
  if (simple.items !== undefined) simple.items = simpleSchema(asObject(simple.items), depth + 1);
  return simple;
}

function alternative(schema: JsonObject): JsonObject {
  const choices = [schema.anyOf, schema.oneOf, schema.allOf].find(Array.isArray);
  const chosen = choices?.map(asObject).find((one) => one.type !== 'null');
  return chosen ? { ...chosen, ...schema } : schema;
}
