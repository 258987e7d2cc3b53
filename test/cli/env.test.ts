import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { home } from '../support/home.ts';

/** A token with everything that shells treat specially. */
const NASTY = `a'b"c$(id)\`id\`\\d%PATH%!e`;

describe('env', () => {
  test('points every client at the default address, with the token of this home', async () => {
    const user = home();
    const { code, stdout } = await runCli(user, ['env']);
    const { stdout: token } = await runCli(user, ['token']);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        "export OPENAI_BASE_URL='http://127.0.0.1:8667/v1'",
        "export ANTHROPIC_BASE_URL='http://127.0.0.1:8667'",
        `export OPENAI_API_KEY='${token.trim()}'`,
        `export ANTHROPIC_AUTH_TOKEN='${token.trim()}'`,
      ]),
    );
  });

  test('uses the port of the file, and over it that of the variable', async () => {
    const user = home('server: { port: 9000 }\n');
    expect((await runCli(user, ['env'])).stdout).toContain(':9000/v1');
    const env = { UNOROUTER_PORT: '7000' };
    expect((await runCli(user, ['env'], { env })).stdout).toContain(':7000/v1');
    const bad = await runCli(user, ['env'], { env: { UNOROUTER_PORT: '99999' } });
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('from 0 to 65535') });
  });

  test('gives a shell exactly the token, whatever is in it', async () => {
    const { stdout } = await runCli(home(), ['env', '--shell', 'bash'], { env: { UNOROUTER_TOKEN: NASTY } });
    const printed = execFileSync('sh', ['-c', `${stdout}\nprintf %s "$OPENAI_API_KEY"`], {
      encoding: 'utf8',
    });
    expect(printed).toBe(NASTY);
  });

  test.each([
    ['fish', `set -gx OPENAI_API_KEY 'a\\'b"c$(id)\`id\`\\\\d%PATH%!e';`],
    ['powershell', `$env:OPENAI_API_KEY = 'a''b"c$(id)\`id\`\\d%PATH%!e'`],
    ['pwsh', `$env:OPENAI_API_KEY = 'a''b"c$(id)\`id\`\\d%PATH%!e'`],
    ['zsh', `export OPENAI_API_KEY='a'\\''b"c$(id)\`id\`\\d%PATH%!e'`],
  ])('quotes for %s', async (shell, line) => {
    const { stdout } = await runCli(home(), ['env', '--shell', shell], { env: { UNOROUTER_TOKEN: NASTY } });
    expect(stdout.split('\n')).toContain(line);
  });

  test('sets variables of cmd in quotes', async () => {
    const { stdout } = await runCli(home(), ['env', '--shell', 'cmd'], { env: { UNOROUTER_TOKEN: 'a&b' } });
    expect(stdout).toContain('set "OPENAI_API_KEY=a&b"\n');
  });

  test.each([
    [{ SHELL: '/usr/bin/fish' }, /^set -gx /],
    [{ SHELL: '/bin/zsh' }, /^export /],
    [{ SHELL: '/bin/strange' }, /^export /],
    [{ PSModulePath: 'x' }, /^\$env:/],
    [{ ComSpec: 'x' }, /^set "/],
  ])('speaks the language of %j', async (env, start) => {
    expect((await runCli(home(), ['env'], { env })).stdout).toMatch(start);
  });

  test('an unknown shell is a wrong usage that names the known ones', async () => {
    const { code, stderr } = await runCli(home(), ['env', '--shell', 'csh']);
    expect(code).toBe(2);
    expect(stderr).toContain('sh|fish|powershell|cmd');
  });

  test.each([
    ['cline.web', '.cline.web'],
    ['cline', '.cline'],
    ['cline.my.app', '.cline.my%2Eapp'],
    ['a b.ü', '.a%20b.%C3%BC'],
  ])('labels the token with %s', async (label, end) => {
    const env = { UNOROUTER_TOKEN: 'uno-x' };
    const { stdout } = await runCli(home(), ['env', '--label', label, '--json=OPENAI_API_KEY'], { env });
    expect(JSON.parse(stdout)).toEqual({ OPENAI_API_KEY: `uno-x${end}` });
  });
});
