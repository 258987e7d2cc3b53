import { describe, expect, test } from 'vitest';
import { describeOrigin, effectiveSettings, isSecret, maskSecrets } from '../../src/config/index.ts';

const places = (source: string | null, env: Record<string, string> = {}) => ({
  env,
  flags: {},
  file: '/home/ada/config.yaml',
  source,
});

describe('the settings that hold', () => {
  test('are the defaults when there is no file', async () => {
    expect(await effectiveSettings(places(null))).toMatchObject({
      unknown_model: 'error',
      server: { host: '127.0.0.1', port: 8667 },
      retry: { attempts: 3, deadline: '60s' },
    });
  });

  test('are what the file says over defaults, key by key', async () => {
    const source = 'server:\n  port: 9000\nretry:\n  attempts:\naliases: { a: b }\n';
    expect(await effectiveSettings(places(source))).toMatchObject({
      server: { host: '127.0.0.1', port: 9000, drain: '30s' },
      retry: { attempts: 3 },
      aliases: { a: 'b' },
    });
  });

  test('are what a variable says over the file', async () => {
    const env = { UNOROUTER_PORT: '7000', UNOROUTER_MODEL: 'a/b' };
    expect(await effectiveSettings(places('server: { port: 9000 }\n', env))).toMatchObject({
      default: 'a/b',
      server: { port: 7000 },
    });
  });
});

describe('the origin of a setting', () => {
  const source = '# mine\ndefault: a\nserver:\n  port: 9000\n';

  test.each([
    ['server.port', {}, { source: 'file', where: 'config.yaml:4', value: 9000 }],
    ['server.port', { UNOROUTER_PORT: '7000' }, { source: 'env', where: '$UNOROUTER_PORT', value: 7000 }],
    ['server.host', { UNOROUTER_HOST: '' }, { source: 'default', where: 'default', value: '127.0.0.1' }],
    ['default', {}, { source: 'file', where: 'config.yaml:2', value: 'a' }],
    ['small', {}, { source: 'default', where: 'default', value: undefined }],
    ['retry.attempts', {}, { source: 'default', where: 'default', value: 3 }],
  ])('of %s with %j is %j', async (name, env, origin) => {
    expect(await describeOrigin(name.split('.'), places(source, env))).toEqual(origin);
  });

  test('is the flag when there is one', async () => {
    const given = { ...places(source, { UNOROUTER_PORT: '7000' }), flags: { port: '6000' } };
    expect(await describeOrigin(['server', 'port'], given)).toEqual({
      source: 'flag',
      where: '--port',
      value: 6000,
    });
  });
});

describe('secrets', () => {
  const key = `sk-${'a1'.repeat(15)}`;

  test.each<[readonly string[], unknown, boolean]>([
    [['default'], key, true],
    [['aliases'], { a: [key] }, true],
    [['aliases'], { [key]: 'a' }, true],
    [['providers', 'acme', 'headers', 'Authorization'], 'x', true],
    [['providers', 'acme'], { headers: { 'x-api-key': 'x' } }, true],
    [['providers'], { acme: { headers: { Cookie: 'x' } } }, true],
    [['providers', 'acme', 'headers', 'x-team'], 'core', false],
    [['default'], 'openai/gpt-5', false],
    [['server', 'port'], 8667, false],
    [['default'], null, false],
  ])('%j: %j is a secret: %s', (path, value, expected) => {
    expect(isSecret(path, value)).toBe(expected);
  });

  test('are stars when settings are shown', () => {
    const shown = JSON.stringify(
      maskSecrets([], {
        providers: { acme: { headers: { authorization: 'Bearer abc', 'x-k': key, 'x-team': 'core' } } },
        network: { proxy: 'http://ada:pw12@proxy.example:1' },
        prefer: ['a'],
        server: { port: 1 },
      }),
    );
    expect(shown).not.toMatch(/abc|a1a1|pw12/);
    expect(shown).toContain('core');
    expect(shown).toContain('@proxy.example:1');
    expect(shown).toContain('"server":{"port":1}');
  });
});
