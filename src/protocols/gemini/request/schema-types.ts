import { asArray, asObject, type JsonObject, objectOrNothing } from '../../../pivot/index.ts';

const TYPES: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object']);

/** Which keywords tell a type that is not said. */
const TELLING: readonly (readonly [string, readonly string[]])[] = [
  ['object', ['properties', 'required', 'additionalProperties', 'patternProperties', 'propertyNames']],
  ['array', ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems']],
  ['string', ['minLength', 'maxLength', 'pattern', 'format']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
];

/** The types that a schema speaks of, `null` left out; told by other keywords where none is said. Empty = any value. */
export function typesOf(schema: JsonObject): string[] {
  const said = (Array.isArray(schema.type) ? schema.type : [schema.type])
    .map((type) => (typeof type === 'string' ? type.toLowerCase() : type))
    .filter((type): type is string => TYPES.has(type));
  if (said.length > 0) return [...new Set(said)];
  const values = [...asArray(schema.enum), ...(schema.const === undefined ? [] : [schema.const])];
  const ofValues = values.map(typeOfValue).filter((type) => type !== 'null');
  if (ofValues.length > 0) return [...new Set(ofValues)];
  return TELLING.filter(([, keys]) => keys.some((key) => Object.hasOwn(schema, key)))
    .slice(0, 1)
    .map(([type]) => type);
}

function typeOfValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

/** Whether a schema itself allows `null`. */
export function mayBeNull(schema: JsonObject): boolean {
  return (
    schema.nullable === true ||
    schema.type === 'null' ||
    asArray(schema.type).includes('null') ||
    asArray(schema.enum).includes(null) ||
    schema.const === null
  );
}

/** Whether a schema allows nothing but `null`. */
export function isNull(schema: unknown): boolean {
  const { type, const: only, enum: values } = asObject(schema);
  return (
    type === 'null' ||
    only === null ||
    (Array.isArray(values) && values.length > 0 && values.every((one) => one === null))
  );
}

/** Keywords that give a value a shape. */
const SHAPES = ['type', '$ref', 'properties', 'items', 'enum', 'const', 'allOf', 'anyOf', 'oneOf'];

/** `anyOf: [{ required: [...] }]` demands something of a shape that is said elsewhere. */
export function isCondition(schema: unknown): boolean {
  const object = objectOrNothing(schema);
  return object !== undefined && !SHAPES.some((key) => Object.hasOwn(object, key));
}
