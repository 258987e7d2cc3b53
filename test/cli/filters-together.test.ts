import { describe, expect, it } from 'vitest';
import { runCli, startGateway, type TestHome } from '../support/cli.ts';
import { home } from '../support/home.ts';

/** Rows of a list, by one field. */
async function rows(at: TestHome, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<unknown[]> {
  const { code, stdout, stderr } = await runCli(at, args, { env });
  expect({ code, stderr: stderr.includes('error:') }).toEqual({ code: 0, stderr: false });
  return JSON.parse(stdout);
}

describe('filters of lists', () => {
  it('of logs: project, slowness, cost and fallbacks', async () => {
    const gateway = await startGateway(home('aliases: { sturdy: [demo/down, demo/echo] }\n'));
    const at = gateway.home;
    for (const [model, project] of [
      ['demo/echo', 'web'],
      ['sturdy', 'api'],
    ])
      await gateway.post(
        '/v1/chat/completions',
        { model, messages: [{ role: 'user', content: 'hi' }] },
        { 'x-unorouter-project': project ?? '' },
      );
    await gateway.stop();
    const asked = (...args: string[]) => rows(at, ['logs', '--json=asked', ...args]);
    expect(await asked('--project', 'web')).toEqual([{ asked: 'demo/echo' }]);
    expect(await asked('--fallback')).toEqual([{ asked: 'sturdy' }]);
    expect(await asked('--slow', '10m')).toEqual([]);
    expect(await asked('--slow', '0s')).toHaveLength(2);
    expect(await asked('--min-cost', '5')).toEqual([]);
  });

  it('of models: what they can do', async () => {
    const env = { ANTHROPIC_API_KEY: 'sk-ant-test', GROQ_API_KEY: 'gsk-test' };
    const names = (...args: string[]) => rows(home(), ['models', '--json', ...args], env);
    const [all, vision, reasoning] = await Promise.all([names(), names('--vision'), names('--reasoning')]);
    expect(vision.length).toBeGreaterThan(0);
    expect(reasoning.length).toBeGreaterThan(0);
    expect(all.length).toBeGreaterThan(Math.max(vision.length, reasoning.length));
    const every = (list: unknown[], field: string): boolean =>
      list.every(
        (row) =>
          typeof row === 'object' &&
          row !== null &&
          Object.entries(row).some(([key, value]) => key === field && value === true),
      );
    expect([every(vision, 'vision'), every(reasoning, 'reasoning')]).toEqual([true, true]);
  });

  it('of rules: written with every kind of condition, and asked about', async () => {
    const at = home('routes:\n  - { name: other, when: { agent: x }, to: demo/echo }\n');
    const add = ['routes', 'add', '--last', '--to', 'demo/coder', '--json'];
    expect((await runCli(at, [...add, '--name', 'long', '--input', '> 10k', '--no-tools'])).code).toBe(0);
    expect((await runCli(at, [...add, '--name', 'seen', '--image', '--project', 'web'])).code).toBe(0);
    // Whether the model can serve it or not: the rule that sends it there is named.
    const explain = async (...args: string[]): Promise<string> => {
      const { stdout, stderr } = await runCli(at, ['routes', 'explain', 'gpt-5', ...args]);
      return stdout + stderr;
    };
    expect(await explain('--tokens', '20k')).toMatch(/long .*YES|YES .*long|rule "long"/);
    expect(await explain('--image', '--project', 'web')).toMatch(/seen .*YES|YES .*seen|rule "seen"/);
    expect((await runCli(at, ['routes', 'move', 'long', '--first', '-y'])).stdout).toContain('long');
  });
});
