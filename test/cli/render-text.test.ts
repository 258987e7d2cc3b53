import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import {
  createLook,
  csv,
  cut,
  jsonFields,
  jsonLine,
  jsonText,
  pad,
  safeText,
  table,
  ulidTail,
  widthOf,
  wrap,
} from '../../src/cli/render/index.ts';

/** Any text, with what terminals obey or hide more often than chance would give. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
      fc.constantFrom(
        '\u001b[2J',
        '\u009b31m',
        '\u202e',
        '\u2066',
        '\u200b',
        '\ufeff',
        '\u2028',
        '\ud800',
        '\u0000',
        '中文',
        '👩‍👩‍👧',
        '\u3164',
        '\u{e0041}',
        '\r\n',
        '\t',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('safe text', () => {
  test('never has a character that a terminal obeys or hides', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(safeText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/u);
      }),
      { numRuns: 1000 },
    );
  });

  test('stays as it is when it is made safe again', () => {
    fc.assert(fc.property(anyText, (text) => safeText(safeText(text)) === safeText(text)));
  });

  test('fits in the columns that it is given', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, width) => {
        expect(stringWidth(safeText(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('is as wide as the tables of Unicode say, also what we know without them', () => {
    const narrow = fc.constantFrom(...'aZ~é©ÿǅ–…→↳─▁▇█●○▲▸✗', '\u001b[31m', '\u001b[0m', '\ufe0f', '\u0301');
    const texts = fc.array(fc.oneof(narrow, anyText), { maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, (text) => widthOf(text) === stringWidth(text)),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['plain', 'plain'],
    ['a\u001b[31mb', 'a\\x1b[31mb'],
    ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
    ['a\u202eb', 'a\\u{202e}b'],
    ['中文', '中文'],
    ['', ''],
  ])('%j is shown as %j', (text, shown) => {
    expect(safeText(text)).toBe(shown);
  });
});

describe('columns', () => {
  test.each([
    ['abcdef', 4, 'abc…'],
    ['abcd', 4, 'abcd'],
    ['中文字', 4, '中…'],
    ['中文字', 5, '中文…'],
    ['中文字', 6, '中文字'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
    ['👩‍👩‍👧x', 2, '…'],
  ])('%s cut to %d is %s', (text, width, shown) => {
    expect(cut(text, width)).toBe(shown);
  });

  test('of a padded text are as many as asked for, on either side', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 10 }),
        fc.integer({ min: 0, max: 30 }),
        (raw, width) => {
          const text = safeText(raw, width);
          for (const align of ['left', 'right'] as const)
            expect(widthOf(pad(text, width, align))).toBe(Math.max(width, widthOf(text)));
        },
      ),
    );
  });

  test('of wrapped lines are never more than asked for, and no word is lost', () => {
    const word = fc.stringMatching(/^[a-z]{1,10}$/);
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 10, max: 40 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width);
          expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
          expect(lines.join(' ').split(' ')).toEqual(words);
        },
      ),
    );
  });
});

describe('a table', () => {
  interface Row {
    name: string;
    model: string;
    cost: string;
    note: string;
  }
  const rows: Row[] = [
    { name: 'a', model: 'claude-sonnet-4-5-with-a-very-long-name-that-goes-on', cost: '$0.10', note: 'fine' },
    { name: '中文項目', model: 'gpt-5', cost: '$12.00', note: 'a\u001b[31m' },
    { name: '👩‍👩‍👧', model: '', cost: '?', note: '' },
  ];
  const columns = [
    { title: 'NAME', cell: ({ name }: Row) => name },
    { title: 'MODEL', cell: ({ model }: Row) => model, shrink: 10 },
    { title: 'COST', cell: ({ cost }: Row) => cost, align: 'right' as const },
    { title: 'NOTE', cell: ({ note }: Row) => note, drop: 1 },
  ];
  const draw = (width: number): string[] =>
    table(columns, rows, createLook({ width, color: false, ascii: false }))
      .split('\n')
      .slice(0, -1);

  test.each([100, 60, 40])('fits in %d columns', (width) => {
    for (const line of draw(width)) expect(stringWidth(line)).toBeLessThanOrEqual(width);
  });

  test('is complete when piped', () => {
    const text = draw(Number.POSITIVE_INFINITY).join('\n');
    expect(text).toContain(rows[0]?.model);
    expect(text).toContain('a\\x1b[31m');
    expect(text).not.toContain('…');
  });

  test('shrinks before it drops, and drops before it breaks', () => {
    expect(draw(60)[0]).toContain('NOTE');
    expect(draw(60).join()).toContain('…');
    expect(draw(30)[0]).not.toContain('NOTE');
  });

  test('has its columns one below the other, also with wide characters', () => {
    const ends = draw(Number.POSITIVE_INFINITY).map((line) => {
      const [before = ''] = line.split(/(?<=\$\d+\.\d\d|COST|\?)/);
      return stringWidth(before);
    });
    expect(new Set(ends).size).toBe(1);
  });

  test('of no rows is its titles; painting changes no width', () => {
    const look = createLook({ width: 60, color: true, ascii: false });
    expect(table(columns, [], createLook({ width: 60, color: false, ascii: false }))).toBe(
      'NAME MODEL COST NOTE\n',
    );
    const painted = columns.map((column) => ({ ...column, paint: (text: string) => look.style.red(text) }));
    for (const line of table(painted, rows, look).split('\n'))
      expect(stringWidth(line)).toBeLessThanOrEqual(60);
  });
});

describe('machine formats', () => {
  const rows = [
    { id: 1, name: 'a', usage: { input: 1 } },
    { id: 2, name: null, usage: null },
  ];

  test('JSON has every field, or those that are named, in that order', () => {
    expect(jsonFields(rows, [])).toEqual(rows);
    expect(JSON.stringify(jsonFields(rows, ['name', 'id']))).toBe(
      '[{"name":"a","id":1},{"name":null,"id":2}]',
    );
    expect(() => jsonFields(rows, ['nope'])).toThrow('"nope" is no field');
    expect(() => jsonFields([], ['nope'], ['id'])).toThrow('"nope" is no field');
  });

  test('JSON is what it was when it is parsed, and harmless when it is shown', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const json of [jsonText({ text }), jsonLine({ text })]) {
          expect(JSON.parse(json)).toEqual({ text });
          expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        }
        expect(jsonLine({ text }).split('\n')).toHaveLength(2);
      }),
    );
  });

  test.each<[unknown, string]>([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    [' x', '" x"'],
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-x', `"'-x"`],
    ['@a', `"'@a"`],
    [-5, '-5'],
    [0.25, '0.25'],
    [true, 'true'],
    [null, ''],
    [undefined, ''],
    [{ a: 1 }, '"{""a"":1}"'],
  ])('CSV writes %j as %j', (value, cell) => {
    expect(csv([{ x: value, y: 1 }])).toBe(`x,y\r\n${cell},1\r\n`);
  });

  test('CSV of nothing has its header', () => {
    expect(csv([], ['id', 'name'])).toBe('id,name\r\n');
  });
});

describe('short ids', () => {
  test('are tails that are unique among their list, all of one length, and six at least', () => {
    const ulid = fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    fc.assert(
      fc.property(fc.array(ulid, { maxLength: 30 }), (ids) => {
        const tails = ulidTail(ids);
        const unique = new Set(ids);
        expect(tails.size).toBe(unique.size);
        expect(new Set(tails.values()).size).toBe(unique.size);
        const lengths = new Set([...tails.values()].map((tail) => tail.length));
        expect(lengths.size).toBeLessThanOrEqual(1);
        for (const [id, tail] of tails) {
          expect(id.toLowerCase().endsWith(tail)).toBe(true);
          expect(tail.length).toBeGreaterThanOrEqual(6);
        }
      }),
    );
  });

  test('grow until they differ', () => {
    expect([...ulidTail(['01A0000000', '01B0000000']).values()]).toEqual(['a0000000', 'b0000000']);
  });
});
