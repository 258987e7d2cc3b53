import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shellWords } from '../../../src/cli/commands/config/editor.ts';
import { runCli, type TestHome } from '../../support/cli.ts';
import { home } from '../../support/home.ts';

/** An editor: a Node script that gets the words of $EDITOR and the file. */
function editor(user: TestHome, body: string): NodeJS.ProcessEnv {
  const script = join(user.dir, 'my editor.mjs');
  writeFileSync(
    script,
    `import fs from 'node:fs'; import path from 'node:path'; const args = process.argv.slice(2); const file = args.at(-1); const text = fs.readFileSync(file, 'utf8'); ${body}`,
  );
  return { EDITOR: `'${process.execPath}' "${script}" --wait`, TMPDIR: user.dir };
}

/** Copies that were left behind. */
const copies = (user: TestHome): string[] =>
  readdirSync(user.dir).filter((name) => name.startsWith('unorouter-'));

describe('config edit', () => {
  test('edits a private copy and puts it in place when it is valid', async () => {
    const user = home('# mine\nsmall: a/b\n');
    const env = editor(
      user,
      `fs.writeFileSync('seen.json', JSON.stringify({ args: args.slice(0, -1), text, mode: fs.statSync(file).mode & 0o777, dir: fs.statSync(path.dirname(file)).mode & 0o777, beside: fs.readdirSync(path.dirname(file)) })); fs.appendFileSync(file, 'default: c/d\\n');`,
    );
    const { code, stdout } = await runCli(user, ['config', 'edit'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `saved in ${user.configFile}\n` });
    expect(readFileSync(user.configFile, 'utf8')).toBe('# mine\nsmall: a/b\ndefault: c/d\n');
    expect(JSON.parse(readFileSync(join(user.dir, 'seen.json'), 'utf8'))).toEqual({
      args: ['--wait'],
      text: '# mine\nsmall: a/b\n',
      mode: 0o600,
      dir: 0o700,
      beside: ['config.schema.json', 'config.yaml'],
    });
    expect(copies(user)).toEqual([]);
  });

  test('a new file starts from the template, and is not made when nothing was changed', async () => {
    const user = home();
    const { code, stderr } = await runCli(user, ['config', 'edit'], { env: editor(user, '') });
    expect(code).toBe(0);
    expect(stderr).toContain('nothing was changed');
    expect(existsSync(user.configFile)).toBe(false);
    const env = editor(user, `fs.writeFileSync(file, text.replace('#small:', 'small:'));`);
    await runCli(user, ['config', 'edit'], { env });
    expect(readFileSync(user.configFile, 'utf8')).toMatch(/^small: /m);
    expect(readFileSync(user.configFile, 'utf8')).toMatch(/^#server:/m);
    expect(copies(user)).toEqual([]);
  });

  test('a mistake leaves the file, shows its place and keeps what was written', async () => {
    const user = home('small: a/b\n');
    const env = editor(user, `fs.appendFileSync(file, 'defalt: c/d\\n');`);
    const { code, stderr } = await runCli(user, ['config', 'edit'], { env });
    expect(code).toBe(3);
    expect(stderr).toContain('config.yaml:2:1: "defalt" is not a setting');
    expect(readFileSync(user.configFile, 'utf8')).toBe('small: a/b\n');
    const [, copy = ''] = /your text is kept: (\S+)/.exec(stderr) ?? [];
    expect(readFileSync(copy, 'utf8')).toBe('small: a/b\ndefalt: c/d\n');
  });

  test('a change that somebody else made meanwhile is not overwritten', async () => {
    const user = home('small: a/b\n');
    const env = editor(
      user,
      `fs.writeFileSync(${JSON.stringify(user.configFile)}, 'small: x/y\\n'); fs.appendFileSync(file, 'default: c/d\\n');`,
    );
    const { code, stderr } = await runCli(user, ['config', 'edit'], { env });
    expect(code).toBe(1);
    expect(stderr).toContain('[config_changed]');
    expect(readFileSync(user.configFile, 'utf8')).toBe('small: x/y\n');
    const [, copy = ''] = /your text is kept: (\S+)/.exec(stderr) ?? [];
    expect(readFileSync(copy, 'utf8')).toContain('default: c/d');
  });

  test('an editor that fails changes nothing, and keeps only what was written', async () => {
    const user = home('small: a/b\n');
    const failed = await runCli(user, ['config', 'edit'], { env: editor(user, 'process.exit(3)') });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('the editor ended with exit code 3');
    expect(copies(user)).toEqual([]);
    const env = editor(user, `fs.appendFileSync(file, 'default: c/d\\n'); process.exit(1)`);
    expect((await runCli(user, ['config', 'edit'], { env })).stderr).toContain('your text is kept');
    expect(readFileSync(user.configFile, 'utf8')).toBe('small: a/b\n');
  });

  test.each([{ EDITOR: '/nowhere/ed' }, { EDITOR: '' }, { VISUAL: ' ', EDITOR: '' }])(
    'without an editor (%j) there is a fix',
    async (env) => {
      const { code, stderr } = await runCli(home(), ['config', 'edit'], { env });
      expect(code).toBe(2);
      expect(stderr).toContain('[no_editor]');
      expect(stderr).toMatch(/fix {2}EDITOR=nano .*config edit\n/);
    },
  );

  test('$VISUAL beats $EDITOR, and no shell sees either', async () => {
    const user = home('small: a/b\n');
    const script = join(user.dir, 'ed.sh');
    writeFileSync(script, '#!/bin/sh\necho "default: c/d" >> "$2"\n');
    chmodSync(script, 0o755);
    const env = { VISUAL: `${script} $(touch${'\t'}pwned);`, EDITOR: 'false' };
    await runCli(user, ['config', 'edit'], { env });
    expect(existsSync(join(user.dir, 'pwned'))).toBe(false);
    const plain = await runCli(user, ['config', 'edit'], {
      env: { VISUAL: `${script} -w`, EDITOR: 'false' },
    });
    expect(plain.code).toBe(0);
  });
});

describe('the words of an editor', () => {
  test.each([
    ['vim', ['vim']],
    ['  code   --wait ', ['code', '--wait']],
    ['"/my editor/ed" -w', ['/my editor/ed', '-w']],
    [`'a b'c"d e"`, ['a bcd e']],
    ['/my\\ editor/ed', ['/my editor/ed']],
    ['"a\\"b" c', ['a"b', 'c']],
    [`'a\\'`, ['a\\']],
    ['ed "" x', ['ed', '', 'x']],
    ['', []],
  ])('of %j are %j', (text, words) => {
    expect(shellWords(text, false)).toEqual(words);
  });

  test('keep the backslashes of a Windows path', () => {
    expect(shellWords('"C:\\Program Files\\ed.exe" -w', true)).toEqual(['C:\\Program Files\\ed.exe', '-w']);
    expect(shellWords('C:\\ed.exe', true)).toEqual(['C:\\ed.exe']);
  });
});
