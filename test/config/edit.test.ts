import { describe, expect, test } from 'vitest';
import { deleteIn, getIn, parseConfig, setIn } from '../../src/config/index.ts';

const SCHEMA_LINE = '# yaml-language-server: $schema=./config.schema.json\n';

/** name, text before, path with dots, value, text after */
const SETS: [string, string, string, unknown, string][] = [
  [
    'replaces a value and keeps its comment',
    'default: a   # why\nsmall: b\n',
    'default',
    'c',
    'default: c   # why\nsmall: b\n',
  ],
  ['keeps single quotes', "default: 'a' # x\n", 'default', 'b', "default: 'b' # x\n"],
  ['keeps double quotes', 'default: "a"\n', 'default', 'b', 'default: "b"\n'],
  ['quotes what YAML would misread', 'default: a\n', 'default', 'x: #y', 'default: "x: #y"\n'],
  ['writes text that looks like a number in quotes', 'default: a\n', 'default', '12', 'default: "12"\n'],
  ['adds a key behind the last one', 'default: a\n', 'small', 'b', 'default: a\nsmall: b\n'],
  [
    'adds a key before the comments at the end',
    'default: a # x\n\n# the end\n',
    'small',
    'b',
    'default: a # x\nsmall: b\n\n# the end\n',
  ],
  ['adds a key to a text without a last line end', 'default: a', 'small', 'b', 'default: a\nsmall: b'],
  [
    'adds a key to a block mapping with its indentation',
    'log:\n    keep: 3d # x\n    # y\nsmall: b\n',
    'log.max',
    '1GB',
    'log:\n    keep: 3d # x\n    max: 1GB\n    # y\nsmall: b\n',
  ],
  [
    'adds a key to a flow mapping',
    'log: { keep: 3d } # x\n',
    'log.max',
    '1GB',
    'log: { keep: 3d, max: 1GB } # x\n',
  ],
  ['adds a key to an empty flow mapping', 'log: {} # x\n', 'log.max', '1GB', 'log: { max: 1GB } # x\n'],
  [
    'adds a key to a flow mapping over several lines',
    'log: {\n  keep: 3d, # x\n}\n',
    'log.max',
    '1GB',
    'log: {\n  keep: 3d, max: 1GB, # x\n}\n',
  ],
  [
    'replaces inside a flow mapping',
    'retry: { attempts: 3, deadline: 60s }\n',
    'retry.attempts',
    5,
    'retry: { attempts: 5, deadline: 60s }\n',
  ],
  ['quotes inside a flow mapping', 'aliases: { a: m }\n', 'aliases.a', 'x,y', 'aliases: { a: "x,y" }\n'],
  [
    'makes the mappings on the way',
    'default: a\n',
    'providers.acme.url',
    'https://x.example',
    'default: a\nproviders:\n  acme:\n    url: https://x.example\n',
  ],
  [
    'makes them with the indentation of the file',
    'log:\n    keep: 3d\n',
    'retry.attempts',
    5,
    'log:\n    keep: 3d\nretry:\n    attempts: 5\n',
  ],
  [
    'makes them inside a flow mapping',
    'providers: { acme: {} }\n',
    'providers.b.url',
    'https://x.example',
    'providers: { acme: {}, b: { url: https://x.example } }\n',
  ],
  [
    'fills a key without a value',
    'default: # todo\nsmall: b\n',
    'default',
    'a',
    'default: a # todo\nsmall: b\n',
  ],
  [
    'fills a mapping without entries',
    'aliases: # names\n  # fast: x\nsmall: b\n',
    'aliases.quick',
    'm',
    'aliases: # names\n  quick: m\n  # fast: x\nsmall: b\n',
  ],
  [
    'fills a flow key without a value',
    'log: { keep: , max: 1GB }\n',
    'log.keep',
    '3d',
    'log: { keep: 3d , max: 1GB }\n',
  ],
  [
    'writes a list on one line',
    'default: a\n',
    'aliases.s',
    ['x/a', 'y/b'],
    'default: a\naliases:\n  s: [x/a, y/b]\n',
  ],
  [
    'replaces a list of several lines by one line',
    'prefer: # order\n  - a # one\n  # two\n  - b\nsmall: c\n',
    'prefer',
    ['b', 'a'],
    'prefer: [b, a] # order\nsmall: c\n',
  ],
  [
    'replaces a block mapping',
    'providers:\n  acme:\n    url: https://x.example # x\n    auth: none\n# y\nsmall: b\n',
    'providers.acme',
    { url: 'https://y.example' },
    'providers:\n  acme: { url: https://y.example }\n# y\nsmall: b\n',
  ],
  ['replaces a text block', 'default: |\n  a\n  b\nsmall: c\n', 'default', 'm', 'default: m\nsmall: c\n'],
  ['changes an entry of a list', 'prefer: [a, b]\n', 'prefer.1', 'c', 'prefer: [a, c]\n'],
  [
    'changes a mapping in a list',
    'routes:\n  - name: x # n\n    to: a\n  - to: b\n',
    'routes.0.to',
    'c',
    'routes:\n  - name: x # n\n    to: c\n  - to: b\n',
  ],
  [
    'adds to a mapping in a list',
    'routes:\n  - to: a\n  - to: b\n',
    'routes.0.name',
    'x',
    'routes:\n  - to: a\n    name: x\n  - to: b\n',
  ],
  [
    'keeps CRLF line ends',
    'default: a\r\nlog:\r\n  keep: 3d\r\n',
    'log.max',
    '1GB',
    'default: a\r\nlog:\r\n  keep: 3d\r\n  max: 1GB\r\n',
  ],
  [
    'keeps CRLF in a value over several lines',
    'prefer:\r\n  - a\r\nsmall: b\r\n',
    'prefer',
    ['c'],
    'prefer: [c]\r\nsmall: b\r\n',
  ],
  ['keeps a byte order mark', '\ufeffdefault: a\n', 'small', 'b', '\ufeffdefault: a\nsmall: b\n'],
  ['starts an empty file with the name of its schema', '', 'default', 'a', `${SCHEMA_LINE}default: a\n`],
  [
    'goes behind the comments of a file without settings',
    '# mine',
    'log.keep',
    '3d',
    '# mine\nlog:\n  keep: 3d\n',
  ],
  [
    'replaces an alias by the value itself',
    'default: &m x\nsmall: *m\n',
    'small',
    'y',
    'default: &m x\nsmall: y\n',
  ],
  ['unsets with null', 'default: a\n', 'default', null, 'default: null\n'],
];

describe('setting a value', () => {
  test.each(SETS)('%s', async (_, before, path, value, after) => {
    expect(await setIn(before, path.split('.'), value)).toBe(after);
  });

  test.each([
    ['a value that is not a mapping', 'log: off\n', 'log.keep'],
    ['an alias', 'retry: &r { attempts: 3 }\nlog: *r\n', 'log.keep'],
    ['a list that is too short', 'prefer: [a]\n', 'prefer.3'],
    ['a file that is a list', '- a\n', 'default'],
    ['an anchor that others refer to', 'default: &m y\nsmall: *m\n', 'default'],
    ['broken YAML', 'default: [\n', 'default'],
  ])('%s is refused with the configuration error', async (_, source, path) => {
    await expect(setIn(source, path.split('.'), 'x')).rejects.toMatchObject({
      code: 'config_invalid',
      exit: 3,
    });
  });

  test('the example of the documentation keeps every other line', async () => {
    const { readFileSync } = await import('node:fs');
    const example = readFileSync(new URL('./fixtures/example.yaml', import.meta.url), 'utf8');
    const after = await setIn(example, ['aliases', 'fast'], 'cerebras/llama-4-maverick');
    const changed = after.split('\n').filter((line, i) => line !== example.split('\n')[i]);
    expect(changed).toEqual(['  fast: cerebras/llama-4-maverick']);
    expect(await parseConfig('config.yaml', after)).toMatchObject({ ok: true });
  });
});

const DELETES: [string, string, string, string][] = [
  ['removes the line with its comment', 'default: a # x\nsmall: b\n', 'default', 'small: b\n'],
  ['removes the last line', 'default: a\nsmall: b', 'small', 'default: a\n'],
  ['removes all lines of a value', 'prefer:\n  - a\n  - b # x\n# y\nsmall: c\n', 'prefer', '# y\nsmall: c\n'],
  [
    'leaves the comments of a file without settings',
    '# mine\ndefault: a\n# end\n',
    'default',
    '# mine\n# end\n',
  ],
  ['removes the first of a flow mapping', 'log: { keep: 3d, max: 1GB }\n', 'log.keep', 'log: { max: 1GB }\n'],
  [
    'removes the last of a flow mapping',
    'log: { keep: 3d, max: 1GB } # x\n',
    'log.max',
    'log: { keep: 3d } # x\n',
  ],
  [
    'removes mappings that would be empty',
    'providers:\n  acme:\n    url: https://x.example\nsmall: b\n',
    'providers.acme.url',
    'small: b\n',
  ],
  ['removes an empty flow mapping', 'small: b\nlog: { keep: 3d }\n', 'log.keep', 'small: b\n'],
  ['removes the only key of a flow file', '{ default: a }\n', 'default', '{  }\n'],
  [
    'removes the first key of a list entry',
    'routes:\n  - name: x\n    to: a\n',
    'routes.0.name',
    'routes:\n  - to: a\n',
  ],
  ['removes a key without a value', 'default:\nsmall: b\n', 'default', 'small: b\n'],
  ['keeps CRLF line ends', 'default: a\r\nsmall: b\r\n', 'default', 'small: b\r\n'],
  ['does nothing when there is no such key', 'default: a\n', 'log.keep', 'default: a\n'],
  ['does nothing to an empty text', '', 'log.keep', ''],
];

describe('deleting a key', () => {
  test.each(DELETES)('%s', async (_, before, path, after) => {
    expect(await deleteIn(before, path.split('.'))).toBe(after);
  });

  test('an entry of a list is refused, not ignored', async () => {
    await expect(deleteIn('prefer: [a, b]\n', ['prefer', '0'])).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });
});

describe('reading a value', () => {
  test.each([
    ['retry.attempts', 3],
    ['prefer', ['a', 'b']],
    ['prefer.1', 'b'],
    ['log', { keep: '3d' }],
    ['default', undefined],
    ['prefer.length', undefined],
    ['toString', undefined],
    ['log.keep.x', undefined],
  ])('%s is %j', async (path, value) => {
    const source = 'retry: { attempts: 3 }\nprefer: [a, b]\nlog:\n  keep: 3d\n';
    expect(await getIn(source, path.split('.'))).toEqual(value);
  });
});
