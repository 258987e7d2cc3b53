import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  BIN,
  type CliResult,
  runCli,
  serverGone,
  startGateway,
  type TestHome,
  temporaryHome,
} from '../support/cli.ts';

let home: TestHome;
let bin: string;
beforeEach(() => {
  home = temporaryHome();
  bin = join(home.dir, 'bin');
  mkdirSync(bin);
});
afterEach(async () => {
  await serverGone(home);
  home.remove();
});

const env = (): NodeJS.ProcessEnv => ({ PATH: `${bin}${delimiter}${process.env.PATH}` });

/** A program of this name that runs the body of an async function with `args` and `say` (a file that it adds lines to). */
function program(name: string, body: string): void {
  const said = JSON.stringify(join(home.dir, `${name}.said`));
  const file = join(bin, name);
  writeFileSync(
    file,
    `#!${process.execPath}
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const args = process.argv.slice(2);
const say = (line) => appendFileSync(${said}, JSON.stringify(line) + '\\n');
const ask = async (url, token, model) => (await (await fetch(url + '/v1/chat/completions', { method: 'POST', headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' }, body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }) })).json()).choices?.[0]?.message?.content;
(async () => {${body}})();
`,
  );
  chmodSync(file, 0o755);
}

const said = (name: string): unknown[] =>
  existsSync(join(home.dir, `${name}.said`))
    ? readFileSync(join(home.dir, `${name}.said`), 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
    : [];

const run = (args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  runCli(home, ['run', ...args], { env: { ...env(), ...more } });

const serverFile = (): string => join(home.dir, 'state', 'server.json');

/** Polls until something holds; the test's own timeout ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [BIN, 'run', ...args], {
    env: { ...home.env, ...env() },
    cwd: home.dir,
    stdio: 'ignore',
  });
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

describe('any command', () => {
  test('gets the usual variables, reaches the demo through a private server, and ends it with its own exit code', async () => {
    program(
      'script',
      `say(process.env.OPENAI_BASE_URL === process.env.OPENAI_API_BASE);
       say(await ask(process.env.ANTHROPIC_BASE_URL, process.env.ANTHROPIC_AUTH_TOKEN, 'demo/echo'));
       say(args); process.exitCode = 7;`,
    );
    const { code, stderr } = await run(['--', 'script', '--help', '-y', 'a b']);
    expect(stderr).toBe('');
    expect(code).toBe(7);
    expect(said('script')).toEqual([true, 'You said: hi', ['--help', '-y', 'a b']]);
    await serverGone(home);
  });

  test('is booked under its name and the name of the git repository', async () => {
    program('script', `await ask(process.env.ANTHROPIC_BASE_URL, process.env.OPENAI_API_KEY, 'demo/echo');`);
    const inside = join(home.dir, 'shop', 'src');
    mkdirSync(inside, { recursive: true });
    mkdirSync(join(home.dir, 'shop', '.git'));
    await runCli(home, ['run', '--', 'script'], { env: env(), cwd: inside });
    await run(['--project', 'a.b/c', '--', 'script']);
    const rows = JSON.parse((await runCli(home, ['logs', '--json'])).stdout);
    expect(rows.map(({ agent, project }: Record<string, string>) => [agent, project])).toEqual([
      ['script', 'a.b/c'],
      ['script', 'shop'],
    ]);
  });

  test('does not see keys that are meant for us, nor a proxy for this machine', async () => {
    program(
      'script',
      'say([process.env.UNOROUTER_OPENAI_API_KEY ?? null, process.env.NO_PROXY, process.env.KEPT]);',
    );
    await run(['--', 'script'], {
      UNOROUTER_OPENAI_API_KEY: 'sk-secret',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      NO_PROXY: 'example.org',
      KEPT: 'yes',
    });
    expect(said('script')).toEqual([[null, 'example.org,127.0.0.1,localhost,::1', 'yes']]);
  });

  test('that is ended by a signal ends like in a shell', async () => {
    program('script', `process.kill(process.pid, 'SIGKILL');`);
    expect((await run(['--', 'script'])).code).toBe(137);
  });
});

describe('the server', () => {
  test('that runs already is used, and goes on', async () => {
    program('script', 'say(process.env.ANTHROPIC_BASE_URL);');
    const gateway = await startGateway(home);
    expect((await gateway.cli(['run', '--', 'script'], { env: env() })).code).toBe(0);
    expect(said('script')).toEqual([gateway.url]);
    expect((await gateway.cli(['status', '--json=running'])).code).toBe(0);
    await gateway.stop();
  });

  test('that is private is shared by two runs, and ends with the last', async () => {
    const wait = (file: string) =>
      `say(process.env.ANTHROPIC_BASE_URL); while (!existsSync(${JSON.stringify(join(home.dir, file))})) await new Promise((r) => setTimeout(r, 20));`;
    program('first', wait('end-first'));
    program(
      'second',
      `${wait('end-second')} say(await ask(process.env.ANTHROPIC_BASE_URL, process.env.OPENAI_API_KEY, 'demo/echo'));`,
    );
    const first = start(['--', 'first']);
    await until(() => said('first').length > 0);
    const second = start(['--', 'second']);
    await until(() => said('second').length > 0);
    expect(said('second')).toEqual(said('first'));
    const firstEnded = ended(first);
    writeFileSync(join(home.dir, 'end-first'), '');
    expect(await firstEnded).toBe(0);
    const secondEnded = ended(second);
    writeFileSync(join(home.dir, 'end-second'), '');
    expect(await secondEnded).toBe(0);
    expect(said('second')[1]).toBe('You said: hi');
    await serverGone(home);
  });

  test('that is private ends also when its run is killed, and what the run left is removed by the next', async () => {
    program(
      'claude',
      `say(args[1]); while (existsSync(args[1])) await new Promise((r) => setTimeout(r, 20));`,
    );
    const child = start(['--model', 'demo/coder', '--', 'claude']);
    await until(() => said('claude').length > 0);
    const gone = ended(child);
    child.kill('SIGKILL');
    await gone;
    await serverGone(home);
    expect(existsSync(String(said('claude')[0]))).toBe(true);
    program('script', '');
    await run(['--', 'script']);
    expect(existsSync(String(said('claude')[0]))).toBe(false);
  });

  test('is not started with --no-serve: exit 5', async () => {
    program('script', 'say(1);');
    const { code, stderr } = await run(['--no-serve', '--', 'script']);
    expect(code).toBe(5);
    expect(stderr).toContain('[not_running]');
    expect(said('script')).toEqual([]);
  });

  test('that cannot start says why, with its own exit code', async () => {
    program('script', 'say(1);');
    home.writeConfig('defualt: x\n');
    const { code, stderr } = await run(['--', 'script']);
    expect(code).toBe(3);
    expect(stderr).toContain('[config_invalid]');
  });
});

describe('signals', () => {
  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    '%s goes on to the command, which decides what it means',
    async (signal) => {
      program(
        'script',
        `process.on('${signal}', () => process.exit(3)); say('ready'); setInterval(() => {}, 1000);`,
      );
      const child = start(['--', 'script']);
      await until(() => said('script').length > 0);
      const gone = ended(child);
      child.kill(signal);
      expect(await gone).toBe(3);
    },
  );
});

describe('what cannot be run', () => {
  test('an agent that is not installed is error 19, with the way to get it', async () => {
    const { code, stderr } = await runCli(home, ['run', '--', 'codex'], { env: { PATH: bin } });
    expect(code).toBe(127);
    expect(stderr).toBe(
      `error: codex is not installed  [agent_not_found] exit 127
  why  not on PATH, nor in ~/.local/bin, ~/.npm-global/bin
  fix  npm i -g @openai/codex     then  unorouter run -- codex
`,
    );
  });

  test('a mistyped agent is asked back', async () => {
    expect((await run(['--', 'cluade'])).stderr).toContain(
      'did you mean claude?     unorouter run -- claude',
    );
  });

  test('Cursor is refused with the reason', async () => {
    program('cursor', '');
    const { code, stderr } = await run(['--', 'cursor']);
    expect(code).toBe(1);
    expect(stderr).toContain("Cursor's own servers call the model");
  });

  test('an unknown model is told before anything starts', async () => {
    program('claude', 'say(1);');
    const { code, stderr } = await run(['--model', 'claude-opsu-4-5', '--', 'claude']);
    expect(code).toBe(9);
    expect(stderr).toContain('[unknown_model]');
    expect(said('claude')).toEqual([]);
  });

  test('an agent that needs a model is not started without one', async () => {
    program('opencode', 'say(1);');
    const { code, stderr } = await run(['--', 'opencode']);
    expect(code).toBe(2);
    expect(stderr).toContain('[no_model]');
    home.writeConfig('default: demo/coder\n');
    expect((await run(['--', 'opencode'])).code).toBe(0);
  });
});

describe('agents', () => {
  test('Claude Code gets a settings file that only its owner can read, and that is gone afterwards', async () => {
    program(
      'claude',
      `const { statSync } = require('node:fs');
       say(args[0]); say(args[1]); say(args.slice(2));
       say((statSync(args[1]).mode & 0o777).toString(8));
       say(JSON.parse(readFileSync(args[1], 'utf8')).env);
       say(process.env.ANTHROPIC_API_KEY);`,
    );
    await run(['--model', 'demo/coder', '--project', 'api', '--', 'claude', '-p', 'hi'], {
      ANTHROPIC_API_KEY: 'sk-ant-real',
    });
    const [flag, file, rest, mode, settings, key] = said('claude') as [
      string,
      string,
      string[],
      string,
      Record<string, string>,
      string,
    ];
    expect([flag, rest, mode, key]).toEqual(['--settings', ['-p', 'hi'], '600', '']);
    expect(settings).toMatchObject({ ANTHROPIC_API_KEY: '', ANTHROPIC_MODEL: 'demo/coder' });
    expect(settings.ANTHROPIC_AUTH_TOKEN).toMatch(/^uno-[a-z2-7]{26}\.claude\.api$/);
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(join(home.dir, 'state', 'run'))).toEqual([]);
  });

  test.each(['claude', 'codex', 'opencode', 'gemini', 'aider', 'qwen', 'pi', 'copilot'])(
    '%s is given the token, in no argument of any process, and none of its files is made',
    async (agent) => {
      program(
        agent,
        `const { readdirSync } = require('node:fs');
         const command = (pid) => { try { return readFileSync('/proc/' + pid + '/cmdline', 'utf8'); } catch { return ''; } };
         const lines = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).map(command) : args;
         const token = readFileSync(process.env.UNOROUTER_HOME + '/state/token', 'utf8').trim();
         const told = [...Object.values(process.env), ...args.filter((a) => existsSync(a)).map((a) => readFileSync(a, 'utf8'))];
         say(lines.some((line) => line.includes(token)));
         say(told.some((text) => text.includes(token + '.${agent}')));`,
      );
      expect((await run(['--model', 'demo/coder', '--', agent])).code).toBe(0);
      expect(said(agent)).toEqual([false, true]);
      const own = readdirSync(home.dir).filter((name) => name.startsWith('.'));
      expect(own).toEqual([]);
    },
  );

  test('Gemini CLI keeps its own files by links, and its settings stay as they are', async () => {
    const own = join(home.dir, '.gemini');
    mkdirSync(join(own, 'tmp'), { recursive: true });
    const settings =
      '{ // mine\n  "security": { "auth": { "selectedType": "oauth-personal" } }, "ui": {} }\n';
    writeFileSync(join(own, 'settings.json'), settings);
    writeFileSync(join(own, 'oauth_creds.json'), '{}');
    program(
      'gemini',
      `const { writeFileSync } = require('node:fs');
       const at = process.env.GEMINI_CLI_HOME + '/.gemini/';
       say(readFileSync(at + 'settings.json', 'utf8')); say(existsSync(at + 'oauth_creds.json'));
       writeFileSync(at + 'tmp/history', 'kept');`,
    );
    await run(['--', 'gemini', '-p', 'hi']);
    expect(said('gemini')).toEqual([settings.replace('oauth-personal', 'gemini-api-key'), true]);
    expect(readFileSync(join(own, 'settings.json'), 'utf8')).toBe(settings);
    expect(readFileSync(join(own, 'tmp', 'history'), 'utf8')).toBe('kept');
  });
});

describe('--print-env', () => {
  test('prints what would be set, starts nothing, and leaves out what lasts only for a session', async () => {
    program('gemini', 'say(1);');
    const { code, stdout } = await run(['--print-env', '--model', 'demo/coder', '--', 'gemini']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^export GOOGLE_GEMINI_BASE_URL='http:\/\/127\.0\.0\.1:8667'$/m);
    expect(stdout).toMatch(/^export GEMINI_API_KEY='uno-[a-z2-7]{26}\.gemini'$/m);
    expect(stdout).not.toContain('GEMINI_CLI_HOME');
    expect(said('gemini')).toEqual([]);
    expect(existsSync(serverFile())).toBe(false);
  });

  test('is JSON for programs, and says which arguments belong to it', async () => {
    program('codex', '');
    const { stdout, stderr } = await run(['--json', '--print-env', '--', 'codex']);
    expect(Object.keys(JSON.parse(stdout))).toEqual(['UNOROUTER_AGENT_TOKEN']);
    expect(stderr).toBe('');
    expect((await run(['--print-env', '--', 'codex'])).stderr).toContain('-c \'model_provider="unorouter"\'');
  });
});
