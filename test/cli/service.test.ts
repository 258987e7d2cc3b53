import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { launchdPlist, systemdUnit, taskXml } from '../../src/cli/commands/service/units.ts';
import { type CliResult, runCli, type TestHome } from '../support/cli.ts';
import { home } from '../support/home.ts';
import { expectError } from './support/situations.ts';

const JOB = {
  node: '/opt/node 20/bin/node',
  script: '/opt/un"o$rou%ter/bin/unorouter.js',
  env: { PATH: '/usr/bin:/bin', UNOROUTER_HOME: '/home/ann & bob' },
  logFile: '/home/ann/state/service.log',
};

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const GOLDEN = fileURLToPath(new URL('../golden/service/', import.meta.url));

describe('the text of a service', () => {
  it.each([
    ['unorouter.service', systemdUnit],
    ['unorouter.serve.plist', launchdPlist],
    ['unorouter.xml', taskXml],
  ])('%s quotes blanks, quotes and signs as its manager wants them', (name, text) => {
    const file = join(GOLDEN, name);
    if (process.env.UNOROUTER_UPDATE_GOLDEN === '1') writeFileSync(file, text(JOB));
    expect(text(JOB)).toBe(readFileSync(file, 'utf8'));
  });
});

/** A service manager that writes down what it is told, and does what a test wants. */
function manager(at: TestHome, exit = 0): { env: NodeJS.ProcessEnv; calls(): string[] } {
  const bin = join(at.dir, 'bin');
  const log = join(at.dir, 'calls.txt');
  mkdirSync(bin);
  for (const name of ['systemctl', 'journalctl']) {
    const file = join(bin, name);
    writeFileSync(
      file,
      `#!/bin/sh\necho "${name} $*" >> ${log}\necho "said \\033[31mred"\necho sorry >&2\nexit ${exit}\n`,
    );
    chmodSync(file, 0o755);
  }
  return {
    env: { PATH: `${bin}:${process.env.PATH}` },
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []),
  };
}

const service = (at: TestHome, args: string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  runCli(at, ['service', ...args], { env });
const unitOf = (at: TestHome): string => join(at.dir, '.config', 'systemd', 'user', 'unorouter.service');

describe.runIf(process.platform === 'linux')('service', () => {
  it('refuses out of the cache of npx, which npx empties, and says what to do', async () => {
    const at = home();
    const { env, calls } = manager(at);
    // As npx lays it out: the package below a folder of its cache, and a link in its .bin that is started.
    const cache = join(at.dir, '.npm', '_npx', '0123456789abcdef', 'node_modules');
    mkdirSync(join(cache, '.bin'), { recursive: true });
    symlinkSync(PACKAGE, join(cache, 'unorouter'));
    const started = join(cache, '.bin', 'unorouter');
    symlinkSync(join('..', 'unorouter', 'bin', 'unorouter.js'), started);
    await expectError(
      (...flags) =>
        new Promise((resolve) =>
          execFile(
            process.execPath,
            [started, 'service', 'install', '-y', ...flags],
            { env: { ...at.env, ...env }, cwd: at.dir },
            (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
          ),
        ),
      { code: 'not_installed_for_good', fix: 'npm install --global unorouter' },
    );
    expect(existsSync(unitOf(at))).toBe(false);
    expect(calls()).toEqual([]);
  });

  it('shows the file and the commands, and does nothing with --dry-run or without consent', async () => {
    const at = home();
    const { env, calls } = manager(at);
    const shown = await service(at, ['install', '--dry-run'], env);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain(`writes ${unitOf(at)}\n  [Unit]\n`);
    expect(shown.stdout).toContain(`Environment="UNOROUTER_HOME=${at.dir}"`);
    expect(shown.stdout).toContain('runs systemctl --user enable --now unorouter.service');
    expect((await service(at, ['install'], env)).code).toBe(2);
    expect(existsSync(unitOf(at))).toBe(false);
    expect(calls()).toEqual([]);
    const row = JSON.parse((await service(at, ['install', '--dry-run', '--json=file,done'], env)).stdout);
    expect(row).toEqual({ file: unitOf(at), done: false });
  });

  it('installs, tells its state, shows its log without what steers a terminal, and goes away again', async () => {
    const at = home();
    const { env, calls } = manager(at);
    expect((await service(at, ['status'], env)).stdout).toContain('Not installed');
    expect((await service(at, ['install', '-y'], env)).code).toBe(0);
    expect(statSync(unitOf(at)).mode & 0o777).toBe(0o600);
    expect(readFileSync(unitOf(at), 'utf8')).toMatch(
      /ExecStart="\S+node" "\S+unorouter\.js" "serve" "--log" "none" "--quiet"/,
    );
    expect(calls()).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable --now unorouter.service',
    ]);
    const status = await service(at, ['status'], env);
    expect(status).toMatchObject({
      code: 0,
      stdout: '● Installed with systemd --user: active, nothing answers.\n',
    });
    expect((await service(at, ['logs'], env)).stdout).toBe('said \\x1b[31mred\n');
    expect((await service(at, ['uninstall', '-y'], env)).code).toBe(0);
    expect(existsSync(unitOf(at))).toBe(false);
    expect((await service(at, ['uninstall', '-y'], env)).code).toBe(9);
    expect((await service(at, ['logs'], env)).code).toBe(9);
  });

  it('says what the manager says when it refuses', async () => {
    const at = home();
    const { code, stderr } = await service(at, ['install', '-y'], manager(at, 1).env);
    expect(code).toBe(1);
    expect(stderr).toMatch(/systemctl did not do it .*\n +why +sorry\n/);
    expect((await service(at, ['status'], { PATH: '/nowhere' })).code).toBe(5);
  });
});
