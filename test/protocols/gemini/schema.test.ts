import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/pivot/index.ts';
import { render } from './support.ts';

/** A schema as a function's parameters reach the wire. */
function parametersOf(schema: JsonObject): JsonObject {
  const tools = [{ kind: 'function' as const, name: 'f', parameters: schema }];
  const [group] = render({ tools }).body.tools as { functionDeclarations: JsonObject[] }[];
  return (group?.functionDeclarations[0] ?? {}) as JsonObject;
}

/** A property's schema as it reaches the wire. */
function written(property: unknown, root: JsonObject = {}): unknown {
  const { parameters } = parametersOf({ ...root, type: 'object', properties: { p: property } });
  return (parameters as { properties: JsonObject }).properties.p;
}

/** The answer's schema as it reaches the wire. */
function answered(schema: JsonObject): JsonObject {
  return (
    render({ format: { type: 'json-schema', schema } }).body.generationConfig as {
      responseSchema: JsonObject;
    }
  ).responseSchema;
}

const FIELDS = [
  'type',
  'format',
  'title',
  'description',
  'nullable',
  'enum',
  'items',
  'minItems',
  'maxItems',
  'properties',
  'required',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'anyOf',
  'default',
];
const TYPES = ['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT'];

/** What the API would answer with a 400. */
function fault(schema: JsonObject, path = '$'): string | null {
  const unknown = Object.keys(schema).find((key) => !FIELDS.includes(key));
  if (unknown) return `${path}: unknown ${unknown}`;
  const inner = [
    ...Object.entries((schema.properties ?? {}) as JsonObject),
    ...(schema.items === undefined ? [] : [['items', schema.items] as const]),
    ...((schema.anyOf ?? []) as unknown[]).map((one, i) => [`anyOf${i}`, one] as const),
  ];
  for (const [key, one] of inner) {
    const found = fault(one as JsonObject, `${path}.${key}`);
    if (found) return found;
  }
  if (schema.anyOf) return Object.keys(schema).length === 1 ? null : `${path}: more than anyOf`;
  if (!TYPES.includes(String(schema.type))) return `${path}: type ${schema.type}`;
  if (schema.type === 'ARRAY' && !schema.items) return `${path}: no items`;
  if (schema.properties && Object.keys(schema.properties).length === 0) return `${path}: no properties`;
  const names = Object.keys((schema.properties ?? {}) as JsonObject);
  if (((schema.required ?? []) as string[]).some((name) => !names.includes(name))) return `${path}: required`;
  const values = (schema.enum ?? ['x']) as unknown[];
  return values.length > 0 && values.every((one) => typeof one === 'string' && one !== '')
    ? null
    : `${path}: enum`;
}

describe('JSON Schema to Gemini', () => {
  it.each([
    ['types are in capitals', { type: 'string' }, { type: 'STRING' }],
    ['null beside a type is nullable', { type: ['string', 'null'] }, { type: 'STRING', nullable: true }],
    [
      'null among alternatives is nullable',
      { anyOf: [{ type: 'integer' }, { type: 'null' }] },
      { type: 'INTEGER', nullable: true },
    ],
    [
      'several types are alternatives',
      { type: ['string', 'number'], minimum: 1 },
      { anyOf: [{ type: 'STRING' }, { type: 'NUMBER', minimum: 1 }] },
    ],
    [
      'oneOf is anyOf',
      { oneOf: [{ type: 'string' }, { type: 'boolean' }] },
      { anyOf: [{ type: 'STRING' }, { type: 'BOOLEAN' }] },
    ],
    ['a text constant is a list of one', { const: 'a' }, { type: 'STRING', enum: ['a'] }],
    ['another constant is told', { const: 5 }, { type: 'INTEGER', description: '(const: 5)' }],
    [
      'numbers to choose from are told',
      { enum: [1, 2] },
      { type: 'INTEGER', description: '(one of: [1,2])' },
    ],
    ['null to choose is nullable', { enum: ['a', null] }, { type: 'STRING', enum: ['a'], nullable: true }],
    [
      'an empty text to choose is told',
      { enum: ['', 'a'] },
      { type: 'STRING', description: '(one of: ["","a"])' },
    ],
    [
      'exclusive borders of whole numbers move by one',
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { type: 'INTEGER', minimum: 1, maximum: 9 },
    ],
    [
      'exclusive borders of others are told',
      { type: 'number', description: 'Size.', exclusiveMinimum: 0 },
      { type: 'NUMBER', description: 'Size. (exclusiveMinimum: 0)' },
    ],
    [
      'a known format stays',
      { type: 'string', format: 'date-time' },
      { type: 'STRING', format: 'date-time' },
    ],
    [
      'an unknown format is told',
      { type: 'string', format: 'uri' },
      { type: 'STRING', description: '(format: uri)' },
    ],
    [
      'propertyNames and patterns of names are told',
      { type: 'object', propertyNames: { pattern: '^a' } },
      { type: 'OBJECT', description: '(propertyNames: {"pattern":"^a"})' },
    ],
    [
      'a map is told',
      { type: 'object', additionalProperties: { type: 'string' } },
      { type: 'OBJECT', description: '(additionalProperties: {"type":"string"})' },
    ],
    [
      'closed objects are nothing special',
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
      { type: 'OBJECT', properties: { a: { type: 'STRING' } } },
    ],
    [
      'comments and ids are left out',
      { $schema: 's', $id: 'i', $comment: 'c', readOnly: true, 'x-order': 1, type: 'string' },
      { type: 'STRING' },
    ],
    [
      'a list of anything has items',
      { type: 'array' },
      { type: 'ARRAY', items: expect.objectContaining({ anyOf: expect.any(Array) }) },
    ],
    [
      'tuples are lists of their kinds',
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'string' }] },
      { type: 'ARRAY', items: { type: 'STRING' }, description: expect.stringContaining('prefixItems') },
    ],
    [
      'what must all hold is one schema',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
          { properties: { b: { type: 'number' } }, required: ['b'] },
        ],
      },
      { type: 'OBJECT', properties: { a: { type: 'STRING' }, b: { type: 'NUMBER' } }, required: ['a', 'b'] },
    ],
    [
      'alternatives of a shape are whole',
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        anyOf: [{ properties: { b: { type: 'string' } } }, { properties: { c: { type: 'string' } } }],
      },
      {
        anyOf: [
          { type: 'OBJECT', properties: { b: { type: 'STRING' }, a: { type: 'STRING' } } },
          { type: 'OBJECT', properties: { c: { type: 'STRING' }, a: { type: 'STRING' } } },
        ],
      },
    ],
    [
      'alternatives that only demand are told',
      { type: 'object', properties: { a: { type: 'string' } }, anyOf: [{ required: ['a'] }] },
      {
        type: 'OBJECT',
        description: '(any of: [{"required":["a"]}])',
        properties: { a: { type: 'STRING' } },
      },
    ],
    [
      'required names that are nowhere are told',
      { type: 'object', properties: { a: {} }, required: ['z'] },
      { type: 'OBJECT', description: '(required: ["z"])', properties: { a: expect.anything() } },
    ],
    [
      'a description goes into the first of alternatives',
      { description: 'Which.', anyOf: [{ type: 'string' }, { type: 'number' }] },
      { anyOf: [{ type: 'STRING', description: 'Which.' }, { type: 'NUMBER' }] },
    ],
    [
      'examples are told',
      { type: 'string', examples: ['a'] },
      { type: 'STRING', description: '(examples: ["a"])' },
    ],
    ['types are inferred', { minLength: 1 }, { type: 'STRING', minLength: 1 }],
  ])('%s', (_name, schema, expected) => expect(written(schema)).toEqual(expected));

  it('a property that is named like a keyword survives', () => {
    const names = [
      'format',
      'type',
      'properties',
      'enum',
      '$ref',
      'anyOf',
      'const',
      'description',
      '__proto__',
      'additionalProperties',
    ];
    const properties = Object.fromEntries(names.map((name) => [name, { type: 'string', format: 'uri' }]));
    const { parameters } = parametersOf({ type: 'object', properties, required: names });
    const inner = (parameters as { properties: JsonObject }).properties;
    expect(Object.keys(inner)).toEqual(names);
    expect((parameters as JsonObject).required).toEqual(names);
    for (const name of names) expect(inner[name]).toEqual({ type: 'STRING', description: '(format: uri)' });
  });

  it('references are put in place', () => {
    const root = {
      $defs: { 'a/b': { type: 'string', description: 'Named.' } },
      definitions: { c: { $ref: '#/$defs/a~1b' } },
    };
    expect(written({ $ref: '#/definitions/c', description: 'Used.' }, root)).toEqual({
      type: 'STRING',
      description: 'Used. Named.',
    });
    expect(written({ $ref: 'https://elsewhere/x' })).toMatchObject({
      anyOf: [{ description: '(https://elsewhere/x)' }, {}, {}, {}, {}],
    });
  });

  it('references in a circle are cut after a turn', () => {
    const tree = {
      type: 'object',
      properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/tree' } } },
    };
    const text = JSON.stringify(written({ $ref: '#/$defs/tree' }, { $defs: { tree } }));
    expect(text.match(/"name"/g)).toHaveLength(2);
    expect(text).toContain('like tree, nested');
    expect(fault(answered({ $ref: '#' }))).toBeNull();
    expect(fault(answered({ anyOf: [{ $ref: '#' }, { type: 'string' }] }))).toBeNull();
  });

  it('references that multiply stay bounded', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [
        `d${i}`,
        {
          type: 'object',
          properties: { a: { $ref: `#/$defs/d${i + 1}` }, b: { $ref: `#/$defs/d${i + 1}` } },
        },
      ]),
    );
    const schema = answered({ $ref: '#/$defs/d0', $defs });
    expect(fault(schema)).toBeNull();
    expect(JSON.stringify(schema).length).toBeLessThan(200_000);
  });

  it('parameters are an object, or nothing when there are none', () => {
    expect(parametersOf({})).toEqual({ name: 'f' });
    expect(parametersOf({ type: 'object', properties: {} })).toEqual({ name: 'f' });
    expect(parametersOf({ type: 'object', additionalProperties: { type: 'number' } })).toEqual({
      name: 'f',
      description: '(additionalProperties: {"type":"number"})',
    });
    const either = parametersOf({
      oneOf: [
        {
          type: 'object',
          properties: { a: { type: 'string' }, both: { type: 'string' } },
          required: ['a', 'both'],
        },
        {
          type: 'object',
          properties: { b: { type: 'string' }, both: { type: 'string' } },
          required: ['b', 'both'],
        },
      ],
    });
    expect(either.parameters).toEqual({
      type: 'OBJECT',
      description: '(one of these groups: [["a","both"],["b","both"]])',
      properties: { a: { type: 'STRING' }, both: { type: 'STRING' }, b: { type: 'STRING' } },
      required: ['both'],
    });
  });
});

const names = fc.constantFrom('a', 'format', 'type', 'items', '$ref', 'required', 'enum');
const scalar = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(null, true, 1.5),
);
/** Schemas in which any keyword may stand beside any other, references lead anywhere, and values may be nonsense. */
const { schema: schemas } = fc.letrec<{ schema: unknown; object: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(true, false, {}),
    tie('object'),
  ),
  object: fc.record(
    {
      type: fc.oneof(
        fc.constantFrom<unknown>(
          'string',
          'number',
          'integer',
          'boolean',
          'array',
          'object',
          'null',
          'STRING',
          'nonsense',
          5,
        ),
        fc.array(fc.constantFrom('string', 'null', 'object', 'array', 'integer'), { maxLength: 3 }),
      ),
      $ref: fc.constantFrom('#', '#/$defs/a', '#/$defs/b', '#/properties/a', '#/nowhere', 'x', '#/%'),
      $defs: fc.dictionary(fc.constantFrom('a', 'b'), tie('schema')),
      properties: fc.dictionary(names, tie('schema'), { maxKeys: 4 }),
      required: fc.oneof(fc.array(names, { maxLength: 3 }), fc.constant(true)),
      items: fc.oneof(tie('schema'), fc.array(tie('schema'), { maxLength: 2 })),
      prefixItems: fc.array(tie('schema'), { maxLength: 2 }),
      anyOf: fc.array(tie('schema'), { maxLength: 3 }),
      oneOf: fc.array(tie('schema'), { maxLength: 2 }),
      allOf: fc.array(tie('schema'), { maxLength: 2 }),
      not: tie('schema'),
      additionalProperties: tie('schema'),
      propertyNames: tie('schema'),
      enum: fc.array(scalar, { maxLength: 3 }),
      const: scalar,
      format: fc.constantFrom('date-time', 'uri', 'int32', 'float'),
      minimum: fc.constantFrom<unknown>(0, 1.5, '1'),
      exclusiveMinimum: fc.constantFrom<unknown>(0, 1.5, true),
      minItems: fc.constantFrom<unknown>(1, -1, '2'),
      description: fc.string({ maxLength: 5 }),
      default: scalar,
      nullable: fc.boolean(),
      $comment: fc.string({ maxLength: 2 }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonObject>,
}));

describe('any JSON Schema', () => {
  it('becomes one that the API takes, the same every time', () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        const root = { type: 'object', properties: { p: schema } };
        const { parameters } = parametersOf(root);
        if (schema !== false) expect(fault(parameters as JsonObject)).toBeNull();
        expect(parametersOf(root)).toEqual(parametersOf(root));
      }),
      { numRuns: 150 },
    );
  });

  it('at the root, too, of parameters and of answers', () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        if (typeof schema !== 'object' || schema === null) return;
        expect(fault(answered(schema as JsonObject))).toBeNull();
        const { parameters } = parametersOf(schema as JsonObject) as { parameters?: JsonObject };
        if (parameters) expect(fault(parameters) ?? parameters.type).toBe('OBJECT');
      }),
      { numRuns: 150 },
    );
  });

  it('keeps every property by its name', () => {
    const plain = fc.dictionary(
      names,
      fc.constantFrom({ type: 'string' }, {}, { type: 'object', properties: { format: {} } }),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(plain, (properties) => {
        const { parameters } = parametersOf({ type: 'object', properties });
        expect(Object.keys((parameters as { properties: JsonObject }).properties)).toEqual(
          Object.keys(properties),
        );
      }),
    );
  });
});
