import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { formatProblem, parseConfig } from '../../src/config/index.ts';

const word = fc.constantFrom(
  ...[
    'a',
    'b',
    'small',
    'default',
    'auto',
    'openai/a',
    'openai/*',
    'nobody/*',
    'x/y',
    '__proto__',
    '*',
    '> 1k',
  ],
  ...['22:00-06:00', '06:00-06:00', 'main', 'mon', 'constructor', '', '/', 'a/', '/a'],
);
const odd = fc.oneof(word, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.double());
const name = fc.oneof(
  fc.constantFrom(...['default', 'small', 'aliases', 'routes', 'to', 'when', 'name', 'time', 'day', 'input']),
  fc.constantFrom(...['weighted', 'cheapest', 'fastest', 'header', 'role', 'model', 'project', 'fallbacks']),
  word,
);
const { tree } = fc.letrec<{ tree: unknown }>((again) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    odd,
    fc.array(again('tree'), { maxLength: 4 }),
    fc.dictionary(name, again('tree'), { maxKeys: 4 }),
  ),
}));
const alias = fc.oneof(
  word,
  fc.array(word, { minLength: 1, maxLength: 3 }),
  fc.dictionary(fc.constantFrom('weighted'), fc.dictionary(word, fc.integer({ min: 0, max: 3 })), {
    minKeys: 1,
  }),
  fc.dictionary(fc.constantFrom('cheapest', 'fastest'), fc.array(word), { minKeys: 1, maxKeys: 1 }),
);
const rule = fc.record(
  {
    name: word,
    to: fc.oneof(word, fc.array(word)),
    when: fc.dictionary(name, fc.oneof(word, fc.array(word)), { maxKeys: 2 }),
  },
  { requiredKeys: ['to'] },
);
/** Files that nearly or really make sense. */
const plausible = fc.record(
  {
    default: word,
    small: word,
    aliases: fc.dictionary(word, alias, { maxKeys: 4 }),
    routes: fc.array(rule, { maxLength: 4 }),
  },
  { requiredKeys: [] },
);
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom(...'-:?[]{}&*!|>\'"%@#,\n\t a1~<'), { maxLength: 60 })
    .map((letters) => letters.join('')),
  tree.map((data) => stringify(data)),
  plausible.map((data) => stringify(data)),
  plausible.map((data) => JSON.stringify(data)),
);

test('whatever stands in the file, the answer is a configuration or problems with places', async () => {
  let fine = 0;
  await fc.assert(
    fc.asyncProperty(text, async (source) => {
      const result = await parseConfig('config.yaml', source);
      if (result.ok) {
        fine++;
        expect(result.config.routes.every(({ line }) => line !== null && line >= 1)).toBe(true);
        return;
      }
      expect(result.problems.length).toBeGreaterThan(0);
      for (const problem of result.problems) {
        expect(problem.line).toBeGreaterThanOrEqual(1);
        expect(formatProblem(problem, source)).not.toMatch(/\p{Cc}(?<!\n)/u);
      }
    }),
    { numRuns: 600 },
  );
  expect(fine).toBeGreaterThan(20);
});
