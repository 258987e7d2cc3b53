import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BIN, type Gateway, startGateway, type TestHome, temporaryHome } from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';

// Rows 62 to 79 of the fault table that need a process of their own.

// Each starts several processes.
vi.setConfig({ testTimeout: 60_000 });

let home: TestHome;
let upstream: FakeUpstream;
const running: Gateway[] = [];

beforeEach(async () => {
  home = temporaryHome();
  upstream = await startFakeUpstream();
  home.writeConfig(
    [
      'catalog: { refresh: false }',
      'providers:',
      `  fake: { url: "${upstream.url}/v1", protocol: openai-chat, auth: none }`,
      `  hasty: { url: "${upstream.url}/v1", protocol: openai-chat, auth: none, timeouts: { idle: 1s } }`,
      'prices: { fake/m: { input: 3, output: 15 } }\n',
    ].join('\n'),
  );
});
afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.stop('SIGKILL');
  await upstream.close();
  home.remove();
});

async function serve(
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  limits?: string,
): Promise<Gateway> {
  const gateway = await startGateway(home, args, env, limits);
  running.push(gateway);
  return gateway;
}

const chat = (model: string, stream: boolean) => ({
  model,
  stream,
  messages: [{ role: 'user', content: 'a private question' }],
});
const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const delta = (content: string): string =>
  event({
    id: 'c',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  });
const END = `${event({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}data: [DONE]\n\n`;
const STREAM = { 'content-type': 'text/event-stream' };

interface Row {
  id: string;
  outcome: string;
  usage: { input: number | null; output: number | null };
  usageSource: string;
  costNanoUsd: number | null;
  costState: string;
}

async function rowsOf(gateway: Gateway): Promise<Row[]> {
  return JSON.parse((await gateway.cli(['logs', '--json'])).stdout);
}

describe('an exception that nobody catches', () => {
  const HOOK = {
    NODE_OPTIONS: `--import ${fileURLToPath(new URL('../support/crash-on-signal.mjs', import.meta.url))}`,
  };

  it('76 lets running requests finish, takes no new ones, is written down without prompts or keys, and ends with 70', async () => {
    upstream.answer({ headers: STREAM, pieces: [delta('Hello')], end: 'hang' });
    const gateway = await serve([], HOOK);
    const response = await gateway.post('/v1/chat/completions', chat('fake/m', true));
    const text = response.text();
    const gone = once(gateway.child, 'exit');
    gateway.child.kill('SIGUSR2');
    await gateway.says('unorouter hit a bug');
    expect((await gateway.post('/v1/chat/completions', chat('demo/echo', false))).status).toBe(503);
    upstream.say(END, 'end');
    expect(await text).toContain('[DONE]');
    expect(await gone).toEqual([70, null]);
    const crashes = join(home.dir, 'state', 'crash');
    const [file = ''] = readdirSync(crashes);
    const written = readFileSync(join(crashes, file), 'utf8');
    expect(written).toContain('crash-on-signal.mjs');
    expect(gateway.stderr()).toContain(file);
    for (const told of [written, gateway.stderr(), gateway.stdout()])
      expect(told).not.toMatch(/sk-fake|private question/);
  });
});

describe('a server that is killed in the middle of a stream', () => {
  it('63 finds it at its next start as interrupted, with the tokens of its last checkpoint and what they cost', async () => {
    upstream.answer({ headers: STREAM, pieces: [delta('High water at Dover. ')], end: 'hang' });
    const first = await serve();
    const leave = new AbortController();
    const stream = await first.post('/v1/chat/completions', chat('fake/m', true));
    stream.text().catch(() => leave.abort());
    const words = setInterval(() => upstream.say(delta('And again. ')), 50);
    await expect
      .poll(async () => (await rowsOf(first))[0], { timeout: 15_000 })
      .toMatchObject({ outcome: 'open', usageSource: 'estimated', costState: 'estimate' });
    clearInterval(words);
    const [open] = await rowsOf(first);
    await first.stop('SIGKILL');
    const second = await serve();
    const [row] = await rowsOf(second);
    expect(row).toMatchObject({ id: open?.id, outcome: 'interrupted', costState: 'estimate' });
    expect(row?.usage.output).toBeGreaterThanOrEqual(open?.usage.output ?? Number.NaN);
    const { input, output } = row?.usage ?? {};
    expect(row?.costNanoUsd).toBe(((input ?? 0) * 3 + (output ?? 0) * 15) * 1_000);
    const spend = JSON.parse((await second.cli(['spend', '--json'])).stdout);
    expect(JSON.stringify(spend)).toContain(String(row?.costNanoUsd));
  });
});

describe('a process that was stopped and goes on', () => {
  it('79 reads what came meanwhile, and cuts nobody for a silence that was its own', async () => {
    upstream.answer({ headers: STREAM, pieces: [delta('Hello')], end: 'hang' });
    const gateway = await serve();
    const response = await gateway.post('/v1/chat/completions', chat('hasty/m', true));
    const text = response.text();
    gateway.child.kill('SIGSTOP');
    upstream.say(delta(' there'));
    // Longer than the provider may be silent.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    upstream.say(END, 'end');
    gateway.child.kill('SIGCONT');
    expect(await text).toMatch(/there[\s\S]*\[DONE\]/);
    expect((await rowsOf(gateway))[0]).toMatchObject({ outcome: 'ok' });
  });
});

describe('output that nobody takes', () => {
  it('75 does not touch a server, whether its reader went away or its disk is full', async () => {
    const gateway = await serve();
    gateway.child.stdout.destroy();
    for (let i = 0; i < 5; i++)
      expect((await gateway.post('/v1/chat/completions', chat('demo/echo', false))).status).toBe(200);
    expect(await rowsOf(gateway)).toHaveLength(5);
    expect(gateway.stderr()).not.toMatch(/EPIPE|Error/);
  });

  it.skipIf(process.platform !== 'linux')('75 ends a command without a stack', async () => {
    const gateway = await serve();
    for (let i = 0; i < 3; i++) await gateway.post('/v1/chat/completions', chat('demo/echo', false));
    const shell = async (script: string): Promise<{ code: number | null; stderr: string }> => {
      const child = spawn('sh', ['-c', script], {
        env: { ...home.env, UNOROUTER_TOKEN: gateway.token },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.on('data', (bytes) => {
        stderr += bytes;
      });
      const [code] = await once(child, 'close');
      return { code, stderr };
    };
    const quiet = { code: 0, stderr: expect.not.stringMatching(/EPIPE|Error|unorouter hit a bug/) };
    expect(await shell(`${process.execPath} ${BIN} logs -n 3 --json | head -c 1`)).toEqual(quiet);
    // What is lost is not lost in silence.
    expect(await shell(`${process.execPath} ${BIN} logs -n 3 > /dev/full`)).toEqual({
      code: 1,
      stderr: expect.stringMatching(/error: the output could not be written \(ENOSPC\)\n$/),
    });
    const following = shell(`${process.execPath} ${BIN} logs -f | head -n 1`);
    const asking = setInterval(
      () => void gateway.post('/v1/chat/completions', chat('demo/echo', false)),
      100,
    );
    expect(await following).toEqual(quiet);
    clearInterval(asking);
    expect((await gateway.post('/v1/chat/completions', chat('demo/echo', false))).status).toBe(200);
  });
});

describe.skipIf(process.platform !== 'linux')('few files that may be open', () => {
  /** So many connections, and which of them the server has dropped. */
  async function connections(port: number, count: number): Promise<{ open: Socket[]; dropped(): number }> {
    const open = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    let dropped = 0;
    for (const socket of open) socket.once('close', () => dropped++).resume();
    await Promise.all(open.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
    return { open, dropped: () => dropped };
  }

  it('74 new clients are dropped, those that are there are served, and all is well when some have left', async () => {
    upstream.answer({
      pieces: [JSON.stringify({ choices: [{ message: { content: 'yes' }, finish_reason: 'stop' }] })],
    });
    const gateway = await serve([], {}, 'ulimit -n 64');
    const crowd = await connections(gateway.port, 120);
    await expect.poll(crowd.dropped, { timeout: 15_000 }).toBeGreaterThan(60);
    const inside = crowd.open.filter((socket) => !socket.destroyed);
    const body = JSON.stringify(chat('fake/m', false));
    const answers = inside.map(async (socket) => {
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${gateway.port}\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      const [bytes] = await once(socket, 'data');
      return String(bytes).split('\r\n')[0];
    });
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['HTTP/1.1 200 OK']));
    expect(inside.length).toBeGreaterThan(5);
    for (const socket of crowd.open) socket.destroy();
    await expect
      .poll(
        () =>
          gateway.post('/v1/chat/completions', chat('fake/m', false)).then(({ status }) => status, String),
        { timeout: 15_000 },
      )
      .toBe(200);
    expect(gateway.child.exitCode).toBeNull();
    expect(gateway.stderr()).not.toMatch(/EMFILE|bug/);
  });
});

describe.skipIf(spawnSync('prlimit', ['--version']).status !== 0)('a disk that is full', () => {
  it('64 stops no stream, is told, and loses no row when there is room again', async () => {
    upstream.answer({ headers: STREAM, pieces: [delta('Hello')], end: 'hang' });
    const gateway = await serve([], {}, 'ulimit -S -f 400');
    const stream = await gateway.post('/v1/chat/completions', chat('fake/m', true));
    const text = stream.text();
    const problems = async (): Promise<string[]> =>
      JSON.parse((await gateway.cli(['status', '--json'])).stdout).problems;
    let asked = 1;
    const askMany = async (): Promise<void> => {
      const answers = Array.from({ length: 40 }, () =>
        gateway.post('/v1/chat/completions', chat('demo/echo', false)),
      );
      asked += answers.length;
      for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
    };
    await expect
      .poll(async () => askMany().then(problems), { timeout: 15_000 })
      .toEqual([expect.stringMatching(/their records wait in memory/)]);
    await askMany();
    upstream.say(END, 'end');
    expect(await text).toContain('[DONE]');
    execFileSync('prlimit', ['--pid', `${gateway.child.pid}`, '--fsize=unlimited:unlimited']);
    await expect.poll(problems, { timeout: 15_000 }).toEqual([]);
    const rows = JSON.parse((await gateway.cli(['logs', '--json', '-n', '100000'])).stdout);
    expect(rows).toHaveLength(asked);
    expect(new Set(rows.map(({ outcome }: Row) => outcome))).toEqual(new Set(['ok']));
  });
});
