import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { home, widest } from '../../support/home.ts';

describe('config validate', () => {
  test('says what a valid file holds, and warns on stderr', async () => {
    const user = home('default: a/b\naliases: { x: a/b, y: openai/d }\nagents: { claude: {} }\n');
    const { code, stdout, stderr } = await runCli(user, ['config', 'validate']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: '● config.yaml is valid, default a/b, 2 aliases\n',
    });
    expect(stderr.replace(/\s+/g, ' ')).toBe(
      'warning: agents are read but not applied by this version warning: aliases.x: there is no provider "a", so this is read as a model\'s own name ',
    );
  });

  test('a missing file is fine, a missing argument is not', async () => {
    const user = home();
    const used = await runCli(user, ['config', 'validate']);
    expect(used).toMatchObject({ code: 0, stdout: expect.stringContaining('no config.yaml yet') });
    const other = await runCli(user, ['config', 'validate', 'other.yaml']);
    expect(other).toMatchObject({ code: 9, stderr: expect.stringContaining('there is no file other.yaml') });
  });

  test('every mistake is told with line, column, caret and suggestion', async () => {
    const user = home('defalt: a\nserver: { port: x }\n');
    const { code, stdout, stderr } = await runCli(user, ['config', 'validate']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('config.yaml:1:1: "defalt" is not a setting');
    expect(stderr).toContain('      | ^^^^^^ did you mean "default"?');
    expect(stderr).toContain('config.yaml:2:17: server.port must be a whole number from 1 to 65535');
  });

  test('another file is found from the working directory', async () => {
    const user = home();
    mkdirSync(join(user.dir, 'sub'));
    writeFileSync(join(user.dir, 'sub', 'x.yaml'), 'default: [\n');
    const options = { cwd: join(user.dir, 'sub') };
    const { code, stderr } = await runCli(user, ['config', 'validate', 'x.yaml'], options);
    expect(code).toBe(3);
    expect(stderr).toMatch(/x\.yaml:\d:\d+: this is not YAML/);
    expect(stderr).toContain('config validate x.yaml');
  });

  test('--json is a report, with exit 3 when there are mistakes', async () => {
    const bad = await runCli(home('defalt: a\n'), ['config', 'validate', '--json']);
    expect(bad).toMatchObject({ code: 3, stderr: '' });
    expect(JSON.parse(bad.stdout)).toMatchObject({
      valid: false,
      problems: [
        {
          line: 1,
          column: 1,
          length: 6,
          message: '"defalt" is not a setting',
          hint: 'did you mean "default"?',
        },
      ],
      warnings: [],
    });
    const good = await runCli(home('agents: { claude: {} }\n'), [
      'config',
      'validate',
      '--json=valid,warnings',
    ]);
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(good.stdout)).toEqual({
      valid: true,
      warnings: ['agents are read but not applied by this version'],
    });
  });

  test('a link is not followed', async () => {
    const user = home();
    writeFileSync(join(user.dir, 'real.yaml'), 'default: a/b\n');
    symlinkSync('real.yaml', user.configFile);
    const { code, stderr } = await runCli(user, ['config', 'validate']);
    expect(code).toBe(3);
    expect(stderr).toContain('symbolic link');
  });
});

describe('config path', () => {
  test('names every file and directory, used or missing, and never cuts one', async () => {
    const user = home('default: a/b\n');
    const { code, stdout } = await runCli(user, ['config', 'path']);
    expect(code).toBe(0);
    expect(stdout).toContain(`${user.configFile}  (used)\n`);
    expect(stdout).toContain(`${join(user.dir, 'state', 'ledger.sqlite')}  (missing)\n`);
    const narrow = await runCli(user, ['config', 'path', '--width', '60']);
    expect(narrow.stdout).toContain(`  ${user.configFile}\n`);
    expect(widest(narrow.stdout)).toBeLessThanOrEqual(60);
    const wide = await runCli(user, ['config', 'path', '--width', '100']);
    expect(widest(wide.stdout)).toBeLessThanOrEqual(100);
  });

  test('--json gives name, path and whether it is used', async () => {
    const user = home('default: a/b\n');
    const { stdout } = await runCli(user, ['config', 'path', '--json']);
    expect(JSON.parse(stdout)[0]).toEqual({ name: 'configuration', path: user.configFile, used: true });
  });

  test('--config and --home move things, from before and from behind the command', async () => {
    const user = home();
    const { stdout } = await runCli(user, ['--home=/x', 'config', 'path', '--config', '/y/c.yaml']);
    expect(stdout).toContain('/y/c.yaml  (missing)');
    expect(stdout).toContain(`${join('/x', 'state', 'token')}  (missing)`);
  });
});
