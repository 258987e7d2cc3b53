import fc from 'fast-check';

/** White space that JSON allows between tokens. */
export const spaces = fc.constantFrom('', '', ' ', '\n', '\t', '\r\n', '  \n ');

/** A string as JSON text: any of its characters may be an escape. */
const stringText = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.infiniteStream(fc.boolean()))
  .map(([text, escapes]) => {
    const characters = [
      ...JSON.stringify(text)
        .slice(1, -1)
        .matchAll(/\\u[0-9a-f]{4}|\\.|[^\\]/gsu),
    ];
    const written = characters.map(([c]) => {
      const { value: asEscape } = escapes.next();
      return asEscape && !c.startsWith('\\') ? escaped(c) : c;
    });
    return `"${written.join('')}"`;
  });

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Numbers that a parser would change, and literals. */
const literal = fc.constantFrom(
  '0',
  '-0',
  '1.0',
  '1.50',
  '1e400',
  '-1E-10',
  '12345678901234567890123',
  '0.1000000000000000055511151231257827',
  'true',
  'false',
  'null',
  '"\\ud800"',
  '"\\/"',
);

const { value } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    literal,
    stringText,
    tie('list'),
    tie('object'),
  ),
  list: fc
    .tuple(fc.array(tie('value'), { maxLength: 4 }), spaces, spaces)
    .map(([values, a, b]) => `[${a}${values.join(`${b},${a}`)}${b}]`),
  object: fc
    .tuple(fc.array(fc.tuple(stringText, tie('value')), { maxLength: 4 }), spaces, spaces)
    .map(
      ([members, a, b]) =>
        `{${a}${members.map(([key, member]) => `${key}${b}:${a}${member}`).join(`${b},${a}`)}${b}}`,
    ),
}));

const KNOWN: ReadonlySet<string> = new Set(['model', 'stream', 'stream_options']);
const key = fc.oneof(
  fc.constantFrom('"x"', '"x"', '"messages"', '"m\\u006fdels"', '""', '"__proto__"'),
  stringText.filter((text) => !KNOWN.has(JSON.parse(text))),
);

/** A member of an object that means nothing to a gateway, as JSON text; keys repeat now and then. */
export const jsonMember = fc
  .tuple(key, spaces, spaces, value)
  .map(([name, before, after, member]) => `${name}${before}:${after}${member}`);

/** A key that no protocol has. */
const unknownMember = fc.tuple(spaces, value).map(([space, member]) => `"x-unknown"${space}:${member}`);

/** An object with the given members, in their order, among unknown ones. */
export function jsonObject(members: string[]): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.array(unknownMember, { maxLength: 3 }),
      fc.array(unknownMember, { maxLength: 3 }),
      spaces,
      spaces,
    )
    .map(
      ([before, after, a, b]) => `${a}{${b}${[...before, ...members, ...after].join(`${a},${b}`)}${a}}${b}`,
    );
}
