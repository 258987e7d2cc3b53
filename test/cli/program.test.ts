import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, runCli } from '../support/cli.ts';
import { home, widest } from '../support/home.ts';

describe('help', () => {
  const commands = ['', 'env', 'token', 'token rotate', 'config'];
  const parts = ['path', 'get', 'set', 'unset', 'edit', 'validate'].map((part) => `config ${part}`);

  test.each([...commands, ...parts])(
    'of "%s" begins with examples and fits in 60 and 100 columns',
    async (name) => {
      const words = name.split(' ').filter(Boolean);
      for (const width of [60, 100]) {
        const { code, stdout, stderr } = await runCli(home(), [...words, '-h', '--width', String(width)]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        if (name !== 'token rotate') expect(stdout).toMatch(/^Examples:\n {2}\S/);
        // An example is there to be copied, so it stays in one line.
        const laidOut = stdout.split('\n').filter((line) => !/^ {2}(node )?\S*unorouter/.test(line));
        expect(widest(laidOut.join('\n'))).toBeLessThanOrEqual(width);
      }
    },
  );

  test.each([[['-h', 'env']], [['env', '--help']], [['help', 'env']], [['env', '--label', 'x', '-h']]])(
    'of a command is asked for in any order: %j',
    async (args) => {
      const { code, stdout } = await runCli(home(), args);
      expect(code).toBe(0);
      expect(stdout).toContain('Usage: unorouter env');
    },
  );

  test.each(['exit-codes', 'environment'])('of the topic %s fits in 60 and 100 columns', async (topic) => {
    for (const width of [60, 100]) {
      const { code, stdout } = await runCli(home(), ['help', topic, '--width', String(width)]);
      expect(code).toBe(0);
      expect(widest(stdout)).toBeLessThanOrEqual(width);
    }
  });

  test('lists every command, also when nothing is asked', async () => {
    const { code, stdout } = await runCli(home(), []);
    expect(code).toBe(0);
    for (const name of ['serve', 'logs', 'spend', 'models', 'keys', 'config', 'env', 'token'])
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
  });

  test('has no colour when piped, and is not wider than 100 columns', async () => {
    const { stdout } = await runCli(home(), ['--help']);
    expect(stdout).not.toContain('\u001b');
    expect(widest(stdout)).toBeLessThanOrEqual(100);
  });
});

describe('wrong usage', () => {
  test.each<[string[], string, string]>([
    [['tokn'], 'unknown command "tokn"', 'did you mean token?'],
    [['tokn', '-h'], 'unknown command "tokn"', 'did you mean token?'],
    [['help', 'tokn'], 'unknown command "tokn"', 'did you mean token?'],
    [['config', 'gte'], 'unknown command "gte"', 'did you mean get?'],
    [['env', '--shel', 'sh'], 'unknown option "--shel"', 'did you mean --shell?'],
    [['token', 'rotat'], '"rotat" is no command of token', 'known: rotate'],
    [['config'], 'which command?', 'config --help'],
    [['env', 'more'], 'too many arguments for "env"', 'env --help'],
    [['env', '--shell'], '--shell <name>', 'env --help'],
    [['--width', 'x', 'env'], '--width is a number of columns', '--help'],
  ])('%j: %s', async (args, message, fix) => {
    const { code, stdout, stderr } = await runCli(home(), args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const [head = '', ...rest] = stderr.split('\n');
    expect(head).toMatch(/^error: .* \[usage\] exit 2$/);
    expect(head).toContain(message);
    expect(rest.join('\n')).toContain(fix);
  });

  test('with --json is one line of JSON on stderr', async () => {
    const { code, stdout, stderr } = await runCli(home(), ['--json', 'tokn']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'usage',
        message: 'unknown command "tokn"',
        why: null,
        fix: [expect.stringMatching(/^did you mean token\? {5}unorouter --help$/)],
      },
    });
  });

  test('is coloured when that is forced, and never with NO_COLOR', async () => {
    const forced = await runCli(home(), ['tokn'], { env: { FORCE_COLOR: '1' } });
    expect(forced.stderr).toContain('\u001b[');
    const not = await runCli(home(), ['tokn'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(not.stderr).not.toContain('\u001b');
  });

  test('fits in 60 columns', async () => {
    const args = ['--width', '60', 'config', 'get', `a-rather-long-name-of-a-setting-that-is-none`];
    expect(widest((await runCli(home(), args)).stderr)).toBeLessThanOrEqual(60);
  });
});

test('the version is printed alone', async () => {
  for (const flag of ['-V', '--version'])
    expect(await runCli(home(), [flag])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
});

test('a reader that goes away ends the command without a word', async () => {
  const user = home();
  const child = spawn(process.execPath, [BIN, 'config', 'get'], { env: user.env, cwd: user.dir });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(readdirSync(user.dir)).toEqual([]);
});

describe('a bug', () => {
  test('is told with exit 70, and its file holds no argument, key or prompt', async () => {
    const user = home();
    const preload = join(user.dir, 'preload.mjs');
    writeFileSync(
      preload,
      `import fs from 'node:fs';
       import { syncBuiltinESMExports } from 'node:module';
       fs.existsSync = () => { throw new Error('secret words', { cause: new TypeError('x is not a function') }); };
       syncBuiltinESMExports();`,
    );
    const { code, stdout, stderr } = await runCli(user, ['config', 'path', '--url', 'http://hush.example'], {
      env: { NODE_OPTIONS: `--import=file://${preload}` },
    });
    expect({ code, stdout }).toEqual({ code: 70, stdout: '' });
    expect(stderr).toMatch(/^error: unorouter hit a bug {2}\[internal\] exit 70\n/);
    expect(stderr).not.toMatch(/secret|hush|\bat \//);
    const crashes = join(user.dir, 'state', 'crash');
    const [name = ''] = readdirSync(crashes);
    expect(stderr).toContain(join(crashes, name));
    const report = readFileSync(join(crashes, name), 'utf8');
    expect(report).toMatch(/command: config\nError\n {4}at /);
    expect(report).toContain('caused by TypeError: x is not a function');
    expect(report).not.toMatch(/secret|hush/);
    expect(statSync(join(crashes, name)).mode & 0o777).toBe(0o600);
    expect(statSync(crashes).mode & 0o777).toBe(0o700);
  });

  test('is not what a place that cannot be written is', async () => {
    const user = home();
    writeFileSync(join(user.dir, 'file'), '');
    const { code, stderr } = await runCli(user, ['token', '--home', join(user.dir, 'file', 'deeper')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/\[(cannot_write|cannot_read)\]/);
  });
});
