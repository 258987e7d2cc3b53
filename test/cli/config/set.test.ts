import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { home, widest } from '../../support/home.ts';

const SCHEMA_LINE = '# yaml-language-server: $schema=./config.schema.json\n';

describe('config set', () => {
  test.each([
    ['server.port', '8670', 'server:\n  port: 8670\n'],
    ['strict', 'true', 'strict: true\n'],
    ['prefer', '[openai, groq]', 'prefer: [openai, groq]\n'],
    ['prefer', 'openai', 'prefer: [openai]\n'],
    ['prefer', 'openai, groq', 'prefer: [openai, groq]\n'],
    ['server.allow_origins', 'https://a.example', 'server:\n  allow_origins: [https://a.example]\n'],
    ['server.allow_hosts', 'llm.example', 'server:\n  allow_hosts: [llm.example]\n'],
    ['default', 'ollama/qwen3-coder:30b', 'default: ollama/qwen3-coder:30b\n'],
    ['aliases.gpt-5.1', 'openai/gpt-5.1', 'aliases:\n  gpt-5.1: openai/gpt-5.1\n'],
    ['aliases.x', '12', 'aliases:\n  x: "12"\n'],
    ['retry', '{ attempts: 2 }', 'retry: { attempts: 2 }\n'],
    ['log.bodies', 'off', 'log:\n  bodies: off\n'],
  ])('%s %s writes what is meant', async (name, value, written) => {
    const user = home();
    const { code, stderr } = await runCli(user, ['config', 'set', name, value]);
    expect({ code, stderr: stderr.replace(/.* not applied by this version\n/, '') }).toEqual({
      code: 0,
      stderr: '',
    });
    expect(readFileSync(user.configFile, 'utf8')).toBe(SCHEMA_LINE + written);
    expect(statSync(user.configFile).mode & 0o777).toBe(0o600);
    expect(existsSync(join(user.dir, 'config.schema.json'))).toBe(true);
  });

  test('keeps every other byte, and says old, new and where', async () => {
    const user = home('# mine\nserver:   # here\n    port: 9000   # why\n\nsmall: a/b\n');
    const { stdout } = await runCli(user, ['config', 'set', 'server.port', '8670']);
    expect(stdout).toBe(`server.port: 9000 → 8670\nsaved in ${user.configFile}\n`);
    expect(readFileSync(user.configFile, 'utf8')).toBe(
      '# mine\nserver:   # here\n    port: 8670   # why\n\nsmall: a/b\n',
    );
    const again = await runCli(user, ['config', 'set', 'server.port', '8670']);
    expect(again.stdout).toBe(`server.port: 8670, as before\nnothing to change in ${user.configFile}\n`);
    const ascii = await runCli(user, ['config', 'set', 'server.port', '1', '--ascii']);
    expect(ascii.stdout).toContain('8670 -> 1\n');
    const json = await runCli(user, ['config', 'set', 'server.port', '2', '--json']);
    expect(JSON.parse(json.stdout)).toEqual({
      key: 'server.port',
      old: 1,
      new: 2,
      changed: true,
      file: user.configFile,
    });
  });

  test('of an invalid value is exit 3 with a caret, and touches nothing', async () => {
    const user = home('unknown_model: error\n');
    const { code, stdout, stderr } = await runCli(user, ['config', 'set', 'unknown_model', 'defalt']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(
      [
        'error: config.yaml:1:16: unknown_model must be one of error, default  [config_invalid] exit 3',
        '    1 | unknown_model: defalt',
        '      |                ^^^^^^ did you mean "default"?',
        '  why  config.yaml was not changed',
      ].join('\n'),
    );
    expect(readFileSync(user.configFile, 'utf8')).toBe('unknown_model: error\n');
  });

  test('of an unknown setting makes no file and suggests the known one', async () => {
    const user = home();
    const { code, stderr } = await runCli(user, ['config', 'set', 'fallback.openai', 'groq']);
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean fallbacks?');
    expect(existsSync(user.configFile)).toBe(false);
  });

  test.each([
    ['default', `sk-${'a1'.repeat(15)}`],
    ['providers.acme.api_key', 'hush'],
    ['providers.acme.headers.authorization', 'Bearer hush'],
    ['providers.acme', '{ url: https://a.example, headers: { x-api-key: hush } }'],
    [`aliases.sk-${'a1'.repeat(15)}`, 'a/b'],
  ])('%s %s is refused: keys are never in files', async (name, value) => {
    const user = home();
    const { code, stdout, stderr } = await runCli(user, ['config', 'set', name, value]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('[secret_in_args]');
    expect(stderr).not.toMatch(/hush|a1a1/);
    expect(existsSync(user.configFile)).toBe(false);
  });

  test.each([
    ['', 'is empty'],
    ['null', 'is empty'],
    ['[a', 'is not YAML'],
  ])('the value %j %s: exit 2', async (value, words) => {
    const { code, stderr } = await runCli(home(), ['config', 'set', 'prefer', value]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  test('says that a variable beats the file, and what is not applied', async () => {
    const env = { UNOROUTER_PORT: '7000' };
    const { stderr } = await runCli(home(), ['config', 'set', 'server.port', '1'], { env });
    expect(stderr).toBe('$UNOROUTER_PORT is set, and beats the file: 7000\n');
    const given = await runCli(home(), ['config', 'set', 'agents.claude', '{ x: 1 }']);
    expect(given.stderr).toContain('agents are read but not applied by this version');
  });

  test('fits in 60 columns', async () => {
    const list = `[${Array.from({ length: 12 }, (_, i) => `provider-${i}`).join(', ')}]`;
    const { stdout } = await runCli(home(), ['config', 'set', 'prefer', list, '--width', '60']);
    expect(widest(stdout)).toBeLessThanOrEqual(60);
    expect(stdout.replace(/\s+/g, ' ')).toContain(list);
  });
});

describe('config unset', () => {
  test('removes the lines of a setting and says what holds now', async () => {
    const user = home('# mine\nserver:\n  port: 9000 # why\nsmall: a/b # keep\n');
    const { code, stdout } = await runCli(user, ['config', 'unset', 'server.port']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `server.port: 9000 → 8667 (default)\nsaved in ${user.configFile}\n`,
    });
    expect(readFileSync(user.configFile, 'utf8')).toBe('# mine\nsmall: a/b # keep\n');
  });

  test('of what is not set changes nothing', async () => {
    const user = home('small: a/b\n');
    const { code, stdout } = await runCli(user, ['config', 'unset', 'default']);
    expect(code).toBe(0);
    expect(stdout).toBe(`default: not set, as before\nnothing to change in ${user.configFile}\n`);
    expect((await runCli(user, ['config', 'unset', 'defalt'])).code).toBe(2);
  });

  test('mends a file with a setting that is unknown', async () => {
    const user = home('fallbak: { a: b }\nsmall: a/b\n');
    expect((await runCli(user, ['config', 'unset', 'fallbak'])).code).toBe(0);
    expect(readFileSync(user.configFile, 'utf8')).toBe('small: a/b\n');
  });
});
