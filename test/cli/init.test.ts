import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCli, serverGone, type TestHome } from '../support/cli.ts';
import { home, widest } from '../support/home.ts';
import { inKeychain, realKeychain, withKeychain } from '../support/keyring.ts';
import { hasPty, KEYS, onTerminal } from '../support/pty.ts';

const KEY = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123';

/** An agent that is installed and says nothing. */
function installed(at: TestHome, name: string): NodeJS.ProcessEnv {
  const bin = join(at.dir, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), '#!/bin/sh\n');
  chmodSync(join(bin, name), 0o755);
  return { PATH: `${bin}:/usr/bin:/bin` };
}

describe('init where nobody can be asked', () => {
  it('says of each step what there is and which command does the rest, and writes nothing', async () => {
    const at = home();
    const { code, stdout, stderr } = await runCli(at, ['init'], { env: installed(at, 'codex') });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1\/4 Keys {6}[●○] /);
    expect(stdout).toContain('2/4 Default   ○ none; agents that name a model need none');
    expect(stdout).toContain('unorouter use <model>');
    expect(stdout).toContain('3/4 Agent     ○ found: codex');
    expect(stdout).toContain('unorouter run -- codex');
    expect(stdout).toContain('4/4 Test      ○ not sent: "Say hi" to demo/echo');
    expect(stderr).toContain('Nothing was written.');
    expect(existsSync(at.configFile)).toBe(false);
    expect(existsSync(join(at.dir, '.codex'))).toBe(false);
    expect(existsSync(join(at.dir, 'state'))).toBe(false);
  });

  it('names keys by their variable and never shows one; with --json each step is a row', async () => {
    const at = home('default: gpt-5\n');
    const { code, stdout } = await runCli(at, ['init', '--no-input', '--json'], {
      env: { OPENAI_API_KEY: KEY, PATH: '/usr/bin:/bin' },
    });
    expect(code).toBe(0);
    expect(stdout).not.toContain(KEY);
    const rows = JSON.parse(stdout);
    expect(rows.map(({ step }: { step: string }) => step)).toEqual(['keys', 'default', 'agent', 'test']);
    expect(rows[0]).toMatchObject({ done: true, text: expect.stringContaining('openai ($OPENAI_API_KEY)') });
    expect(rows[1]).toEqual({ step: 'default', done: true, text: 'gpt-5 (openai)', command: null });
  });

  it('with -y sends a real request, and changes no agent', async () => {
    const at = home();
    const { code, stdout } = await runCli(at, ['init', '-y'], { env: installed(at, 'claude') });
    expect(code).toBe(0);
    expect(stdout).toMatch(/4\/4 Test {6}● "Say hi" → demo\/echo: 200, \d+\.\ds, "You said: Say hi"/);
    expect(existsSync(join(at.dir, '.claude'))).toBe(false);
    await serverGone(at);
  });

  it('fits in 60 columns, and tells a mistake in the configuration without ending', async () => {
    const at = home('defualt: gpt-5\n');
    const { code, stdout } = await runCli(at, ['init', '--width', '60']);
    expect(code).toBe(0);
    expect(widest(stdout)).toBeLessThanOrEqual(60);
    expect(stdout.match(/^\d\/4 /gm)).toHaveLength(4);
  });
});

/** Something at an address that lets itself be attached to and answers everything else as a test wants. */
function listening(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/api/attach') response.flushHeaders();
    else request.resume().on('end', () => answer(response));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

describe('the request that init sends', () => {
  const init = (url: string) =>
    runCli(home(), ['init', '-y', '--url', url], { env: { PATH: '/usr/bin:/bin' } });

  it('reads letters that arrive in two parts', async () => {
    // Blanks of three bytes, shown as one: more than fit into one read, and no power of two is a multiple of three.
    const content = `grüß${'\u3000'.repeat(200_000)}dich`;
    const url = await listening((response) =>
      response.end(JSON.stringify({ choices: [{ message: { content } }] })),
    );
    expect((await init(url)).stdout).toMatch(/200, \d+\.\ds, "grüß dich"/);
  });

  it('tells of an answer that breaks off, as of one that never comes, and init ends well', async () => {
    const url = await listening((response) => {
      response.write('{"choices"', () => response.destroy());
    });
    const { code, stdout, stderr } = await init(url);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('bug') });
    expect(stdout).toContain('4/4 Test      ○ "Say hi" → demo/echo: no answer (');
  });
});

it('a server that breaks off while it answers a command is not running, which is no bug', async () => {
  const url = await listening((response) => {
    response.write('{"pid"', () => response.destroy());
  });
  const { code, stderr } = await runCli(home(), ['stop', '--url', url]);
  expect(code).toBe(5);
  expect(stderr).toContain('[not_running]');
});

describe.skipIf(!hasPty)('init on a terminal', () => {
  it('sets a default, connects an agent after showing the change, and sends a test', async () => {
    const at = home();
    const env = { ...installed(at, 'claude'), OPENAI_API_KEY: KEY };
    const wizard = onTerminal(at, ['init'], { env });
    await wizard.says('Which model answers "default"?');
    wizard.type('gpt-5-mini');
    await wizard.says('gpt-5-mini');
    wizard.type(KEYS.down + KEYS.enter);
    await wizard.says('2/4 Default');
    await wizard.says('Connect which agents');
    wizard.type(KEYS.space + KEYS.enter);
    await wizard.says('ANTHROPIC_BASE_URL');
    await wizard.says('Write?');
    wizard.type('y');
    await wizard.says('claude (connected)');
    await wizard.says('Send "Say hi"');
    wizard.type('n');
    await wizard.says('not sent');
    expect(await wizard.ended).toBe(0);
    expect(readFileSync(at.configFile, 'utf8')).toMatch(/^default: .*gpt-5-mini/m);
    expect(readFileSync(join(at.dir, '.claude', 'settings.json'), 'utf8')).toContain('ANTHROPIC_BASE_URL');
    expect(wizard.text()).not.toContain(KEY);
  });

  it('Ctrl-C at a step keeps what was done before, and says so with exit 130', async () => {
    const at = home();
    const wizard = onTerminal(at, ['init'], { env: { ...installed(at, 'claude'), OPENAI_API_KEY: KEY } });
    await wizard.says('Which model answers "default"?');
    wizard.type('gpt-5-mini');
    await wizard.says('gpt-5-mini');
    wizard.type(KEYS.down + KEYS.enter);
    await wizard.says('Connect which agents');
    wizard.type(KEYS.space + KEYS.enter);
    await wizard.says('Write?');
    wizard.type(KEYS.interrupt);
    expect(await wizard.ended).toBe(130);
    expect(wizard.text()).toContain('stopped at step 3 of 4; what was done before stays');
    expect(readFileSync(at.configFile, 'utf8')).toMatch(/^default: /m);
    expect(existsSync(join(at.dir, '.claude'))).toBe(false);
    const again = await runCli(at, ['init'], { env: { OPENAI_API_KEY: KEY, PATH: '/usr/bin:/bin' } });
    expect(again.stdout).toContain('2/4 Default   ● gpt-5-mini');
  });

  it('every step can be skipped with Enter, at 60 columns, too', async () => {
    const at = home();
    const wizard = onTerminal(at, ['init'], {
      columns: 60,
      env: { ...installed(at, 'codex'), OPENAI_API_KEY: KEY },
    });
    await wizard.says('Which model answers "default"?');
    wizard.type(KEYS.enter);
    await wizard.says('Connect which agents');
    wizard.type(KEYS.enter);
    await wizard.says('Send "Say hi"');
    wizard.type(KEYS.enter);
    await wizard.says('demo/echo: 200');
    expect(await wizard.ended).toBe(0);
    expect(existsSync(at.configFile)).toBe(false);
    await serverGone(at);
  });
});

describe.runIf(realKeychain && hasPty)(`init ${inKeychain}`, () => {
  it('copies a key that it finds, after asking, and does not ask for it again', async () => {
    const at = home();
    const user: TestHome = {
      ...at,
      env: { ...withKeychain(at), OPENAI_API_KEY: KEY, PATH: '/usr/bin:/bin' },
    };
    const wizard = onTerminal(user, ['init']);
    await wizard.says('Copy which into the keychain?');
    wizard.type(KEYS.enter);
    await wizard.says('openai (keychain)');
    wizard.type(KEYS.interrupt);
    expect(await wizard.ended).toBe(130);
    expect((await runCli(user, ['keys', 'list', '--json'])).stdout).toContain('"source": "keychain"');
    expect((await runCli(user, ['init'])).stdout).not.toContain('not stored');
  });
});
