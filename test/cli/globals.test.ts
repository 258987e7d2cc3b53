import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createContext, type World } from '../../src/cli/context.ts';
import { defaultGlobals, takeGlobals } from '../../src/cli/globals.ts';

describe('global flags', () => {
  test.each([
    [['--json', 'logs'], { json: [] }, ['logs']],
    [['logs', '--json=id,agent'], { json: ['id', 'agent'] }, ['logs']],
    [['logs', '--json', 'show', 'x'], { json: [] }, ['logs', 'show', 'x']],
    [['--home', '/x', 'env'], { home: '/x' }, ['env']],
    [['env', '--home=/x'], { home: '/x' }, ['env']],
    [['env', '--home='], { home: '' }, ['env']],
    [['-q', 'env', '-y'], { quiet: true, yes: true }, ['env']],
    [['a', '--width', '60', '--utc', 'b', '--ascii'], { width: 60, utc: true, ascii: true }, ['a', 'b']],
    [['run', '--', '--json', '-q'], {}, ['run', '--', '--json', '-q']],
    [['use', '-'], {}, ['use', '-']],
    [['logs', '-n', '5', '--utc=1'], {}, ['logs', '-n', '5', '--utc=1']],
    [
      ['--url', 'http://x', '--color', 'never', '--no-input'],
      { url: 'http://x', color: 'never', noInput: true },
      [],
    ],
  ])('%j', (argv, expected, rest) => {
    expect(takeGlobals(argv)).toEqual({ globals: { ...defaultGlobals(), ...expected }, rest, error: null });
  });

  test.each([
    [['--width', 'wide'], '--width is a number of columns from 20, not "wide"'],
    [['--width=5'], '--width is a number of columns'],
    [['--color=pink'], '--color is one of auto, always, never, not "pink"'],
    [['env', '--home'], '--home needs a value'],
  ])('%j is a wrong usage that still knows of --json', (argv, message) => {
    const { error, globals } = takeGlobals(['--json', ...argv]);
    expect(error).toMatchObject({ exit: 2, code: 'usage', message: expect.stringContaining(message) });
    expect(globals.json).toEqual([]);
  });

  test('mean the same wherever they stand among other arguments', () => {
    const flags = ['--json=a', '--utc', '--width=80', '--home=/x', '-q'];
    const words = fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { maxLength: 4 });
    fc.assert(
      fc.property(words, fc.shuffledSubarray(flags), fc.array(fc.nat(4)), (rest, given, places) => {
        const argv = [...rest];
        for (const [i, flag] of given.entries()) argv.splice((places[i] ?? 0) % (argv.length + 1), 0, flag);
        const taken = takeGlobals(argv);
        expect(taken.rest).toEqual(rest);
        expect(taken.globals).toEqual(takeGlobals(given).globals);
      }),
    );
  });
});

interface Parts {
  env?: NodeJS.ProcessEnv;
  tty?: boolean;
  columns?: number;
  argv?: string;
  cwd?: string;
}

/** A process as a context sees it. */
function world({ env = {}, tty = false, columns, argv = '/x/bin/unorouter.js', cwd = '/x' }: Parts): World {
  const stream = { isTTY: tty, columns, write: () => true };
  const parts: unknown = {
    argv: ['node', argv],
    env,
    stdin: { isTTY: tty },
    stdout: stream,
    stderr: stream,
    platform: 'linux',
    cwd: () => cwd,
  };
  return parts as World;
}

describe('colour', () => {
  test.each<[Parts, string[], boolean]>([
    [{ tty: true }, [], true],
    [{ tty: false }, [], false],
    [{ tty: true, env: { NO_COLOR: '1' } }, [], false],
    [{ tty: true, env: { NO_COLOR: '' } }, [], true],
    [{ tty: false, env: { FORCE_COLOR: '1' } }, [], true],
    [{ tty: false, env: { FORCE_COLOR: '0' } }, [], false],
    [{ tty: false, env: { CLICOLOR_FORCE: '1' } }, [], true],
    [{ tty: false, env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, [], false],
    [{ tty: true, env: { TERM: 'dumb' } }, [], false],
    [{ tty: true, env: { CI: '1' } }, [], true],
    [{ tty: true }, ['--color=never'], false],
    [{ tty: false, env: { NO_COLOR: '1' } }, ['--color=always'], true],
  ])('%j with %j: %s', (parts, argv, color) => {
    expect(createContext(world(parts), takeGlobals(argv).globals).stdout.color).toBe(color);
  });
});

describe('the context of a run', () => {
  test.each<[Parts, string[], boolean]>([
    [{ tty: true }, [], true],
    [{ tty: true, env: { CI: 'true' } }, [], false],
    [{ tty: true }, ['--no-input'], false],
    [{ tty: false }, [], false],
  ])('asks a person only where there is one: %j %j %s', (parts, argv, interactive) => {
    expect(createContext(world(parts), takeGlobals(argv).globals).interactive).toBe(interactive);
  });

  test.each<[Parts, string[], number]>([
    [{ tty: true, columns: 72 }, [], 72],
    [{ tty: true, env: { COLUMNS: '50' } }, [], 50],
    [{ tty: true }, [], 80],
    [{ tty: false, env: { COLUMNS: '50' } }, [], Number.POSITIVE_INFINITY],
    [{ tty: false }, ['--width=60'], 60],
  ])('is as wide as the screen, endless when piped: %j %j %d', (parts, argv, width) => {
    expect(createContext(world(parts), takeGlobals(argv).globals).stdout.width()).toBe(width);
  });

  test.each<[NodeJS.ProcessEnv, boolean]>([
    [{}, false],
    [{ LANG: 'C.UTF-8' }, false],
    [{ LANG: 'de_DE.utf8' }, false],
    [{ LANG: 'C' }, true],
    [{ LC_ALL: 'POSIX', LANG: 'C.UTF-8' }, true],
  ])('draws with ASCII where the locale is not UTF-8: %j %s', (env, ascii) => {
    expect(createContext(world({ env }), defaultGlobals()).ascii).toBe(ascii);
  });

  test.each([
    ['/x/bin/unorouter.js', '/x', 'node bin/unorouter.js'],
    ['/x/bin/unorouter.js', '/y', 'node /x/bin/unorouter.js'],
    ['/usr/local/bin/unorouter', '/x', 'unorouter'],
    ['/usr/local/bin/uno', '/x', 'uno'],
    ['/h/.npm/_npx/ab12/node_modules/.bin/unorouter', '/x', 'npx unorouter'],
    ['/p/node_modules/.bin/unorouter', '/p', 'npx unorouter'],
    ['/lib/node_modules/unorouter/bin/unorouter.js', '/x', 'unorouter'],
  ])('%s in %s is called %s', (argv, cwd, prefix) => {
    expect(createContext(world({ argv, cwd }), defaultGlobals()).prefix).toBe(prefix);
  });

  test('has the places of the flags over those of the environment', () => {
    const env = { UNOROUTER_HOME: '/e', UNOROUTER_CONFIG: '/e/c.yaml', UNOROUTER_URL: 'http://e' };
    const bare = createContext(world({ env }), defaultGlobals());
    expect([bare.paths.configFile, bare.url]).toEqual(['/e/c.yaml', 'http://e']);
    const { globals } = takeGlobals(['--home=/f', '--config=/f/d.yaml', '--url=http://f']);
    const told = createContext(world({ env }), globals);
    expect([told.paths.configFile, told.paths.stateDir, told.url]).toEqual([
      '/f/d.yaml',
      '/f/state',
      'http://f',
    ]);
  });
});
