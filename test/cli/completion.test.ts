import { describe, expect, it } from 'vitest';
import { runCli, startGateway } from '../support/cli.ts';
import { home } from '../support/home.ts';

const complete = async (...words: string[]): Promise<string[]> => {
  const { stdout } = await runCli(home(), ['complete', '--', ...words]);
  return stdout.split('\n').map((line) => line.split('\t')[0] ?? '');
};

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish', 'powershell'])(
    'prints a script for %s that asks this program',
    async (shell) => {
      const { code, stdout, stderr } = await runCli(home(), ['completion', shell]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`# ${shell} completion for unorouter`);
      expect(stdout).toMatch(/unorouter\W+complete\W/);
    },
  );

  it('knows no other shell', async () => {
    const { code, stderr } = await runCli(home(), ['completion', 'cmd']);
    expect(code).toBe(2);
    expect(stderr).toContain('bash, zsh, fish, powershell');
  });

  it('offers commands, their parts and their flags', async () => {
    expect(await complete('ser')).toEqual(expect.arrayContaining(['serve', 'service']));
    expect(await complete('keys', '')).toEqual(
      expect.arrayContaining(['add', 'import', 'list', 'rm', 'test']),
    );
    expect(await complete('serve', '--')).toEqual(expect.arrayContaining(['--port', '--demo']));
    expect(await complete('')).not.toContain('complete');
  });

  it('offers providers and models, also beside a broken configuration', async () => {
    expect(await complete('keys', 'add', 'anth')).toContain('anthropic');
    expect(await complete('models', 'info', 'demo/')).toContain('demo/echo');
    const { stdout } = await runCli(home('fallbak: 1\n'), ['complete', '--', 'keys', '']);
    expect(stdout).toContain('add');
  });
});

describe('statusline', () => {
  it('is one line of the running server, and one when none runs', async () => {
    const gateway = await startGateway(home(), ['--model', 'demo/echo']);
    const { code, stdout, stderr } = await gateway.cli(['statusline'], { input: '{"session_id":"x"}' });
    const json = JSON.parse((await gateway.cli(['statusline', '--json=running,default,live'])).stdout);
    await gateway.stop();
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'demo/echo · $0.00 today\n', stderr: '' });
    expect(json).toEqual({ running: true, default: 'demo/echo', live: 0 });
    expect(await runCli(home(), ['statusline'])).toEqual({
      code: 0,
      stdout: 'unorouter ○ not running\n',
      stderr: '',
    });
  });
});
