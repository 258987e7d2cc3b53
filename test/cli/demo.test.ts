import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, runCli, type TestHome } from '../support/cli.ts';
import { home, widest } from '../support/home.ts';

/** The show makes its directory where the system keeps temporary ones. */
const demo = (at: TestHome, args: string[], env: NodeJS.ProcessEnv = {}) =>
  runCli(at, ['demo', '--seconds', '0', ...args], { env: { TMPDIR: at.dir, ...env } });
const leftIn = (at: TestHome): string[] =>
  readdirSync(at.dir).filter((name) => name.startsWith('unorouter-'));

describe('demo', () => {
  it('plays fourteen requests of three agents with a retry, a fallback and a cache, and leaves nothing behind', async () => {
    const at = home();
    const { code, stdout, stderr } = await demo(at, ['--json']);
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.pop()).toEqual({ requests: 14, agents: 3, retries: 1, fallbacks: 1 });
    expect(lines).toHaveLength(14);
    expect(lines.every(({ status, demo }) => status === 200 && demo)).toBe(true);
    expect(lines.some(({ usage }) => usage.cacheRead > 0)).toBe(true);
    expect(new Set(lines.map(({ protocol }) => protocol)).size).toBe(3);
    expect(stderr).toBe('');
    expect(readdirSync(at.dir)).toEqual([]);
  });

  it('fits on the screen, and says how to go on', async () => {
    for (const width of ['60', '100']) {
      const { stdout, stderr } = await demo(home(), ['--width', width]);
      expect(stdout.split('\n').filter((line) => / 200 /.test(line))).toHaveLength(14);
      expect(widest(stdout + stderr)).toBeLessThanOrEqual(Number(width));
      expect(stderr.replace(/\s+/g, ' ')).toContain(
        'nothing left this machine. Now for real: unorouter keys add',
      );
    }
  });

  it('calls nobody, whatever keys lie in the environment', async () => {
    const { code, stdout } = await demo(home('default: openai/gpt-5\n'), ['--json'], {
      OPENAI_API_KEY: 'sk-x',
    });
    expect(code).toBe(0);
    expect(stdout).not.toContain('openai/gpt-5');
  });

  it('keeps its directory when asked to, and its requests can be looked at', async () => {
    const at = home();
    const { stderr } = await demo(at, ['--keep']);
    const [dir = ''] = leftIn(at);
    expect(stderr).toContain(`unorouter logs --home ${join(at.dir, dir)}`);
    const { stdout } = await runCli(at, ['logs', '--home', join(at.dir, dir), '--json=agent']);
    expect(JSON.parse(stdout)).toHaveLength(14);
  });

  it('ends at Ctrl-C, and takes its directory along', async () => {
    const at = home();
    const child = spawn(process.execPath, [BIN, 'demo', '--seconds', '600'], {
      env: { ...at.env, TMPDIR: at.dir },
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(130);
    expect(leftIn(at)).toEqual([]);
  });

  it.each(['soon', '-1', '601', ''])('does not take --seconds %j', async (text) => {
    expect((await runCli(home(), ['demo', `--seconds=${text}`])).code).toBe(2);
  });
});
