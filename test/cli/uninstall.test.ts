import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, startGateway, type TestHome } from '../support/cli.ts';
import { home, widest } from '../support/home.ts';
import { inKeychain, realKeychain, withKeychain } from '../support/keyring.ts';
import { hasPty, KEYS, onTerminal } from '../support/pty.ts';

const CLAUDE = '.claude/settings.json';
const MINE = '{\n  // mine\n  "model": "opus"\n}\n';
const KEY = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123';

function write(at: TestHome, name: string, text: string): void {
  mkdirSync(dirname(join(at.dir, name)), { recursive: true });
  writeFileSync(join(at.dir, name), text);
}
const read = (at: TestHome, name: string): string => readFileSync(join(at.dir, name), 'utf8');

/** A home where two agents are set up, a key is stored and requests were configured. */
async function used(): Promise<TestHome> {
  const at = home('default: demo/coder\n');
  write(at, CLAUDE, MINE);
  for (const agent of ['claude', 'codex']) expect((await runCli(at, ['setup', agent, '-y'])).code).toBe(0);
  const added = ['keys', 'add', 'openai', '--stdin', '--no-test', '--store', 'file'];
  expect((await runCli(at, added, { input: KEY })).code).toBe(0);
  return at;
}

describe('uninstall', () => {
  it('--dry-run shows every file, key and directory, and changes nothing, at 60 columns, too', async () => {
    const at = await used();
    const before = read(at, CLAUDE);
    const { code, stdout } = await runCli(at, ['uninstall', '--dry-run', '--width', '60']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^claude {4}~\/\.claude\/settings\.json {3}restored to the byte$/m);
    expect(stdout).toMatch(/^codex {5}~\/\.codex\/config\.toml {3}removed$/m);
    expect(stdout).toMatch(/^keys {6}openai {3}only if you say so$/m);
    expect(stdout).toContain('~/config.yaml   only if you say so');
    expect(widest(stdout)).toBeLessThanOrEqual(60);
    expect(read(at, CLAUDE)).toBe(before);
    expect((await runCli(at, ['uninstall'])).code).toBe(2);
    expect(read(at, CLAUDE)).toBe(before);
  });

  it('gives agents their exact bytes back; with --keep-data keys and configuration stay', async () => {
    const at = await used();
    const { code, stdout, stderr } = await runCli(at, ['uninstall', '--keep-data', '-y']);
    expect(code).toBe(0);
    expect(read(at, CLAUDE)).toBe(MINE);
    expect(existsSync(join(at.dir, '.codex'))).toBe(false);
    expect(read(at, 'config.yaml')).toBe('default: demo/coder\n');
    expect(read(at, 'state/keys.yaml')).toContain(KEY);
    expect(stdout).toContain('● As they were before: codex, claude.');
    expect(stderr).toContain('the keys for openai');
    expect(stderr).toContain('The program: npm uninstall --global unorouter');
  });

  it('-y deletes keys, configuration and data, and nothing that is not ours', async () => {
    const at = await used();
    write(at, 'state/holiday.txt', 'mine');
    const { code, stdout } = await runCli(at, ['uninstall', '-y', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      agents: [
        { agent: 'codex', undone: true },
        { agent: 'claude', undone: true, files: [{ removed: false, edited: false }] },
      ],
      keys: [{ provider: 'openai', deleted: true }],
      service: null,
    });
    expect(stdout).not.toContain(KEY);
    expect(readdirSync(at.dir).sort()).toEqual(['.claude', 'state']);
    expect(readdirSync(join(at.dir, 'state'))).toEqual(['holiday.txt']);
    const again = await runCli(at, ['uninstall', '-y']);
    expect(again).toMatchObject({ code: 0, stdout: 'Nothing of unorouter is on this machine.\n' });
  });

  it('takes only our lines out of a file that was edited since', async () => {
    const at = await used();
    write(at, CLAUDE, read(at, CLAUDE).replace('"opus"', '"sonnet"'));
    const { code, stderr } = await runCli(at, ['uninstall', '-y', '--keep-data']);
    expect(code).toBe(0);
    expect(stderr).toContain('Changed since; only what is ours goes:');
    expect(read(at, CLAUDE)).toContain('"sonnet"');
    expect(read(at, CLAUDE)).not.toContain('ANTHROPIC_BASE_URL');
  });

  it('keeps every backup while a file cannot be restored, and says so with exit 1', async () => {
    const at = await used();
    write(at, CLAUDE, 'this is { no JSON');
    const { code, stderr } = await runCli(at, ['uninstall', '-y']);
    expect(code).toBe(1);
    expect(stderr).toContain('[undo_conflict]');
    expect(existsSync(join(at.dir, '.codex'))).toBe(false);
    expect(readdirSync(join(at.dir, 'state', 'undo'))).toHaveLength(1);
  });

  it('stops the running server before its files go', async () => {
    const gateway = await startGateway(home());
    const gone = new Promise((resolve) => gateway.child.once('exit', resolve));
    const { code, stdout } = await gateway.cli(['uninstall', '-y']);
    expect(await gone).toBe(0);
    expect(code).toBe(0);
    expect(stdout).toContain('● The server has stopped.');
    expect(existsSync(join(gateway.home.dir, 'state'))).toBe(false);
  });
});

/** A service manager that ends the server when it is told to, and waits for its end, as systemd does. */
function managerEnding(at: TestHome, pid: number | undefined): NodeJS.ProcessEnv {
  const bin = join(at.dir, 'bin');
  write(at, '.config/systemd/user/unorouter.service', '[Unit]\n');
  write(at, 'bin/systemctl', `#!/bin/sh\nkill ${pid}\nwhile kill -0 ${pid}; do sleep 0.05; done\n`);
  chmodSync(join(bin, 'systemctl'), 0o755);
  return { PATH: `${bin}:${process.env.PATH}` };
}

it.runIf(process.platform === 'linux')('goes on to the end where the service was the server', async () => {
  const gateway = await startGateway(home());
  const env = managerEnding(gateway.home, gateway.child.pid);
  const { code, stdout } = await gateway.cli(['uninstall', '-y', '--json'], { env });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ service: { removed: true }, server: { stopped: true } });
  expect(existsSync(join(gateway.home.dir, 'state'))).toBe(false);
});

describe.skipIf(!hasPty)('uninstall on a terminal', () => {
  it('asks for each part, and Enter is always no', async () => {
    const at = await used();
    const first = onTerminal(at, ['uninstall']);
    await first.says('Undo all of this?');
    first.type(KEYS.enter);
    expect(await first.ended).toBe(1);
    expect(read(at, CLAUDE)).toContain('ANTHROPIC_BASE_URL');
    const second = onTerminal(at, ['uninstall']);
    await second.says('Undo all of this?');
    second.type('y');
    await second.says('Delete the stored keys (openai)?');
    second.type(KEYS.enter);
    expect(await second.ended).toBe(0);
    expect(read(at, CLAUDE)).toBe(MINE);
    expect(read(at, 'state/keys.yaml')).toContain(KEY);
    expect(second.text()).toContain('the keys for openai');
  });
});

describe.runIf(realKeychain)(`uninstall ${inKeychain}`, () => {
  it('takes the keys out of the keychain', async () => {
    const at = home();
    const user = { ...at, env: withKeychain(at) };
    const add = ['keys', 'add', 'openai', '--stdin', '--no-test'];
    expect((await runCli(user, add, { input: KEY })).code).toBe(0);
    expect((await runCli(user, ['uninstall', '-y'])).code).toBe(0);
    expect((await runCli(user, ['keys', 'list', '--json'])).stdout).not.toContain('keychain');
    expect(existsSync(join(at.dir, 'state'))).toBe(false);
  });
});
