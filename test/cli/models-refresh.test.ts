import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliResult, runCli, startGateway, type TestHome, temporaryHome } from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { json } from '../support/scripted/script.ts';

let home: TestHome;
let upstream: FakeUpstream;
beforeEach(async () => {
  home = temporaryHome();
  upstream = await startFakeUpstream();
  home.writeConfig(`
catalog: { refresh: false }
providers:
  acme: { url: "${upstream.url}/v1", auth: none }
  anthropic: { url: "${upstream.url}/anthropic/v1" }
`);
});
afterEach(async () => {
  home.remove();
  await upstream.close();
});

const run = (...args: string[]): Promise<CliResult> => runCli(home, args);
const models = async (...args: string[]): Promise<Record<string, unknown>[]> =>
  JSON.parse((await run('models', ...args, '--json')).stdout);
const lists = (...ids: (string | object)[]): void =>
  upstream.answer(json({ data: ids.map((id) => (typeof id === 'string' ? { id } : id)) }));

describe('models refresh', () => {
  test('asks every provider that can be asked; what comes later is new', async () => {
    lists('one', 'two');
    const first = await run('models', 'refresh', 'acme');
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(/^PROVIDER +MODELS\nacme +2\n$/m);
    expect(await models('--new')).toEqual([]);
    lists('two', 'three');
    await run('models', 'refresh', 'acme');
    const now = await models('--provider', 'acme');
    expect(now.map(({ id }) => id)).toEqual(['three', 'two']);
    expect((await models('--new')).map(({ id }) => id)).toEqual(['three']);
    expect(now.find(({ id }) => id === 'two')).toMatchObject({ since: null });
  });

  test('what fails keeps its old list, and when nobody answers it ends with 7', async () => {
    lists('one');
    await run('models', 'refresh', 'acme');
    upstream.answer(json({ error: 'busy' }, 503));
    const failed = await run('models', 'refresh', 'acme', '--json');
    expect(failed.code).toBe(7);
    expect(JSON.parse(failed.stdout)).toMatchObject([{ provider: 'acme', outcome: 'failed', models: null }]);
    expect((await models('--provider', 'acme')).map(({ id }) => id)).toEqual(['one']);
  });

  test('without a name also asks public lists for prices; where there is no way to them nothing is lost', async () => {
    home.writeConfig(`
network: { proxy: "http://127.0.0.1:1" }
providers:
  acme: { url: "${upstream.url}/v1", auth: none }
`);
    lists('one');
    const { code, stdout } = await run('models', 'refresh', '--json');
    expect(code).toBe(0);
    const outcomes = JSON.parse(stdout).map(({ provider, outcome }: Record<string, string>) => [
      provider,
      outcome,
    ]);
    expect(outcomes).toEqual([
      ['acme', 'updated'],
      ['genai-prices', 'failed'],
      ['models.dev', 'failed'],
      ['litellm-prices', 'failed'],
    ]);
    expect(await run('models', 'refresh', 'litellm-prices')).toMatchObject({ code: 7 });
  });

  test('an unknown provider is an error that says so', async () => {
    expect(await run('models', 'refresh', 'nobody')).toMatchObject({
      code: 9,
      stderr: expect.stringContaining('unknown provider "nobody"'),
    });
  });

  test('a running server is asked to do it, and knows the result', async () => {
    lists('early');
    const server = await startGateway(home);
    try {
      lists('early', 'late');
      const { code, stdout } = await server.cli(['models', 'refresh', 'acme', '--json']);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject([{ provider: 'acme', outcome: 'updated', models: 2 }]);
      const answer = await fetch(`${server.url}/v1/models`, {
        headers: { authorization: `Bearer ${server.token}` },
      });
      expect(await answer.text()).toContain('acme/late');
    } finally {
      await server.stop();
    }
  });
});

test('a model that its provider no longer lists, or that is about to end, is marked', async () => {
  lists('claude-opus-4-5-20251101', { id: 'claude-sonnet-4-5', deprecation: '2027-01-31T00:00:00Z' });
  const env = { ANTHROPIC_API_KEY: '' };
  await runCli(home, ['models', 'refresh', 'anthropic'], {
    env: { ...env, UNOROUTER_ANTHROPIC_API_KEY: 'sk-test' },
  });
  const all = await models('--all', '--provider', 'anthropic');
  const of = (id: string) => all.find((model) => model.id === id);
  expect(of('claude-opus-4-8')).toMatchObject({ live: false, gone: true });
  // Another spelling of what is listed is not gone.
  expect(of('claude-opus-4-5')).toMatchObject({ gone: false });
  expect(of('claude-sonnet-4-5')).toMatchObject({ live: true, gone: false, deprecated: '2027-01-31' });
  const { stdout, stderr } = await run('models', '--all', '--provider', 'anthropic');
  expect(stdout).toMatch(/^- +anthropic\/claude-opus-4-8 /m);
  expect(stdout).toMatch(/^- +anthropic\/claude-sonnet-4-5 /m);
  expect(stderr).toContain('- ending or no longer listed');
});
