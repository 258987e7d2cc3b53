import { asArray, asObject, type JsonObject, objectOrNothing } from '../../../pivot/index.ts';

/** Keywords whose values are schemas, by how they hold them. */
const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'patternProperties']);
const LISTED: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const SINGLE: ReadonlySet<string> = new Set(['items', 'not', 'contains']);

/** Constraints that structured output refuses. https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs */
const REFUSED: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'propertyNames',
  'prefixItems',
  'contains',
  'not',
]);

/**
 * A schema that the API enforces word by word (structured output, strict tools): objects are closed, constraints that it
 * cannot enforce become words of the description. Names of properties are not keywords.
 */
export function strictSchema(schema: JsonObject): JsonObject {
  const refused = Object.entries(schema).filter(([name, value]) => isRefused(name, value));
  const kept = Object.entries(schema).filter(([name, value]) => !isRefused(name, value));
  const written = Object.fromEntries(kept.map(([name, value]) => [name, inner(name, value)]));
  const closed =
    schema.type === 'object' || schema.properties !== undefined ? { additionalProperties: false } : {};
  const words = refused.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ');
  const said = [schema.description, words === '' ? '' : `(${words})`].filter(Boolean).join(' ');
  return { ...written, ...closed, ...(words === '' ? {} : { description: said }) };
}

function isRefused(name: string, value: unknown): boolean {
  // An array may be asked not to be empty, and no more.
  if (name === 'minItems') return value !== 0 && value !== 1;
  return REFUSED.has(name);
}

function inner(name: string, value: unknown): unknown {
  const schema = (one: unknown): unknown => {
    const object = objectOrNothing(one);
    return object ? strictSchema(object) : one;
  };
  if (SINGLE.has(name)) return schema(value);
  if (LISTED.has(name)) return asArray(value).map(schema);
  if (!NAMED.has(name)) return value;
  return Object.fromEntries(Object.entries(asObject(value)).map(([key, one]) => [key, schema(one)]));
}

const CHOICES = ['anyOf', 'oneOf', 'allOf'] as const;

/**
 * A tool's parameters as the API takes them: an object at the top, without alternatives there. Alternatives are laid over
 * each other: what all of them require stays required.
 */
export function inputSchema(parameters: JsonObject | undefined): JsonObject {
  const { type: _type, ...schema } = parameters ?? {};
  const { anyOf, oneOf, allOf, ...rest } = schema;
  const properties = asObject(schema.properties);
  const base = { type: 'object', ...rest, properties };
  if (CHOICES.every((name) => schema[name] === undefined)) return base;
  const either = [...asArray(anyOf), ...asArray(oneOf)].map(asObject);
  const both = asArray(allOf).map(asObject);
  const [first = [], ...others] = either.map(({ required }) => asArray(required));
  const required = new Set([
    ...asArray(schema.required),
    ...both.flatMap((one) => asArray(one.required)),
    ...first.filter((name) => others.every((list) => list.includes(name))),
  ]);
  return {
    ...base,
    properties: Object.assign({}, ...[...either, ...both].map((one) => asObject(one.properties)), properties),
    ...(required.size === 0 ? {} : { required: [...required] }),
  };
}
