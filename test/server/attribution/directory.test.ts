import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { socketsIn } from '../../../src/server/attribution/linux.ts';
import { createMacFinder } from '../../../src/server/attribution/macos.ts';
import { projectNameOf } from '../../../src/server/attribution/project-name.ts';
import { temporaryHome } from '../../support/cli.ts';
import { type LedgerRow, startTestServer, type TestServer } from '../../support/server.ts';

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'unorouter-projects-')));
  for (const repository of ['one/api', 'two/api']) {
    mkdirSync(join(root, repository, '.git'), { recursive: true });
    mkdirSync(join(root, repository, 'src', 'deep'), { recursive: true });
  }
  // A worktree has a file in the place of the directory.
  mkdirSync(join(root, 'tree'));
  writeFileSync(join(root, 'tree', '.git'), 'gitdir: elsewhere\n');
  mkdirSync(join(root, 'plain'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the name of a project', () => {
  test('is that of the git root, the same from everywhere below it', () => {
    const name = projectNameOf(join(root, 'one/api/src/deep'), '/home/ada');
    expect(name).toMatch(/^api~[0-9a-f]{4}$/);
    expect(projectNameOf(join(root, 'one/api'), '/home/ada')).toBe(name);
    expect(projectNameOf(join(root, 'tree'), '/home/ada')).toMatch(/^tree~/);
  });

  test('keeps two repositories of one name apart', () => {
    expect(projectNameOf(join(root, 'one/api'), undefined)).not.toBe(
      projectNameOf(join(root, 'two/api'), undefined),
    );
  });

  test('is that of the directory where there is no repository, but never the home or the root', () => {
    expect(projectNameOf(join(root, 'plain'), '/home/ada')).toMatch(/^plain~/);
    expect(projectNameOf(join(root, 'plain'), join(root, 'plain'))).toBeNull();
    expect(projectNameOf('/', '/home/ada')).toBeNull();
  });
});

const CLIENT = `
  const [url, token, count, headers] = process.argv.slice(1);
  const ask = () => fetch(url + '/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ' + token, ...JSON.parse(headers) },
    body: JSON.stringify({ model: 'demo/echo', messages: [{ role: 'user', content: 'hi' }] }),
  }).then((r) => r.text());
  for (let i = 0; i < Number(count); i++) await ask();
`;

/** A client of its own process, working in a directory. */
async function askFrom(server: TestServer, cwd: string, count = 1, headers: object = {}): Promise<void> {
  const args = [
    '--input-type=module',
    '-e',
    CLIENT,
    server.url,
    server.token,
    String(count),
    JSON.stringify(headers),
  ];
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
}

type Row = LedgerRow & { project: string | null };

async function withServer(config: string, work: (server: TestServer) => Promise<void>): Promise<void> {
  const home = temporaryHome();
  const { UNOROUTER_NO_PROJECT_GUESS: _, ...env } = home.env;
  home.env = env;
  const server = await startTestServer({ config, home });
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

/**
 * The projects of requests from a directory, the latest first. A record does not wait for ever: on a busy machine a search
 * may come too late for it, and is made again.
 */
async function projectsOf(server: TestServer, cwd: string, count: number): Promise<(string | null)[]> {
  for (let tries = 1; ; tries++) {
    await askFrom(server, join(root, cwd), count);
    const rows = ((await server.rows()) as Row[]).slice(0, count);
    const projects = rows.map(({ project }) => project);
    if (!projects.includes(null) || tries === 5) return projects;
  }
}

describe.runIf(process.platform === 'linux')('a client that names no project', () => {
  test('is counted to the repository that it works in, also when its answer came at once', async () => {
    await withServer('', async (server) => {
      const [one, again, first] = await projectsOf(server, 'one/api/src', 3);
      expect(one).toMatch(/^api~/);
      expect([again, first]).toEqual([one, one]);
      const [two] = await projectsOf(server, 'two/api', 1);
      expect(two).toMatch(/^api~/);
      expect(two).not.toBe(one);
    });
  });

  test('is not matched by rules and budgets: a guess is for reports only', async () => {
    const name = projectNameOf(join(root, 'one/api'), undefined);
    await withServer(
      `routes: [{ when: { project: "api*" }, to: nobody/x }]\nbudgets: [{ project: "${name}", day: 0 }]\n`,
      async (server) => {
        expect(await projectsOf(server, 'one/api', 1)).toEqual([name]);
        expect((await server.rows())[0]).toMatchObject({ served: 'demo/echo', outcome: 'ok' });
      },
    );
  });

  test('is left alone when the project is declared, and when nobody is to guess', async () => {
    await withServer('', async (server) => {
      await askFrom(server, join(root, 'one/api'), 1, { 'x-unorouter-project': 'mine' });
      expect(await server.rows()).toMatchObject([{ project: 'mine' }]);
    });
    const server = await startTestServer();
    await askFrom(server, join(root, 'one/api'));
    expect(await server.rows()).toMatchObject([{ project: null }]);
    await server.close();
  });
});

test('of the table of sockets only established ones of this user count, at the end of the client', () => {
  const row = (local: string, remote: string, state: string, uid: number, inode: number) =>
    `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0000 20 4 30 10 -1`;
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    row('0100007F:CB2B', '0100007F:21DB', '01', 1000, 11),
    row('0100007F:21DB', '0100007F:CB2B', '01', 1000, 12),
    row('0100007F:CB2C', '0100007F:21DB', '06', 0, 0),
    row('0100007F:CB2D', '0100007F:21DB', '01', 1001, 14),
    row('00000000000000000000000001000000:CB2E', '00000000000000000000000001000000:21DB', '01', 1000, 15),
    '',
  ].join('\n');
  const ports = new Set([52_011, 52_012, 52_013, 52_014, 8667]);
  const mine = [
    [52_011, '11'],
    [52_014, '15'],
  ];
  expect([...socketsIn(table, { serverPort: 8667, ports, uid: 1000 })]).toEqual(mine);
  expect([...socketsIn(table, { serverPort: 8667, ports, uid: null })]).toEqual([
    mine[0],
    [52_013, '14'],
    mine[1],
  ]);
});

describe('lsof of macOS', () => {
  // As `lsof -F` of macOS 14 prints: one field a line, both ends of every connection.
  const SOCKETS = [
    ...['p410', 'f21', 'n127.0.0.1:8667->127.0.0.1:52011', 'f22', 'n[::1]:8667->[::1]:52012'],
    ...['p977', 'f9', 'n127.0.0.1:52011->127.0.0.1:8667'],
    ...['p978', 'f9', 'n[::1]:52012->[::1]:8667', 'f10', 'n127.0.0.1:52013->127.0.0.1:8667', ''],
  ].join('\n');
  const DIRECTORIES = [
    'p977',
    'fcwd',
    'n/Users/ada/src/api',
    'p978',
    'fcwd',
    'n/Users/ada/src/web app',
    '',
  ].join('\n');

  test('is asked for the connections, then for the directories of their processes', async () => {
    const asked: string[] = [];
    const find = createMacFinder(async (file, args) => {
      asked.push([file, ...args].join(' '));
      return args.includes('cwd') ? DIRECTORIES : SOCKETS;
    });
    expect([...(await find([52_011, 52_012], 8667))]).toEqual([
      [52_011, '/Users/ada/src/api'],
      [52_012, '/Users/ada/src/web app'],
    ]);
    expect(asked).toEqual([
      '/usr/sbin/lsof -nP -iTCP:8667 -sTCP:ESTABLISHED -Fpn',
      '/usr/sbin/lsof -a -d cwd -p 977,978 -Fpn',
    ]);
  });

  test('that finds nothing, or is not there, names nobody', async () => {
    expect([...(await createMacFinder(async () => '')([1], 2))]).toEqual([]);
  });
});
