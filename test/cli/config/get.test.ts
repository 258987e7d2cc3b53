import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../../support/cli.ts';
import { home, widest } from '../../support/home.ts';

const SOURCE = '# mine\nserver:\n  port: 9000\naliases: { gpt-5.1: openai/gpt-5.1, smart: [a/b, c/d] }\n';

describe('config get', () => {
  test.each([
    ['server.port', '9000\n'],
    ['server.host', '127.0.0.1\n'],
    ['retry.deadline', '60s\n'],
    ['aliases.gpt-5.1', 'openai/gpt-5.1\n'],
    ['aliases.smart', '- a/b\n- c/d\n'],
    ['aliases.smart[1]', 'c/d\n'],
    ['strict', 'false\n'],
  ])('%s prints the value alone', async (name, printed) => {
    const { code, stdout, stderr } = await runCli(home(SOURCE), ['config', 'get', name]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: printed, stderr: '' });
  });

  test('without a name prints everything that holds, as YAML', async () => {
    const { code, stdout } = await runCli(home(SOURCE), ['config', 'get']);
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      unknown_model: 'error',
      server: { host: '127.0.0.1', port: 9000 },
      aliases: { smart: ['a/b', 'c/d'] },
    });
  });

  test('of a setting that nobody says prints nothing, and why', async () => {
    const { code, stdout, stderr } = await runCli(home(), ['config', 'get', 'small']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toBe('small is not set, and has no default\n');
  });

  test('an unknown name is a wrong usage with a suggestion', async () => {
    const { code, stdout, stderr } = await runCli(home(), ['config', 'get', 'server.prot']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: "server\.prot" is not a setting {2}\[usage\] exit 2\n/);
    expect(stderr).toMatch(/did you mean server\.port\? {5}unorouter config get server\.port/);
  });

  test('--show-origin says the line, the variable or the default, and fits in 60 and 100 columns', async () => {
    const user = home(SOURCE);
    const env = { UNOROUTER_HOST: '::1' };
    const { stdout } = await runCli(user, ['config', 'get', '--show-origin'], { env });
    const rows = stdout.split('\n').map((line) => line.split(/ +/));
    expect(rows[0]).toEqual(['FROM', 'SETTING', 'VALUE']);
    expect(rows).toContainEqual(['config.yaml:3', 'server.port', '9000']);
    expect(rows).toContainEqual(['$UNOROUTER_HOST', 'server.host', '::1']);
    expect(rows).toContainEqual(['default', 'retry.attempts', '3']);
    for (const width of [60, 100]) {
      const args = ['config', 'get', '--show-origin', '--width', String(width)];
      expect(widest((await runCli(user, args, { env })).stdout)).toBeLessThanOrEqual(width);
    }
  });

  test('--json gives values, or rows with their origin', async () => {
    const user = home(SOURCE);
    const port = await runCli(user, ['config', 'get', 'server.port', '--json']);
    expect(JSON.parse(port.stdout)).toBe(9000);
    const unsaid = await runCli(user, ['--json', 'config', 'get', 'small']);
    expect(JSON.parse(unsaid.stdout)).toBeNull();
    const some = await runCli(user, ['config', 'get', '--json=small,aliases']);
    expect(JSON.parse(some.stdout)).toEqual({
      small: null,
      aliases: { 'gpt-5.1': 'openai/gpt-5.1', smart: ['a/b', 'c/d'] },
    });
    const rows = await runCli(user, ['config', 'get', 'server.port', '--show-origin', '--json']);
    expect(JSON.parse(rows.stdout)).toEqual([
      { key: 'server.port', value: 9000, source: 'file', where: 'config.yaml:3' },
    ]);
    expect((await runCli(user, ['config', 'get', '--json=bogus'])).code).toBe(2);
  });

  test('a secret in the file is shown as stars', async () => {
    const source = `providers:\n  acme: { url: https://a.example, headers: { Authorization: Bearer hush } }\n`;
    const user = home(source);
    for (const args of [['--show-origin'], ['--json'], ['providers.acme.headers.Authorization'], []]) {
      const { stdout } = await runCli(user, ['config', 'get', ...args]);
      expect(stdout).toContain('********');
      expect(stdout).not.toContain('hush');
    }
  });

  test('of a file with a mistake is exit 3 with its place', async () => {
    const { code, stderr } = await runCli(home('defalt: a\n'), ['config', 'get', 'default']);
    expect(code).toBe(3);
    expect(stderr).toContain('config.yaml:1:1: "defalt" is not a setting');
  });

  test('what a file holds cannot steer the terminal', async () => {
    const user = home('network: { ca: "/a\\u001b[31m\\u202e" }\n');
    for (const args of [['network.ca'], ['network'], ['--show-origin']]) {
      const { stdout } = await runCli(user, ['config', 'get', ...args]);
      expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
    }
  });
});
