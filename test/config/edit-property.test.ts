import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { deleteIn, getIn, setIn } from '../../src/config/index.ts';

/** A line of a file that a person might write: an entry with or without a comment, a blank line, a comment. */
const word = fc.stringMatching(/^[a-z]{1,6}$/);
const comment = fc.oneof(fc.constant(''), fc.stringMatching(/^ {1,3}# [ -~]{0,12}$/));
const scalar = fc.oneof(
  word,
  fc.integer({ min: 0, max: 99 }).map(String),
  word.map((text) => `'${text}'`),
  word.map((text) => `"${text}"`),
  fc.tuple(word, word).map(([a, b]) => `[${a}, ${b}]`),
  fc.tuple(word, word).map(([a, b]) => `{ ${a}: ${b} }`),
);
const filler = fc.constantFrom('', '# note: x', '   # deep');

interface Entry {
  key: string;
  lines: string[];
}

const flat = fc
  .tuple(word, scalar, comment)
  .map(([key, value, after]): Entry => ({ key, lines: [`${key}: ${value}${after}`] }));
const nested = fc
  .tuple(
    word,
    comment,
    fc.uniqueArray(fc.tuple(word, scalar, comment), { selector: ([k]) => k, minLength: 1, maxLength: 3 }),
    fc.constantFrom('  ', '    '),
  )
  .map(
    ([key, after, inner, indent]): Entry => ({
      key,
      lines: [`${key}:${after}`, ...inner.map(([k, v, c]) => `${indent}${k}: ${v}${c}`)],
    }),
  );
const file = fc
  .tuple(
    fc.uniqueArray(fc.oneof(flat, nested), { selector: ({ key }) => key, minLength: 1, maxLength: 5 }),
    fc.array(filler, { minLength: 6, maxLength: 6 }),
    fc.constantFrom('\n', '\r\n'),
  )
  .map(([entries, fillers, eol]) => ({
    entries,
    eol,
    text: entries.flatMap(({ lines }, i) => [...lines, fillers[i] ?? '']).join(eol) + eol,
  }));

const value = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  fc.integer(),
  fc.boolean(),
  fc.array(word, { minLength: 1, maxLength: 3 }),
);

/** The lines of a text that no entry of that name owns. */
const linesOf = (text: string, eol: string): string[] => text.split(eol);

describe('any file', () => {
  test('gives back the value that was set, and every other value as it was', async () => {
    await fc.assert(
      fc.asyncProperty(file, word, value, async ({ text }, key, wanted) => {
        const after = await setIn(text, [key], wanted);
        expect(await getIn(after, [key])).toEqual(wanted);
        const others = (source: string): unknown => ({ ...parse(source), [key]: 0 });
        expect(others(after)).toEqual(others(text));
      }),
      { numRuns: 200 },
    );
  });

  test('keeps every byte outside the lines of the key that is set', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.nat(), value, async ({ text, entries, eol }, at, wanted) => {
        const entry = entries[at % entries.length];
        if (!entry) return;
        const after = linesOf(await setIn(text, [entry.key], wanted), eol);
        const before = linesOf(text, eol);
        const first = before.indexOf(entry.lines[0] ?? '');
        expect(after.slice(0, first)).toEqual(before.slice(0, first));
        expect(after.slice(first + 1)).toEqual(before.slice(first + entry.lines.length));
      }),
      { numRuns: 200 },
    );
  });

  test.each(['\u2000', '\u00a0x', 'x\u3000', '\ufeff'])(
    'keeps the space at the ends of the value %j',
    async (wanted) => {
      const after = await setIn('a:\n  a: a # \n', ['a'], wanted);
      expect(await getIn(after, ['a'])).toBe(wanted);
    },
  );

  test('only gains lines when a setting is added', async () => {
    await fc.assert(
      fc.asyncProperty(file, value, async ({ text, eol }, wanted) => {
        const after = linesOf(await setIn(text, ['zz-new', 'deep'], wanted), eol);
        const rest = after.filter((line) => !line.startsWith('zz-new:') && !/^ +deep: /.test(line));
        expect(rest).toEqual(linesOf(text, eol));
      }),
      { numRuns: 100 },
    );
  });

  test('is as it was after a setting was added and deleted again', async () => {
    await fc.assert(
      fc.asyncProperty(file, value, async ({ text }, wanted) => {
        const added = await setIn(text, ['zz-new', 'deep'], wanted);
        expect(await deleteIn(added, ['zz-new', 'deep'])).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  test('loses exactly the lines of the key that is deleted', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.nat(), async ({ text, entries, eol }, at) => {
        const entry = entries[at % entries.length];
        if (!entry) return;
        const after = await deleteIn(text, [entry.key]);
        const before = linesOf(text, eol);
        const first = before.indexOf(entry.lines[0] ?? '');
        expect(linesOf(after, eol)).toEqual(before.toSpliced(first, entry.lines.length));
      }),
      { numRuns: 200 },
    );
  });

  test('says the same after the same value was set twice', async () => {
    await fc.assert(
      fc.asyncProperty(file, word, value, async ({ text }, key, wanted) => {
        const once = await setIn(text, [key], wanted);
        expect(await setIn(once, [key], wanted)).toBe(once);
      }),
      { numRuns: 100 },
    );
  });
});
