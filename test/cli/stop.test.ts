import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, runCli, startGateway, type TestHome, temporaryHome } from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';

let home: TestHome;
let upstream: FakeUpstream;
let gateway: Gateway | undefined;

beforeEach(async () => {
  home = temporaryHome();
  upstream = await startFakeUpstream();
  home.writeConfig(
    `providers:\n  fake:\n    url: ${upstream.url}/v1\n    protocol: openai-chat\n    auth: none\ncatalog: { refresh: false }\n`,
  );
});
afterEach(async () => {
  await gateway?.stop('SIGKILL');
  gateway = undefined;
  await upstream.close();
  home.remove();
});

/** Starts a request that does not end by itself. */
async function hold(running: Gateway): Promise<void> {
  upstream.answer({
    headers: { 'content-type': 'text/event-stream' },
    pieces: [
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'slow', choices: [{ index: 0, delta: { content: 'Hello' } }] })}\n\n`,
    ],
    end: 'hang',
  });
  const response = await running.post('/v1/chat/completions', {
    model: 'fake/slow',
    stream: true,
    messages: [{ role: 'user', content: 'hi' }],
  });
  const reader = response.body?.getReader();
  await reader?.read();
  void reader?.read().catch(() => undefined);
}

async function exitCode({ child }: Gateway): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

describe('stop', () => {
  it('ends with 5 when nothing runs', async () => {
    const { code, stdout, stderr } = await runCli(home, ['stop']);
    expect(code).toBe(5);
    expect(stdout).toBe('');
    expect(stderr).toContain('[not_running]');
  });

  it('ends a server and waits until it is gone', async () => {
    gateway = await startGateway(home);
    const { code, stdout } = await gateway.cli(['stop']);
    expect(code).toBe(0);
    expect(stdout).toBe(`Stopped (pid ${gateway.child.pid}, ${gateway.url}).\n`);
    expect(await exitCode(gateway)).toBe(0);
    expect(gateway.stderr()).toContain('Stopped. No requests');
    expect((await gateway.cli(['status'])).code).toBe(5);
  });

  it('answers programs in JSON', async () => {
    gateway = await startGateway(home);
    const { stdout } = await gateway.cli(['stop', '--json']);
    expect(JSON.parse(stdout)).toEqual({ stopped: true, pid: gateway.child.pid, url: gateway.url, live: 0 });
  });

  it('waits for live requests and says for how many', async () => {
    gateway = await startGateway(home);
    await hold(gateway);
    const stopping = gateway.cli(['stop']);
    // From the moment on that it drains, new requests are refused.
    await expect
      .poll(async () => (await gateway?.post('/v1/chat/completions', {}))?.status, { timeout: 10_000 })
      .toBe(503);
    await upstream.close();
    const { code, stderr } = await stopping;
    expect(code).toBe(0);
    expect(stderr).toContain('Waiting for 1 live request');
    expect(gateway.stderr()).toContain('Stopped. 1 request in');
  });

  it('fails when the time is over, and says how to go on', async () => {
    gateway = await startGateway(home);
    await hold(gateway);
    const { code, stderr } = await gateway.cli(['stop', '--timeout', '1ms']);
    expect(code).toBe(1);
    expect(stderr).toContain('[still_running]');
    expect(stderr).toContain('stop --force');
    // A drain that has begun can be hurried.
    expect((await gateway.cli(['stop', '--force'])).code).toBe(0);
    await upstream.waitForAbort();
  });

  it('drops live requests with --force', async () => {
    gateway = await startGateway(home);
    await hold(gateway);
    expect((await gateway.cli(['stop', '--force'])).code).toBe(0);
    await upstream.waitForAbort();
    expect(await exitCode(gateway)).toBe(0);
  });

  it('refuses a timeout that is no duration', async () => {
    const { code, stderr } = await runCli(home, ['stop', '--timeout', 'soon']);
    expect(code).toBe(2);
    expect(stderr).toContain('30s');
  });
});
