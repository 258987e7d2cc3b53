import { asArray, asObject, defined, type JsonObject } from '../../../pivot/index.ts';
import { FIELDS } from './schema-fields.ts';
import { type Flat, flatten, merge, type Place } from './schema-flatten.ts';
import { describe, knowsFormat, lostNotes, note } from './schema-lost.ts';
import { isCondition, isNull, mayBeNull, typesOf } from './schema-types.ts';

/** How many schemas are written at most, references followed; what comes then is cut. */
const MAX_NODES = 1000;
const MAX_DEPTH = 40;

/** The work on one schema. */
interface Walk {
  left: number;
}

/**
 * JSON Schema in this wire's words: the subset of OpenAPI that `parameters` and `responseSchema` take, where any other
 * keyword is a 400. `parametersJsonSchema` would take more, but not all (it ignores or refuses what it does not know),
 * and servers that speak this wire know only `parameters`. What has no word is told in the description.
 * https://ai.google.dev/api/caching#Schema
 */
export function writeSchema(schema: JsonObject): JsonObject {
  return write(schema, { root: schema, refs: [], depth: 0 }, { left: MAX_NODES });
}

/**
 * A function's parameters: always an object. `note` = what must be said in the function's description, because an
 * object without properties may not be sent.
 */
export function writeParameters(schema: JsonObject): { parameters?: JsonObject; note?: string } {
  const place = { root: schema, refs: [], depth: 0 };
  const flat = flatten(schema, place);
  const walk = { left: MAX_NODES };
  const written = ofType('object', oneObject(flat), flat.place, walk);
  if (written.properties !== undefined) return { parameters: written };
  return typeof written.description === 'string' ? { note: written.description } : {};
}

/** Alternatives of parameters as one object: what one of them has may be there, what all demand must be. */
function oneObject({ schema, place }: Flat): JsonObject {
  const { anyOf, oneOf, ...base } = schema;
  const choices = [...asArray(anyOf), ...asArray(oneOf)].map((one) => flatten(one, place).schema);
  if (choices.length === 0) return base;
  const groups = choices.map((choice) => asArray(choice.required));
  const [first = [], ...others] = groups;
  const required = first.filter((name) => others.every((group) => group.includes(name)));
  const properties = new Map<string, unknown>();
  for (const one of [base, ...choices])
    for (const [name, property] of Object.entries(asObject(one.properties)))
      if (!properties.has(name)) properties.set(name, property);
  const demand = groups.some((group) => group.length > 0) ? [note('one of these groups', groups)] : [];
  return {
    ...base,
    properties: Object.fromEntries(properties),
    required: [...new Set([...asArray(base.required), ...required])],
    description: describe(base.description, demand),
  };
}

function write(value: unknown, at: Place, walk: Walk): JsonObject {
  const place = { ...at, depth: at.depth + 1 };
  const flat = flatten(value, place);
  walk.left--;
  if (flat.cut !== undefined || walk.left < 0 || place.depth > MAX_DEPTH) return cut(flat);
  const { anyOf, oneOf, ...base } = flat.schema;
  const choices = [...asArray(anyOf), ...asArray(oneOf)];
  if (choices.length === 0) return ofTypes(base, flat.place, walk);
  const real = choices.filter((choice) => !isNull(choice));
  const schema = real.length < choices.length ? { ...base, nullable: true } : base;
  if (real.length === 0) return ofTypes(schema, flat.place, walk);
  if (real.every(isCondition))
    return ofTypes(
      { ...schema, description: describe(schema.description, [note('any of', real)]) },
      flat.place,
      walk,
    );
  return oneOfMany(schema, real, flat.place, walk);
}

/** What says nothing of a value's shape: it stands beside alternatives, not inside each. */
const ASIDE: ReadonlySet<string> = new Set([
  'description',
  'title',
  'nullable',
  'default',
  'examples',
  '$schema',
  '$defs',
  'definitions',
  '$comment',
  '$id',
]);

function oneOfMany(schema: JsonObject, choices: unknown[], place: Place, walk: Walk): JsonObject {
  const entries = Object.entries(schema);
  const shape = Object.fromEntries(entries.filter(([key]) => !ASIDE.has(key)));
  const aside = Object.fromEntries(entries.filter(([key]) => ASIDE.has(key)));
  const shaped = Object.keys(shape).length > 0;
  const [only, ...others] = choices.map((choice) => (shaped ? { allOf: [choice, shape] } : choice));
  if (others.length === 0) return write(merge(aside, flatten(only, place).schema), place, walk);
  return either(
    [only, ...others].map((choice) => write(choice, place, walk)),
    aside,
  );
}

/** Alternatives. Beside `anyOf` nothing else may stand: what holds for all of them is said inside. */
function either(written: JsonObject[], { description, nullable, examples }: JsonObject): JsonObject {
  const choices = written.flatMap((one) => (Array.isArray(one.anyOf) ? one.anyOf.map(asObject) : [one]));
  const text = describe(description, examples === undefined ? [] : [note('examples', examples)]);
  return {
    anyOf: choices.map((choice, i) =>
      defined<JsonObject>({
        ...choice,
        nullable: nullable === true ? true : choice.nullable,
        description: i === 0 ? describe(joined(text, choice.description), []) : choice.description,
      }),
    ),
  };
}

function joined(...texts: unknown[]): string {
  return texts.filter((text) => typeof text === 'string' && text !== '').join(' ');
}

function cut({ schema, cut: ref }: Flat): JsonObject {
  const [type = 'object'] = typesOf(schema);
  const notes =
    ref === undefined ? [] : [`like ${ref === '#' ? 'the whole' : ref.replace(/^.*\//s, '')}, nested`];
  return defined<JsonObject>({
    type: type === 'array' ? 'OBJECT' : type.toUpperCase(),
    description: describe(schema.description, notes),
  });
}

/** Any JSON value: a type must be said. */
const ANYTHING: readonly JsonObject[] = [
  { type: 'STRING' },
  { type: 'NUMBER' },
  { type: 'BOOLEAN' },
  { type: 'OBJECT' },
  { type: 'ARRAY', items: { type: 'STRING' } },
];

function ofTypes(schema: JsonObject, place: Place, walk: Walk): JsonObject {
  const nullable = mayBeNull(schema);
  const [type, ...others] = typesOf(schema);
  if (type !== undefined && others.length === 0) return ofType(type, schema, place, walk);
  if (type !== undefined) {
    const { description, title: _title, default: _default, ...rest } = schema;
    const written = [type, ...others].map((one) => ofType(one, rest, place, walk));
    return either(written, { description, nullable });
  }
  const description = describe(schema.description, lostNotes(schema, '', {}));
  if (nullable) return defined<JsonObject>({ type: 'STRING', nullable, description });
  return either([...ANYTHING], { description });
}

function ofType(type: string, schema: JsonObject, place: Place, walk: Walk): JsonObject {
  const fields = FIELDS[type]?.(schema, (inner) => write(inner, place, walk)) ?? {};
  const format = knowsFormat(type, schema.format) ? schema.format : undefined;
  const said = defined<JsonObject>({ ...fields, format });
  return defined<JsonObject>({
    type: type.toUpperCase(),
    title: typeof schema.title === 'string' ? schema.title : undefined,
    description: describe(schema.description, lostNotes(schema, type, said)),
    nullable: mayBeNull(schema) ? true : undefined,
    ...said,
    default: schema.default,
  });
}
