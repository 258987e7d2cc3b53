import { asArray, asObject, type JsonObject } from '../../../pivot/index.ts';

/** Formats that the API knows by type; it refuses a request for any other. */
const FORMATS: ReadonlyMap<string, readonly string[]> = new Map([
  ['string', ['date-time']],
  ['number', ['float', 'double']],
  ['integer', ['int32', 'int64']],
]);

/** Whether a format can be said of a type. */
export function knowsFormat(type: string, format: unknown): boolean {
  return typeof format === 'string' && (FORMATS.get(type) ?? []).includes(format);
}

/** Constraints of JSON Schema that this wire has no field for. Annotations (`$comment`, `readOnly`) constrain nothing. */
const WORDLESS = [
  'const',
  'multipleOf',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'uniqueItems',
  'contains',
  'minContains',
  'maxContains',
  'prefixItems',
  'propertyNames',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'contentEncoding',
  'contentMediaType',
  'not',
  'if',
  'then',
  'else',
  'examples',
] as const;

/** Values that say nothing or what is always so: models do not invent undeclared properties here. */
const NOTHING: ReadonlyMap<string, readonly unknown[]> = new Map([
  ['additionalProperties', [true, false]],
  ['unevaluatedProperties', [true, false]],
  ['unevaluatedItems', [true, false]],
  ['uniqueItems', [false]],
]);

const MAX_NOTE = 400;

/** One constraint in words. */
export function note(keyword: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `${keyword}: ${text.length > MAX_NOTE ? `${text.slice(0, MAX_NOTE)}…` : text}`;
}

/** What a schema of one type demands beyond what was said with this wire's fields (`said`). */
export function lostNotes(schema: JsonObject, type: string, said: JsonObject): string[] {
  const integer = type === 'integer' && said.minimum !== undefined;
  const integerTop = type === 'integer' && said.maximum !== undefined;
  const unsaid = WORDLESS.filter((keyword) => {
    const value = schema[keyword];
    if (value === undefined || (NOTHING.get(keyword) ?? []).includes(value)) return false;
    if (keyword === 'const') return !asArray(said.enum).includes(value);
    // Of whole numbers the neighbour says the same.
    if (typeof value === 'number' && keyword === 'exclusiveMinimum') return !integer;
    return !(typeof value === 'number' && keyword === 'exclusiveMaximum' && integerTop);
  });
  return [
    ...unsaid.map((keyword) => note(keyword, schema[keyword])),
    ...(Array.isArray(schema.items) ? [note('items', schema.items)] : []),
    ...(typeof schema.format === 'string' && !knowsFormat(type, schema.format)
      ? [note('format', schema.format)]
      : []),
    ...lostValues(schema, said),
    ...lostRequired(schema, said),
  ];
}

function lostValues(schema: JsonObject, said: JsonObject): string[] {
  const values = asArray(schema.enum).filter((one) => one !== null);
  const kept = asArray(said.enum);
  return values.length > 0 && new Set(values).size !== kept.length ? [note('one of', values)] : [];
}

function lostRequired(schema: JsonObject, said: JsonObject): string[] {
  const undeclared = asArray(schema.required).filter(
    (name) => typeof name === 'string' && !Object.hasOwn(asObject(said.properties), name),
  );
  return undeclared.length === 0 ? [] : [note('required', undeclared)];
}

/** A description with what the schema could not say behind it. */
export function describe(description: unknown, notes: readonly string[]): string | undefined {
  const text = typeof description === 'string' ? description.trim() : '';
  const lost = notes.length === 0 ? '' : `(${notes.join('; ')})`;
  return [text, lost].filter((one) => one !== '').join(' ') || undefined;
}
