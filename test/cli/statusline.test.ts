import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { runCli, startGateway } from '../support/cli.ts';
import { home } from '../support/home.ts';

it('reads what the running server keeps, and asks nobody', async () => {
  const gateway = await startGateway(home('default: demo/echo\n'));
  const file = join(gateway.home.dir, 'state', 'statusline.json');
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), 10_000);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const failing = { model: 'no-such-model', messages: [{ role: 'user', content: 'hi' }] };
  await (await gateway.post('/v1/chat/completions', failing)).text();
  await vi.waitFor(() => expect(JSON.parse(readFileSync(file, 'utf8')).today.requests).toBe(1), 10_000);
  // A token that the server refuses: asked, it would not answer.
  const { code, stdout } = await gateway.cli(['statusline'], { env: { UNOROUTER_TOKEN: 'uno-another-one' } });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'demo/echo · $0.00 today\n' });
  const row = JSON.parse((await gateway.cli(['statusline', '--json'])).stdout);
  expect(row).toMatchObject({ running: true, default: 'demo/echo', today: { requests: 1 }, live: 0 });
  await gateway.stop();
  expect(existsSync(file)).toBe(false);
  expect((await gateway.cli(['statusline'])).stdout).toBe('unorouter ○ not running\n');
});

it('asks the server where its file cannot be read, and says so where one died', async () => {
  const gateway = await startGateway(home());
  const file = join(gateway.home.dir, 'state', 'statusline.json');
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), 10_000);
  writeFileSync(file, 'half of {');
  expect((await gateway.cli(['statusline'])).stdout).toBe('unorouter · $0.00 today\n');
  await gateway.stop('SIGKILL');
  expect(await gateway.cli(['statusline'])).toMatchObject({ code: 0, stdout: 'unorouter ○ not running\n' });
});

it('does not believe what a server that crashed has left, whoever has its process number now', async () => {
  const gateway = await startGateway(home());
  const file = join(gateway.home.dir, 'state', 'statusline.json');
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), 10_000);
  await gateway.stop('SIGKILL');
  const left = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...left, pid: process.pid }));
  const yesterday = Date.now() / 1000 - 86_400;
  utimesSync(file, yesterday, yesterday);
  expect((await gateway.cli(['statusline'])).stdout).toBe('unorouter ○ not running\n');
});

it('its help shows the setting of Claude Code', async () => {
  const { stdout } = await runCli(home(), ['statusline', '--help']);
  expect(stdout).toContain('"statusLine": { "type": "command", "command": "unorouter statusline" }');
});
