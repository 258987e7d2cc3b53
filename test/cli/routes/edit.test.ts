import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { home, widest } from '../../support/home.ts';

const CONFIG = `# mine
routes:   # first match wins
  - name: one      # the first
    to: demo/echo
  # for long prompts
  - { name: two, when: { input: "> 180k" }, to: demo/coder }
small: demo/echo
`;

describe('routes add', () => {
  test('writes a rule behind the others, says its lines, and keeps every other byte', async () => {
    const user = home(CONFIG);
    const args = [
      '--agent',
      'claude,codex',
      '--model',
      '*haiku*',
      '--header',
      'X-Team=core*',
      '--day',
      'sat,sun',
    ];
    const { code, stdout } = await runCli(user, [
      ...['routes', 'add', '--name', 'three', '--to', 'demo/echo,demo/coder', '--strict', ...args],
      ...['--time', '22:00-06:00', '--tools', '--no-image', '--protocol', 'gemini', '--role', 'small'],
    ]);
    const rule = [
      '  - name: three',
      '    when: { agent: [claude, codex], model: "*haiku*", protocol: gemini, role: small, image: false, tools: true, time: 22:00-06:00, day: [sat, sun], header: { x-team: core* } }',
      '    to: [demo/echo, demo/coder]',
      '    strict: true',
    ];
    expect(code).toBe(0);
    expect(readFileSync(user.configFile, 'utf8')).toBe(
      CONFIG.replace('small:', `${rule.join('\n')}\nsmall:`),
    );
    expect(stdout).toBe(`${rule.map((line) => `+ ${line}`).join('\n')}\nsaved in ${user.configFile}\n`);
  });

  test.each([
    [['--first'], ['new', 'one', 'two']],
    [
      ['--before', 'two'],
      ['one', 'new', 'two'],
    ],
    [
      ['--after', '1'],
      ['one', 'new', 'two'],
    ],
    [[], ['one', 'two', 'new']],
  ])('with %j puts it there', async (place, order) => {
    const user = home(CONFIG);
    const { stdout } = await runCli(user, [
      ...['routes', 'add', '--name', 'new', '--to', 'demo/echo', ...place, '--json'],
    ]);
    expect(JSON.parse(stdout).routes.map(({ name }: { name: string }) => name)).toEqual(order);
  });

  test('makes the file when there is none', async () => {
    const user = home();
    const { code } = await runCli(user, [
      'routes',
      'add',
      '--name',
      'a',
      '--role',
      'small',
      '--to',
      'demo/echo',
    ]);
    expect(code).toBe(0);
    expect(readFileSync(user.configFile, 'utf8')).toBe(
      '# yaml-language-server: $schema=./config.schema.json\nroutes:\n  - name: a\n    when: { role: small }\n    to: demo/echo\n',
    );
  });

  test('of a rule that is none is exit 3 with its place, and touches nothing', async () => {
    const user = home(CONFIG);
    const { code, stderr } = await runCli(user, [
      'routes',
      'add',
      '--name',
      'x',
      '--role',
      'tiny',
      '--to',
      'a/b',
    ]);
    expect(code).toBe(3);
    expect(stderr).toContain('routes[2].when.role must be one of main, small');
    expect(readFileSync(user.configFile, 'utf8')).toBe(CONFIG);
  });

  test('of a file that has a mistake already is told as that mistake', async () => {
    const user = home('rutes: []\n');
    expect(await runCli(user, ['routes', 'add', '--name', 'x', '--to', 'demo/echo'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('did you mean "routes"?'),
    });
  });

  test('of a name that is taken, or at two places, is exit 2', async () => {
    const user = home(CONFIG);
    const add = ['routes', 'add', '--to', 'demo/echo', '--name'];
    expect(await runCli(user, [...add, 'one'])).toMatchObject({ code: 2 });
    expect(await runCli(user, [...add, 'x', '--first', '--after', 'one'])).toMatchObject({ code: 2 });
  });
});

describe('routes rm and move', () => {
  test('take a name or a number', async () => {
    const user = home(CONFIG);
    const removed = await runCli(user, ['routes', 'rm', 'one']);
    expect(removed.stdout).toContain('-   - name: one      # the first\n-     to: demo/echo\n');
    expect(readFileSync(user.configFile, 'utf8')).toBe(
      CONFIG.replace('  - name: one      # the first\n    to: demo/echo\n', ''),
    );
    const moved = home(CONFIG);
    await runCli(moved, ['routes', 'move', '2', '--first']);
    expect(readFileSync(moved.configFile, 'utf8')).toBe(`# mine
routes:   # first match wins
  # for long prompts
  - { name: two, when: { input: "> 180k" }, to: demo/coder }
  - name: one      # the first
    to: demo/echo
small: demo/echo
`);
  });

  test('of an unknown rule are exit 9 and name those that there are', async () => {
    const user = home(CONFIG);
    const { code, stderr } = await runCli(user, ['routes', 'rm', 'three', '--width', '60']);
    expect(code).toBe(9);
    expect(stderr).toContain('there are: one, two');
    expect(widest(stderr)).toBeLessThanOrEqual(60);
    expect(await runCli(user, ['routes', 'move', 'one'])).toMatchObject({ code: 2 });
  });
});

test.each([
  ['aliases.fast', 'demo/echo', 'aliases:\n  fast: demo/echo\n'],
  [
    'aliases.bulk',
    '{cheapest: [demo/echo, demo/coder]}',
    'aliases:\n  bulk: { cheapest: [demo/echo, demo/coder] }\n',
  ],
  [
    'aliases.split',
    '{weighted: {demo/echo: 70, demo/coder: 30}}',
    'aliases:\n  split: { weighted: { demo/echo: 70, demo/coder: 30 } }\n',
  ],
  ['fallbacks.anthropic', '[openrouter]', 'fallbacks:\n  anthropic: [openrouter]\n'],
  ['fallbacks.anthropic', 'openrouter,groq', 'fallbacks:\n  anthropic: [openrouter, groq]\n'],
])('config set %s %s writes it and config unset takes it away', async (name, value, written) => {
  const user = home('default: demo/echo\n');
  expect(await runCli(user, ['config', 'set', name, value])).toMatchObject({ code: 0 });
  expect(readFileSync(user.configFile, 'utf8')).toBe(`default: demo/echo\n${written}`);
  expect(await runCli(user, ['config', 'unset', name])).toMatchObject({ code: 0 });
  expect(readFileSync(user.configFile, 'utf8')).toBe('default: demo/echo\n');
});
