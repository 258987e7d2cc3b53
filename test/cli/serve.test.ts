import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  BIN,
  freePort,
  type Gateway,
  runCli,
  startGateway,
  type TestHome,
  temporaryHome,
} from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { createTerminal } from '../support/terminal.ts';

let home: TestHome;
let upstream: FakeUpstream;
const running: Gateway[] = [];

beforeEach(async () => {
  home = temporaryHome();
  upstream = await startFakeUpstream();
});
afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.stop('SIGKILL');
  await upstream.close();
  home.remove();
});

async function serve(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Gateway> {
  const gateway = await startGateway(home, args, env);
  running.push(gateway);
  return gateway;
}

const chat = (model: string, stream = false) => ({
  model,
  stream,
  messages: [{ role: 'user', content: 'hi' }],
});

/** A provider of our own whose answers the test decides. */
function useUpstream(): void {
  home.writeConfig(
    `providers:\n  fake:\n    url: ${upstream.url}/v1\n    protocol: openai-chat\n    auth: none\ncatalog: { refresh: false }\n`,
  );
}

/** An answer that begins and does not end. */
const HANGING = {
  headers: { 'content-type': 'text/event-stream' },
  pieces: [
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'slow', choices: [{ index: 0, delta: { content: 'Hello' } }] })}\n\n`,
  ],
  end: 'hang' as const,
};

/** Opens a stream and resolves when its first bytes are there; `rest` rejects when it is cut. */
async function beginStream(gateway: Gateway): Promise<{ rest: Promise<unknown> }> {
  const response = await gateway.post('/v1/chat/completions', chat('fake/slow', true));
  const reader = response.body?.getReader();
  await reader?.read();
  const rest = (async () => {
    while (reader && !(await reader.read()).done);
  })();
  rest.catch(() => undefined);
  return { rest };
}

describe('serve', () => {
  it('keeps the banner out of stdout and writes a line for each finished request there', async () => {
    const gateway = await serve();
    expect(gateway.stdout()).toBe('');
    expect(gateway.stderr()).toContain(`http://127.0.0.1:${gateway.port}/v1`);
    expect(gateway.stderr().trimEnd().split('\n').at(-1)).toBe('Ready. Waiting for requests.');
    await gateway.post('/v1/chat/completions', chat('demo/echo'));
    await gateway.says('asked=demo/echo');
    await gateway.says('\n');
    expect(gateway.stdout()).toMatch(/^id=\S+ time=\S+ .*asked=demo\/echo served=demo\/echo .*status=200 /);
    expect(gateway.stdout() + gateway.stderr()).not.toContain('\u001b');
  });

  it.skipIf(spawnSync('curl', ['--version']).error)(
    'prints a request that works when it is pasted into a shell',
    async () => {
      const gateway = await serve();
      const [command = ''] = /curl -N [\s\S]*?\}'\n/.exec(gateway.stderr()) ?? [];
      const shell = spawn('sh', ['-c', command], { env: home.env });
      let answer = '';
      shell.stdout.on('data', (bytes) => {
        answer += bytes;
      });
      await once(shell, 'close');
      expect(answer).toContain('data: [DONE]');
      expect(answer).toContain('demo/echo');
    },
  );

  it('writes JSON Lines with --format json, $UNOROUTER_FORMAT or --json', async () => {
    for (const [args, env] of [
      [['--format', 'json'], {}],
      [[], { UNOROUTER_FORMAT: 'json' }],
      [['--json'], {}],
    ] as const) {
      const gateway = await serve(args, env);
      await gateway.post('/v1/chat/completions', chat('demo/echo'));
      await gateway.says('"demo":true}\n');
      expect(JSON.parse(gateway.stdout())).toMatchObject({ asked: 'demo/echo', status: 200, outcome: 'ok' });
      await gateway.stop();
    }
  });

  it('writes rows of a table with --format table, uncut', async () => {
    const gateway = await serve(['--format', 'table']);
    await gateway.post('/v1/chat/completions', chat('no-such-model'));
    await gateway.says('\u21b3');
    expect(gateway.stdout()).toMatch(/^TIME +AGENT +MODEL/);
    expect(gateway.stdout()).toContain('unknown model "no-such-model"');
  });

  it('prints no banner with --quiet, but what is wrong', async () => {
    home.writeConfig('agents: { claude: {} }\n');
    const port = await freePort();
    const child = spawn(process.execPath, [BIN, 'serve', '-q', '--no-auth', '--port', String(port)], {
      env: home.env,
    });
    let stderr = '';
    child.stderr.on('data', (bytes) => {
      stderr += bytes;
    });
    const status = await runCli(home, ['status', '--wait', '15s']);
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(status.code).toBe(0);
    expect(stderr).not.toContain('Ready');
    expect(stderr).toContain('--no-auth');
    expect(stderr).toContain('agents are read but not applied');
  });

  it('shows no token where none is asked for, and says what that means', async () => {
    const gateway = await serve(['--no-auth']);
    expect(gateway.stderr()).not.toContain('authorization');
    expect(gateway.stderr()).toContain('every program on this machine');
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(chat('demo/echo')),
    });
    expect(answer.status).toBe(200);
  });

  it.each([
    ['--log', 'some', 'requests, all, errors, none'],
    ['--format', 'xml', 'auto, table, plain, logfmt, json'],
    ['--port', '99999', '65535'],
    ['--port', 'eighty', '65535'],
    ['--host', '0.0.0.0', '--insecure-http'],
  ])('refuses %s %s and says what it takes', async (flag, value, words) => {
    const { code, stdout, stderr } = await runCli(home, ['serve', flag, value]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
  });

  it('refuses a bad format in the environment', async () => {
    const { code, stderr } = await runCli(home, ['serve'], { env: { UNOROUTER_FORMAT: 'xml' } });
    expect(code).toBe(2);
    expect(stderr).toContain('$UNOROUTER_FORMAT');
  });

  it('explains the columns of the log in its help', async () => {
    const { code, stdout } = await runCli(home, ['serve', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Examples:/);
    expect(stdout).toContain('ABT the client went away');
    expect(stdout).toContain('requests, all (token counts, too), errors or none');
  });

  it('says that it runs already', async () => {
    const gateway = await serve();
    const second = await gateway.cli(['serve']);
    expect(second.code).toBe(6);
    expect(second.stderr).toContain('already running');
  });

  it('takes another port only with --any-port', async () => {
    const gateway = await serve();
    const other = temporaryHome();
    try {
      const refused = await runCli(other, ['serve', '--port', String(gateway.port)]);
      expect(refused.code).toBe(6);
      const hopping = spawn(process.execPath, [BIN, 'serve', '--any-port', '--port', String(gateway.port)], {
        env: other.env,
      });
      const status = await runCli(other, ['status', '--wait', '15s', '--json=url']);
      hopping.kill('SIGTERM');
      await once(hopping, 'close');
      expect(JSON.parse(status.stdout).url).not.toBe(gateway.url);
    } finally {
      other.remove();
    }
  });

  it('answers everything by the demo with --demo, and says so', async () => {
    const gateway = await serve(['--demo']);
    expect(gateway.stderr()).toContain('the built-in demo answers every model name');
    const answer = await gateway.post('/v1/chat/completions', chat('gpt-5'));
    expect(answer.status).toBe(200);
    await gateway.says('demo=true');
  });

  it('takes the default model from --model, then from $UNOROUTER_MODEL', async () => {
    const gateway = await serve(['--model', 'demo/echo'], { UNOROUTER_MODEL: 'demo/coder' });
    await gateway.post('/v1/chat/completions', chat('default'));
    await gateway.says('served=demo/echo');
    await gateway.stop();
    const other = await serve([], { UNOROUTER_MODEL: 'demo/coder' });
    await other.post('/v1/chat/completions', chat('default'));
    await other.says('served=demo/coder');
  });

  it('goes on when the reader of its log is gone', async () => {
    const gateway = await serve();
    gateway.child.stdout.destroy();
    for (let i = 0; i < 5; i++)
      expect((await gateway.post('/v1/chat/completions', chat('demo/echo'))).status).toBe(200);
    expect(await gateway.stop()).toBe(0);
    expect(gateway.stderr()).toContain('5 demo requests');
  });

  it('goes on when its terminal is gone, too', async () => {
    const gateway = await serve();
    gateway.child.stdout.destroy();
    gateway.child.stderr.destroy();
    home.writeConfig('unknown_model: default\n');
    expect((await gateway.post('/v1/chat/completions', chat('demo/echo'))).status).toBe(200);
    expect(await gateway.stop()).toBe(0);
  });
});

describe.skipIf(process.platform === 'win32')('the end of serve', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'is 0 after %s when nothing is live, with a summary',
    async (signal) => {
      const gateway = await serve();
      await gateway.post('/v1/chat/completions', chat('demo/echo'));
      expect(await gateway.stop(signal)).toBe(0);
      expect(gateway.stderr()).toMatch(/\nStopped\. 1 demo request in \d/);
      expect((await runCli(home, ['status'])).code).toBe(5);
    },
  );

  it('waits for live requests', async () => {
    useUpstream();
    upstream.answer(HANGING);
    const gateway = await serve();
    await beginStream(gateway);
    gateway.child.kill('SIGINT');
    await gateway.says('Finishing 1 live request (Ctrl-C again to drop it)');
    await upstream.close();
    await gateway.says('Stopped. 1 request in');
    if (gateway.child.exitCode === null) await once(gateway.child, 'exit');
    expect(gateway.child.exitCode).toBe(0);
  });

  it('drops them at a second signal', async () => {
    useUpstream();
    upstream.answer(HANGING);
    const gateway = await serve();
    const { rest } = await beginStream(gateway);
    gateway.child.kill('SIGINT');
    await gateway.says('Finishing 1 live request');
    expect(await gateway.stop('SIGTERM')).toBe(143);
    await upstream.waitForAbort();
    await rest.catch(() => undefined);
    expect(gateway.stderr()).toContain('Stopped. 1 request');
  });
});

/** `script` of util-linux gives a command a terminal. */
const script = spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' });

describe.skipIf(process.platform !== 'linux' || script.status !== 0)('serve on a terminal', () => {
  it('draws rows in place, ends at one Ctrl-C and leaves the terminal as it was', async () => {
    const port = await freePort();
    const terminal = createTerminal(100);
    const command = `stty cols 100 rows 24; exec ${process.execPath} ${BIN} serve --port ${port}`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...home.env, TERM: 'xterm', SHELL: '/bin/sh' },
    });
    let raw = '';
    const heard: (() => void)[] = [];
    child.stdout.on('data', (bytes) => {
      raw += bytes;
      for (const one of heard) one();
    });
    const says = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (raw.includes(text)) resolve();
        };
        heard.push(look);
        look();
      });
    await says('Ready.');
    const token = (await runCli(home, ['token'])).stdout.trim();
    await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(chat('demo/echo')),
    });
    await says('1 demo');
    child.stdin.write('\u0003');
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    terminal.write(raw);
    expect(terminal.overflows()).toBe(0);
    const lines = terminal.text().split('\n');
    expect(lines.filter((line) => line.includes('demo/echo ')).length).toBe(1);
    expect(lines.at(-1)).toMatch(/^Stopped\. 1 demo request in /);
    expect(terminal.text()).not.toContain('─'.repeat(100));
    expect(raw).not.toContain('\u001b[?25l');
  });
});
