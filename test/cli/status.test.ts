import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { State } from '../../src/cli/commands/status/state.ts';
import { statusText } from '../../src/cli/commands/status/text.ts';
import { createLook, widthOf } from '../../src/cli/render/index.ts';
import { exchangeJson } from '../../src/exchange.ts';
import { exchange, opened } from '../ledger/support/exchange-samples.ts';
import { type Gateway, runCli, startGateway, type TestHome, temporaryHome } from '../support/cli.ts';
import { NOW, OPEN, TODAY } from './support/log.ts';

const key = (provider: string, where: string | null, problem: 'locked' | null = null) => ({
  provider,
  label: 'default',
  masked: where === null ? null : 'sk-…w7Qa',
  source: where === null ? null : ('keychain' as const),
  where,
  shadowed: [],
  problem,
});

const AGENT = { installed: true, connected: false, setUp: false, overriddenBy: null };

const RUNNING: State & { running: true } = {
  running: true,
  pid: 41_210,
  url: 'http://127.0.0.1:8667',
  version: '0.1.0',
  startedAt: NOW - 11_040_000,
  auth: true,
  demo: false,
  bodies: 'off',
  private: false,
  default: 'claude-sonnet-4-5',
  keys: [
    key('anthropic', 'keychain'),
    key('openai', 'keychain'),
    key('google', '$GEMINI_API_KEY'),
    key('mistral', null, 'locked'),
  ],
  local: [{ provider: 'ollama', url: 'http://127.0.0.1:11434/v1', models: 4 }],
  today: TODAY,
  budgets: [],
  session: TODAY,
  live: OPEN.map(exchangeJson),
  refused: 2,
  agents: [
    { ...AGENT, id: 'claude', name: 'Claude Code', connected: true, setUp: true },
    { ...AGENT, id: 'codex', name: 'Codex CLI' },
    { ...AGENT, id: 'gemini', name: 'Gemini CLI', setUp: true, overriddenBy: '/x/.env' },
  ],
  health: [
    { provider: 'anthropic', state: 'ok', why: null, answered: 40, failed: 0, ttftMs: 912 },
    { provider: 'openai', state: 'ok', why: null, answered: 9, failed: 1, ttftMs: 1_820 },
    { provider: 'groq', state: 'parked', why: 'quota used up', answered: 0, failed: 3, ttftMs: null },
  ],
  problems: ['not recording: the disk is full, and requests go on without a trace'],
};

const WORDS = { prefix: 'unorouter', version: '0.1.0', now: NOW };
const at = (width: number) => createLook({ width, color: false, ascii: false });

describe('the text of status', () => {
  it('tells everything on 100 columns', () => {
    expect(statusText(RUNNING, WORDS, at(100))).toMatchInlineSnapshot(`
      "unorouter 0.1.0  ● running   pid 41210 · 127.0.0.1:8667 · up 3h 04m
      Keys      anthropic, openai (keychain) · google ($GEMINI_API_KEY) · mistral (not usable: locked)
      Local     ollama (4 models)
      Default   claude-sonnet-4-5
      Today     $4.82 · 212 requests · 3 errors · prompt cache 71% · 2 refused at the door
      Live      2 · claude 6.0s anthropic/claude-opus-4-5 · codex 4.0s openai/gpt-5-codex
      Agents    claude ● setup · codex ○ · gemini ▲ overridden
      Health    anthropic ● 0.9s · openai ▲ 90% answered, 1.8s · groq ✗ quota used up, 0% answered
      ▲         not recording: the disk is full, and requests go on without a trace
      "
    `);
  });

  it('tells it on 60 columns', () => {
    expect(statusText(RUNNING, WORDS, at(60))).toMatchInlineSnapshot(`
      "unorouter 0.1.0  ● running
                pid 41210 · 127.0.0.1:8667 · up 3h 04m
      Keys      anthropic, openai (keychain) · google
                ($GEMINI_API_KEY) · mistral (not usable: locked)
      Local     ollama (4 models)
      Default   claude-sonnet-4-5
      Today     $4.82 · 212 requests · 3 errors · prompt cache 71%
                · 2 refused at the door
      Live      2 · claude 6.0s anthropic/claude-opus-4-5 · codex
                4.0s openai/gpt-5-codex
      Agents    claude ● setup · codex ○ · gemini ▲ overridden
      Health    anthropic ● 0.9s · openai ▲ 90% answered, 1.8s ·
                groq ✗ quota used up, 0% answered
      ▲         not recording: the disk is full, and requests go
                on without a trace
      "
    `);
  });

  it('says how to start it when it does not run', () => {
    expect(
      statusText({ running: false, today: TODAY, budgets: [], agents: [] }, WORDS, at(60)),
    ).toMatchInlineSnapshot(`
      "unorouter 0.1.0  ○ not running
      Today     $4.82 · 212 requests · 3 errors · prompt cache 71%
      Start it  unorouter serve
      "
    `);
  });

  it.each([60, 79, 80, 81, 100])('fits in %i columns', (width) => {
    const live = Array.from({ length: 9 }, (_, i) => exchangeJson(opened(exchange(`x${i}`))));
    for (const line of statusText({ ...RUNNING, live, demo: true, auth: false }, WORDS, at(width)).split(
      '\n',
    ))
      expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  it('obeys no control characters of clients', () => {
    const live = [exchangeJson({ ...exchange('x'), agent: '\u001b[2J', provider: null, asked: '\u202e' })];
    expect(statusText({ ...RUNNING, live }, WORDS, at(100))).toContain('\\x1b[2J');
  });
});

describe('status', () => {
  let home: TestHome;
  let gateway: Gateway | undefined;

  beforeEach(() => {
    home = temporaryHome();
  });
  afterEach(async () => {
    await gateway?.stop('SIGKILL');
    gateway = undefined;
    home.remove();
  });

  it('ends with 5 and says how to start it when it does not run', async () => {
    const { code, stdout, stderr } = await runCli(home, ['status']);
    expect(code).toBe(5);
    expect(stdout).toMatch(/○ not running\n(Agents .*\n)?Start it {2}.* serve\n$/);
    expect(stderr).toBe('');
  });

  it('gives programs the same keys whether it runs or not', async () => {
    const stopped = await runCli(home, ['status', '--json']);
    expect(stopped.code).toBe(5);
    expect(JSON.parse(stopped.stdout)).toMatchObject({
      running: false,
      pid: null,
      url: null,
      keys: [],
      live: [],
    });
    gateway = await startGateway(home);
    const running = await gateway.cli(['status', '--json']);
    expect(running.code).toBe(0);
    expect(JSON.parse(running.stdout)).toMatchObject({
      running: true,
      pid: gateway.child.pid,
      url: gateway.url,
    });
    expect(Object.keys(JSON.parse(stopped.stdout)).sort()).toEqual(
      Object.keys(JSON.parse(running.stdout)).sort(),
    );
    const some = await gateway.cli(['status', '--json=running,url']);
    expect(JSON.parse(some.stdout)).toEqual({ running: true, url: gateway.url });
    const unknown = await gateway.cli(['status', '--json=runing']);
    expect(unknown.code).toBe(2);
  });

  it('names agents of this machine, those that are set up first of all, and providers that were called', async () => {
    expect((await runCli(home, ['setup', 'claude', '-y'])).code).toBe(0);
    const port = Number(/:(\d+)/.exec(readFileSync(join(home.dir, '.claude', 'settings.json'), 'utf8'))?.[1]);
    const stopped = await runCli(home, ['status']);
    expect(port).toBe(8667);
    expect(stopped.stdout).toMatch(/^Agents {4}claude ● setup/m);
    gateway = await startGateway(home);
    await (
      await gateway.post('/v1/chat/completions', {
        model: 'demo/flaky',
        messages: [{ role: 'user', content: 'hi' }],
      })
    ).text();
    const { stdout } = await gateway.cli(['status']);
    expect(stdout).toMatch(/^Health {4}demo ▲ 50% answered/m);
    const row = JSON.parse((await gateway.cli(['status', '--json=agents,health'])).stdout);
    expect(row.agents).toContainEqual(expect.objectContaining({ id: 'claude', setUp: true }));
    expect(row.health).toEqual([expect.objectContaining({ provider: 'demo', answered: 1, failed: 1 })]);
  });

  it('never prints a key', async () => {
    gateway = await startGateway(home, [], { OPENAI_API_KEY: 'sk-secret-secret-secret-1234' });
    for (const args of [['status'], ['status', '--json']]) {
      const { stdout } = await gateway.cli(args);
      expect(stdout).toContain('openai');
      expect(stdout).not.toContain('secret-secret');
    }
  });

  it('waits for a server that is about to run', async () => {
    const env = { UNOROUTER_TOKEN: 'uno-of-this-test' };
    const waiting = runCli(home, ['status', '--wait', '15s'], { env });
    gateway = await startGateway(home, [], env);
    const { code, stdout } = await waiting;
    expect(code).toBe(0);
    expect(stdout).toContain(`pid ${gateway.child.pid}`);
  });

  it('gives up waiting, and refuses what is no duration', async () => {
    expect((await runCli(home, ['status', '--wait', '1ms'])).code).toBe(5);
    const { code, stderr } = await runCli(home, ['status', '--wait', 'long']);
    expect(code).toBe(2);
    expect(stderr).toContain('10s');
  });

  it('knows what today cost from the ledger when nothing runs', async () => {
    gateway = await startGateway(home);
    await gateway.post('/v1/chat/completions', { model: 'no-such-model', messages: [] });
    await gateway.stop();
    const { code, stdout } = await runCli(home, ['status', '--json']);
    expect(code).toBe(5);
    expect(JSON.parse(stdout).today).toMatchObject({ requests: 1, errors: 1 });
  });

  it('says so when the server at --url does not answer', async () => {
    const { code, stdout } = await runCli(home, ['status', '--url', 'http://127.0.0.1:9']);
    expect(code).toBe(5);
    expect(stdout).toContain('not running');
  });
});
