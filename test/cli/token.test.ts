import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCli, type TestHome } from '../support/cli.ts';
import { home } from '../support/home.ts';

const TOKEN = /^uno-[a-z2-7]{26}\n$/;

const fileOf = (user: TestHome): string => join(user.dir, 'state', 'token');

/** A server of this home as far as `token rotate` sees it; says what it was asked. */
async function runningServer(user: TestHome, status: number): Promise<{ asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/health') {
      response.end(JSON.stringify({ name: 'unorouter', version: '0.0.0', pid: process.pid }));
      return;
    }
    const known = readFileSync(fileOf(user), 'utf8').trim();
    asked.push(`${request.method} ${request.url} ${request.headers.authorization} file=${known}`);
    response.statusCode = status;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const note = { pid: process.pid, url: `http://127.0.0.1:${port}`, port, version: '0.0.0', startedAt: 0 };
  writeFileSync(join(user.dir, 'state', 'server.json'), JSON.stringify(note));
  return { asked };
}

describe('token', () => {
  test('is made once, private, and stays the same', async () => {
    const user = home();
    const first = await runCli(user, ['token']);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(TOKEN), stderr: '' });
    expect((await runCli(user, ['token'])).stdout).toBe(first.stdout);
    expect(statSync(fileOf(user)).mode & 0o777).toBe(0o600);
    expect(statSync(join(user.dir, 'state')).mode & 0o777).toBe(0o700);
  });

  test('comes from the environment when it is set there, and no file is made', async () => {
    const user = home();
    const { stdout } = await runCli(user, ['token', '--json'], { env: { UNOROUTER_TOKEN: 'mine' } });
    expect(JSON.parse(stdout)).toEqual({ token: 'mine', source: 'environment' });
    expect(() => statSync(fileOf(user))).toThrow();
  });

  test('is not read through a link', async () => {
    const user = home();
    mkdirSync(join(user.dir, 'state'), { mode: 0o700 });
    writeFileSync(join(user.dir, 'other'), 'uno-evil\n');
    symlinkSync('../other', fileOf(user));
    const { code, stdout, stderr } = await runCli(user, ['token']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('[unsafe_file]');
    expect(stderr).not.toContain('uno-evil');
  });
});

describe('token rotate', () => {
  test('prints another token and keeps it', async () => {
    const user = home();
    const { stdout: old } = await runCli(user, ['token']);
    const { code, stdout, stderr } = await runCli(user, ['token', 'rotate']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(TOKEN);
    expect(stdout).not.toBe(old);
    expect((await runCli(user, ['token'])).stdout).toBe(stdout);
  });

  test('lets a running server take it over: asked with the old token, when the new one is in the file', async () => {
    const user = home();
    const old = (await runCli(user, ['token'])).stdout.trim();
    const { asked } = await runningServer(user, 200);
    const { code, stdout, stderr } = await runCli(user, ['token', 'rotate']);
    expect(code).toBe(0);
    expect(asked).toEqual([`POST /api/token/reload Bearer ${old} file=${stdout.trim()}`]);
    expect(stderr).toBe(
      'The running unorouter took it over; clients that show the old one are refused from now on.\n',
    );
  });

  test.each([404, 401, 500])(
    'says so when the running server answers %d and keeps the old one',
    async (status) => {
      const user = home();
      await runCli(user, ['token']);
      await runningServer(user, status);
      const { code, stdout, stderr } = await runCli(user, ['token', 'rotate']);
      expect(code).toBe(0);
      expect(stdout).toMatch(TOKEN);
      expect(stderr).toMatch(
        /^The running unorouter keeps the old one until it is started again: .* stop, then .* serve\n$/,
      );
      expect((await runCli(user, ['token', 'rotate', '-q'])).stderr).toBe('');
    },
  );

  test('is refused while the environment sets the token', async () => {
    const user = home();
    const { code, stderr } = await runCli(user, ['token', 'rotate'], { env: { UNOROUTER_TOKEN: 'mine' } });
    expect(code).toBe(2);
    expect(stderr).toContain('[token_from_environment]');
    expect(() => statSync(fileOf(user))).toThrow();
  });
});
