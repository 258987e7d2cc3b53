import { spawn } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BIN, type CliResult, runCli, type TestHome, temporaryHome } from '../support/cli.ts';

const KEY = 'sk-files-0123456789abcdefghijKLMN';
const posix = process.platform !== 'win32';

let home: TestHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.remove());

/** Runs a line of shell in which `$UNO` is the program. */
function shell(line: string, input = ''): Promise<CliResult> {
  const child = spawn('sh', ['-c', line], {
    env: { ...home.env, UNO: `${process.execPath} ${BIN}` },
    cwd: home.dir,
  });
  const result = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes) => {
    result.stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    result.stderr += bytes;
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...result })));
}

/** Starts a server in the background and waits until it answers, or has given up. */
const SERVE =
  '{ $UNO serve --port 0 & PID=$!; } && { while kill -0 $PID 2>/dev/null && ! $UNO status --json >/dev/null 2>&1; do :; done; }';
const STOP = '$UNO stop && wait $PID';

/** Every file and directory below one, with its mode. */
function modesBelow(dir: string): { path: string; directory: boolean; mode: number }[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    const one = { path, directory: entry.isDirectory(), mode: lstatSync(path).mode & 0o777 };
    return entry.isDirectory() ? [one, ...modesBelow(path)] : [one];
  });
}

describe.runIf(posix)('what this program writes', () => {
  it('is for its user alone, also where the umask lets everybody in', async () => {
    const line = [
      'umask 000',
      '$UNO keys add openai --stdin --store file --no-test',
      '$UNO config set default demo/echo',
      '$UNO token rotate -y',
      SERVE,
      STOP,
    ].join(' && ');
    const { code, stderr } = await shell(line, KEY);
    expect({ code, stderr: stderr.includes('error:') }).toEqual({ code: 0, stderr: false });
    const state = modesBelow(join(home.dir, 'state'));
    expect(state.map(({ path }) => path.split('/').at(-1))).toEqual(
      expect.arrayContaining(['ledger.sqlite', 'token', 'keys.yaml', 'keys-index.json']),
    );
    for (const { path, directory, mode } of state)
      expect([path, mode.toString(8)]).toEqual([path, directory ? '700' : '600']);
    expect(statSync(join(home.dir, 'state')).mode & 0o777).toBe(0o700);
  });

  it('is not written where others may write, nor through a link that somebody put there', async () => {
    const state = join(home.dir, 'state');
    mkdirSync(state, { mode: 0o700 });
    for (const name of ['token', 'keys-index.json', 'keys.yaml', 'server.json']) {
      writeFileSync(join(home.dir, `theirs-${name}`), 'theirs', { mode: 0o600 });
      symlinkSync(join(home.dir, `theirs-${name}`), join(state, name));
    }
    await shell('$UNO keys add openai --stdin --store file --no-test; $UNO token rotate -y; $UNO token', KEY);
    for (const name of ['token', 'keys-index.json', 'keys.yaml', 'server.json'])
      expect(readFileSync(join(home.dir, `theirs-${name}`), 'utf8')).toBe('theirs');
  });

  it('starts no server in a state directory that others may write to, or makes it private first', async () => {
    const state = join(home.dir, 'state');
    mkdirSync(state, { mode: 0o700 });
    chmodSync(state, 0o777);
    await shell(`${SERVE} && ${STOP}`);
    expect(statSync(state).mode & 0o022).toBe(0);
  });
});

/** Files of a repository that would like to be read. */
const BAIT: Readonly<Record<string, string>> = {
  '.env': `OPENAI_API_KEY=${KEY}\nUNOROUTER_OPENAI_API_KEY=${KEY}\nNODE_OPTIONS=--require=./evil.cjs\n`,
  'config.yaml': 'default: evil/model\n',
  'unorouter.yaml': 'default: evil/model\n',
  '.unorouter.yaml': 'default: evil/model\n',
  '.unorouterrc': 'default: evil/model\n',
  'unorouter.config.js': 'throw new Error("read")\n',
  'package.json': '{ "unorouter": { "default": "evil/model" }, "type": "commonjs" }\n',
  '.npmrc': 'script-shell=./evil.sh\n',
  'keys.yaml': `openai: "${KEY}"\n`,
  'evil.cjs': 'throw new Error("read")\n',
  'node_modules/keytar/index.js': 'throw new Error("read")\n',
  'node_modules/keytar/package.json': '{ "name": "keytar", "main": "index.js" }\n',
};

describe.runIf(posix)('a hostile working directory', () => {
  it('is not read: no file in it is opened by any command', async () => {
    const dir = join(home.dir, 'repository');
    const long = new Date('2001-01-01');
    for (const [name, text] of Object.entries(BAIT)) {
      const file = join(dir, name);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, text);
      // A read moves the access time of a file that was not read since it was written (relatime).
      utimesSync(file, long, long);
    }
    const control = join(dir, 'control');
    writeFileSync(control, 'read on purpose');
    utimesSync(control, long, long);
    readFileSync(control);
    const traced = statSync(control).atimeMs !== long.getTime();

    for (const args of [['status'], ['models'], ['keys', 'list', '--all'], ['config', 'show'], ['logs']]) {
      const { stdout, stderr } = await runCli(home, args, { cwd: dir });
      expect(stdout + stderr).not.toContain('evil');
      expect(stdout + stderr).not.toContain(KEY);
    }
    const served = await shell(`cd '${dir}' && ${SERVE} && $UNO models list && ${STOP}`);
    expect(served).toMatchObject({ code: 0, stdout: expect.not.stringContaining('evil') });
    const touched = Object.keys(BAIT).filter((name) => statSync(join(dir, name)).atimeMs !== long.getTime());
    // Where the file system keeps no access times, nothing can be said.
    if (traced) expect(touched).toEqual([]);
  });
});
