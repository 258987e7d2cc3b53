import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CliResult, runCli, type TestHome, temporaryHome } from '../support/cli.ts';
import { filesWith, inKeychain, inOwnKeyring, realKeychain, withKeychain } from '../support/keyring.ts';

const KEY = 'sk-keychain-0123456789abcdef';
const NEW = 'sk-keychain-0123456789zyxwvu';

let home: TestHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.remove());

const keys = (line: string, input = '', more: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  runCli({ ...home, env: { ...withKeychain(home), ...more } }, ['keys', ...line.split(' ')], { input });

describe.skipIf(!realKeychain)(inKeychain, () => {
  it('a key is stored, listed, replaced and removed, and never in a file below the home', async () => {
    const added = await keys('add groq --stdin --no-test', KEY);
    expect(added.code).toBe(0);
    expect(added.stdout).toContain('"unorouter: groq (');
    expect(added.stdout).toContain('Not written to any file.');
    expect((await keys('list')).stdout).toMatch(/groq +sk-…cdef +keychain +● ready/);
    await keys('add groq --stdin --no-test', NEW);
    expect((await keys('list')).stdout).toContain('sk-…xwvu');
    for (const secret of [KEY, NEW]) expect(filesWith(home.dir, secret)).toEqual([]);
    expect((await keys('rm groq -y')).code).toBe(0);
    expect((await keys('list --json')).stdout).toBe('[]\n');
  });

  it('two homes do not share a key', async () => {
    const other = join(home.dir, 'other');
    mkdirSync(other);
    await keys('add groq --stdin --no-test', KEY);
    await keys('add groq --stdin --no-test', NEW, { UNOROUTER_HOME: other });
    await keys('rm groq -y', '', { UNOROUTER_HOME: other });
    expect((await keys('list')).stdout).toContain('sk-…cdef');
    await keys('rm groq -y');
  });

  it('a key that moves into the file leaves the keychain', async () => {
    await keys('add groq --stdin --no-test', KEY);
    await keys('add groq --stdin --no-test --store file', NEW);
    // The list as it was before the move: what it names is no longer there.
    const index = join(home.dir, 'state', 'keys-index.json');
    const account = `groq (${home.dir})`;
    const origins = ['https://api.groq.com'];
    writeFileSync(index, JSON.stringify({ groq: { store: 'keychain', account, origins } }));
    expect((await keys('list')).stdout).toContain('locked or removed');
  });

  it('a locked keychain is told as such, and what it holds is not forgotten', () => {
    const lock =
      'dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets ' +
      'org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null';
    const { stdout, stderr } = inOwnKeyring(
      home,
      `printf %s ${KEY} | $UNO keys add groq --stdin --no-test >/dev/null; ${lock}
       GROQ_API_KEY=${NEW} $UNO keys list; $UNO keys rm groq -y; echo "rm $?"; $UNO keys list --json`,
    );
    expect(stdout).toMatch(/groq .*locked or removed/);
    expect(stdout).toContain('ignored: the stored key wins, and cannot be read now.');
    expect(stdout).toContain('rm 4');
    expect(stderr).toContain('[keychain_locked] exit 4');
    expect(stdout).toContain('"problem": "locked"');
  });

  it('a keychain that does not answer holds up nobody for long: the command says locked, and ends', () => {
    const { status, stdout } = inOwnKeyring(
      home,
      `printf %s ${KEY} | $UNO keys add groq --stdin --no-test >/dev/null
       printf %s ${KEY} | $UNO keys add mistral --stdin --no-test >/dev/null
       kill -STOP $UNOROUTER_TEST_KEYRING; $UNO keys list --json=provider,problem; code=$?
       kill -CONT $UNOROUTER_TEST_KEYRING; exit $code`,
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(2);
    expect(JSON.parse(stdout)).toContainEqual({ provider: 'groq', problem: 'locked' });
    expect(JSON.parse(stdout)).toContainEqual({ provider: 'mistral', problem: 'locked' });
  });
});

describe('beside a running server', () => {
  let server: Server;
  const calls: string[] = [];
  beforeEach(async () => {
    calls.length = 0;
    // Only what the command asks of a server: its name and pid, and to read the keys again.
    server = createServer((request, response) => {
      calls.push(`${request.method} ${request.url}`);
      response.end(JSON.stringify({ name: 'unorouter', pid: process.pid, version: '0' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    mkdirSync(join(home.dir, 'state'), { mode: 0o700 });
    const file = { pid: process.pid, url: `http://127.0.0.1:${port}`, port, version: '0', startedAt: 0 };
    writeFileSync(join(home.dir, 'state', 'server.json'), JSON.stringify(file), { mode: 0o600 });
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('adding and removing a key tell it to read them again', async () => {
    const run = (...args: string[]): Promise<CliResult> => runCli(home, ['keys', ...args], { input: KEY });
    const added = await run('add', 'groq', '--stdin', '--no-test', '--store', 'file');
    expect(added.stderr).toContain('The running unorouter picked it up.');
    const removed = await run('rm', 'groq', '-y');
    expect(removed.stderr).toContain('The running unorouter no longer uses it.');
    expect(calls.filter((call) => call === 'POST /api/keys/reload')).toHaveLength(2);
  });
});
