import { describe, expect, test } from 'vitest';
import { settingPath } from '../../src/config/index.ts';

describe('a dotted name', () => {
  test.each([
    ['server.port', ['server', 'port']],
    ['server', ['server']],
    ['aliases.fast', ['aliases', 'fast']],
    ['aliases.gpt-5.1', ['aliases', 'gpt-5.1']],
    ['fallbacks.together.ai', ['fallbacks', 'together.ai']],
    ['providers.together.ai.url', ['providers', 'together.ai', 'url']],
    ['providers.acme.url', ['providers', 'acme', 'url']],
    ['providers.acme.headers.x-a.b', ['providers', 'acme', 'headers', 'x-a.b']],
    ['providers.acme.timeouts.idle', ['providers', 'acme', 'timeouts', 'idle']],
    ['prices.acme/llama-4.1.input', ['prices', 'acme/llama-4.1', 'input']],
    ['routes[0].to', ['routes', '0', 'to']],
    ['routes.0.when.model', ['routes', '0', 'when', 'model']],
    ['prefer.1', ['prefer', '1']],
  ])('%s is read as %j', async (name, path) => {
    expect(await settingPath('', name)).toEqual({ path });
  });

  test('is read as what is in the file when it could be several things', async () => {
    expect(await settingPath('aliases: { a: [x, y] }\n', 'aliases.a.1')).toEqual({
      path: ['aliases', 'a', '1'],
    });
    expect(await settingPath('aliases: { a.1: x }\n', 'aliases.a.1')).toEqual({ path: ['aliases', 'a.1'] });
    expect(await settingPath('providers: { together.ai: {} }\n', 'providers.together.ai')).toEqual({
      path: ['providers', 'together.ai'],
    });
  });

  test('of something unknown that stands in the file can be addressed, to remove it', async () => {
    expect(await settingPath('fallbak: { a: b }\n', 'fallbak.a')).toEqual({ path: ['fallbak', 'a'] });
  });

  test.each([
    ['server.prot', 'server.port'],
    ['serverport', 'server.port'],
    ['allow_hosts', 'server.allow_hosts'],
    ['fallback', 'fallbacks'],
    ['model', 'default'],
    ['providers.acme.base_url', 'providers.acme.url'],
    ['zzzzzzzzz', undefined],
    ['', undefined],
    ['__proto__.x', undefined],
    ['server.port.x', undefined],
  ])('%s is unknown; %s was meant', async (name, meant) => {
    const { path, unknown } = await settingPath('', name);
    expect(path).toBeUndefined();
    expect(unknown).toMatchObject({ isKey: false });
    if (meant !== undefined) expect(unknown?.meant).toBe(meant);
  });

  test('of thousands of words is unknown at once', async () => {
    expect((await settingPath('', 'aliases.'.repeat(5000))).path).toBeUndefined();
  });

  test('for a key of a provider is known to be one', async () => {
    const { unknown } = await settingPath('', 'providers.acme.api_key');
    expect(unknown).toMatchObject({ isKey: true });
  });
});
