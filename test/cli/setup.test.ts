import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliResult, runCli, startGateway, type TestHome, temporaryHome } from '../support/cli.ts';

let home: TestHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.remove());

const setup = (...args: string[]): Promise<CliResult> => runCli(home, ['setup', ...args]);
const path = (name: string): string => join(home.dir, name);
const read = (name: string): string => readFileSync(path(name), 'utf8');

function write(name: string, text: string): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
}

const CLAUDE = '.claude/settings.json';
const MINE = '{\n  // mine\n  "model": "opus"\n}\n';

describe('setup AGENT', () => {
  test('shows the changes without the token, writes with -y, says how to start and how to go back', async () => {
    write(CLAUDE, MINE);
    const { code, stdout, stderr } = await setup('claude', '-y');
    expect(code).toBe(0);
    expect(stdout).toContain('+     "ANTHROPIC_AUTH_TOKEN": "uno-….claude"');
    expect(stdout).not.toMatch(/uno-[a-z2-7]{26}/);
    expect(stderr).toContain('Start it: claude');
    expect(stderr).toContain('Undo: unorouter setup claude --undo');
    expect(read(CLAUDE)).toContain('  // mine\n  "model": "opus",\n');
    expect(read(CLAUDE)).toMatch(/"ANTHROPIC_AUTH_TOKEN": "uno-[a-z2-7]{26}\.claude"/);
  });

  test('writes nothing with --dry-run or --print, nor where nobody can be asked', async () => {
    write(CLAUDE, MINE);
    expect((await setup('claude', '--dry-run')).code).toBe(0);
    const printed = await setup('claude', '--print');
    expect(printed.stdout).toMatch(/^# ~\/\.claude\/settings\.json\n\{\n {2}\/\/ mine\n/);
    expect(printed.stdout).toMatch(/uno-[a-z2-7]{26}\.claude/);
    const { code, stderr } = await setup('claude');
    expect(code).toBe(2);
    expect(stderr).toContain('unorouter setup claude -y');
    expect(read(CLAUDE)).toBe(MINE);
    expect(existsSync(path('state/undo'))).toBe(false);
  });

  test('is checked with the token from the file where a server runs, and says when it is not', async () => {
    expect((await setup('claude', '-y')).stderr).toContain('not checked, as no unorouter runs');
    await setup('claude', '--undo');
    const gateway = await startGateway(home);
    const { stderr } = await gateway.cli(['setup', 'claude', '-y']);
    expect(stderr).toContain('Done and checked');
    const json = await gateway.cli(['setup', 'codex', '-y', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      agent: 'codex',
      url: gateway.url,
      written: true,
      reached: true,
      start: 'codex --profile unorouter',
    });
    await gateway.stop();
    expect(gateway.stderr()).toContain(
      'Claude Code and Codex CLI are still configured for this address: unorouter setup --undo',
    );
  });

  test('the second time there is nothing to do', async () => {
    await setup('claude', '-y');
    const { code, stdout } = await setup('claude', '-y');
    expect(code).toBe(0);
    expect(stdout).toBe('Claude Code says all of it already.\n');
    expect(readdirSync(path('state/undo'))).toHaveLength(1);
  });

  test('of a project goes into the file that is not committed, and only where there is such a file', async () => {
    mkdirSync(path('.git'));
    await setup('claude', '--scope', 'project', '-y');
    expect(existsSync(path(CLAUDE))).toBe(false);
    expect(read('.claude/settings.local.json')).toMatch(/uno-[a-z2-7]{26}\.claude\.unorouter-test-/);
    const { code, stderr } = await setup('codex', '--scope', 'project');
    expect(code).toBe(2);
    expect(stderr).toContain('Codex CLI has no scope "project", only user');
  });

  test('a file that cannot be read is not touched', async () => {
    write(CLAUDE, '{ "env": ');
    const { code, stderr } = await setup('claude', '-y');
    expect(code).toBe(1);
    expect(stderr).toContain('line 1 is not valid JSON');
    expect(read(CLAUDE)).toBe('{ "env": ');
    expect(existsSync(path('state/undo'))).toBe(false);
  });

  test.each(['cline', 'copilot', 'vscode'])(
    '%s has no file: its fields are printed, and nothing is asked',
    async (agent) => {
      const { code, stdout } = await setup(agent, '--model', 'demo/coder');
      expect(code).toBe(0);
      expect(stdout).toContain('http://127.0.0.1:8667/v1');
      expect(stdout).toMatch(new RegExp(`uno-[a-z2-7]{26}\\.${agent}`));
    },
  );

  test('Cursor is error 23, an unknown agent a wrong usage with the nearest name', async () => {
    expect(await setup('cursor')).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: Cursor cannot use a local address  [agent_unsupported] exit 1
  why  Cursor's own servers call the model and block private addresses (ssrf_blocked)
  fix  use claude, codex, opencode, cline, aider …; a public tunnel would expose your budget
`,
    });
    const { code, stderr } = await setup('cluade');
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean claude?');
  });

  test('an agent that works with one model needs one', async () => {
    const { code, stderr } = await setup('opencode');
    expect(code).toBe(2);
    expect(stderr).toContain('[no_model]');
  });
});

describe('setup --undo', () => {
  test('gives every file back to the byte, of all agents at once', async () => {
    write(CLAUDE, MINE);
    write('.codex/config.toml', '# mine\r\nmodel = "gpt-5"\r\n');
    await setup('claude', '-y');
    await setup('codex', '-y', '--model', 'demo/coder');
    const { code, stdout } = await setup('--undo');
    expect(code).toBe(0);
    expect(stdout).toContain('~/.claude/settings.json   restored to the byte');
    expect(stdout).toContain('~/.codex/unorouter.config.toml   removed');
    expect(read(CLAUDE)).toBe(MINE);
    expect(read('.codex/config.toml')).toBe('# mine\r\nmodel = "gpt-5"\r\n');
    expect(readdirSync(path('.codex'))).toEqual(['config.toml']);
    expect((await setup('--undo')).stderr).toContain('nothing to undo');
  });

  test('of a file that was edited since shows what would go, and asks', async () => {
    write(CLAUDE, MINE);
    await setup('claude', '-y');
    write(CLAUDE, read(CLAUDE).replace('opus', 'sonnet'));
    const asked = await setup('claude', '--undo');
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain('-     "ANTHROPIC_AUTH_TOKEN": "uno-….claude"');
    expect(asked.stderr).toContain('[undo_conflict]');
    expect(read(CLAUDE)).toContain('ANTHROPIC_AUTH_TOKEN');
    expect((await setup('claude', '--undo', '-y')).code).toBe(0);
    expect(read(CLAUDE)).toBe(MINE.replace('opus', 'sonnet'));
  });

  test('with --json tells which files', async () => {
    await setup('claude', '-y');
    expect(JSON.parse((await setup('--undo', '--json')).stdout)).toEqual({
      agents: ['claude'],
      files: [{ file: path(CLAUDE), removed: true, edited: false }],
    });
  });
});

describe('setup, setup --check', () => {
  test('lists every agent, and fits in 60 columns', async () => {
    await setup('claude', '-y');
    const { code, stdout } = await setup('--width', '60');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^claude +.*● ~\/\.claude\/settings\.json$/m);
    expect(stdout).toMatch(/^cursor /m);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
    const [claude] = JSON.parse((await setup('--json=id,connected,setUp')).stdout);
    expect(claude).toEqual({ id: 'claude', connected: true, setUp: true });
  });

  test('fails with the place that wins over ours', async () => {
    await setup('claude', '-y');
    expect((await setup('--check')).code).toBe(0);
    write(
      '.claude/settings.local.json',
      '{\n  "env": { "ANTHROPIC_BASE_URL": "http://127.0.0.1:3456" }\n}\n',
    );
    const { code, stderr } = await setup('--check');
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: Claude Code would not come through unorouter  [setup_overridden] exit 1
  why  ~/.claude/settings.local.json line 2 sets ANTHROPIC_BASE_URL and wins
  fix  unorouter setup claude --scope project
       or for one session: unorouter run -- claude
`,
    );
  });

  test('of an agent that was never connected fails and says how', async () => {
    const { code, stderr } = await setup('gemini', '--check');
    expect(code).toBe(1);
    expect(stderr).toContain('unorouter setup gemini');
  });
});

test('token rotate rewrites the agents that were set up, and they can still be undone', async () => {
  write(CLAUDE, MINE);
  await setup('claude', '-y');
  const old = read('state/token').trim();
  const { stdout, stderr } = await runCli(home, ['token', 'rotate']);
  expect(stderr).toContain('Agents that were set up show the new one: claude');
  expect(read(CLAUDE)).toContain(`${stdout.trim()}.claude`);
  expect(read(CLAUDE)).not.toContain(old);
  await setup('--undo');
  expect(read(CLAUDE)).toBe(MINE);
});
