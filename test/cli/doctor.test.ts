import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CliResult, freePort, runCli, startGateway, type TestHome } from '../support/cli.ts';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { home, widest } from '../support/home.ts';

interface Row {
  check: string;
  state: string;
  message: string;
  fix: string | null;
  repaired: string | null;
}

/** A machine on which the usual port may be anybody's. */
async function machine(config = ''): Promise<TestHome> {
  return home(`server: { port: ${await freePort()} }\n${config}`);
}

const doctor = (at: TestHome, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  runCli(at, ['doctor', ...args], { env });
async function rows(at: TestHome, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Row[]> {
  return JSON.parse((await doctor(at, ['--json', ...args], env)).stdout);
}
const of = (check: string, all: readonly Row[]): Row[] => all.filter((row) => row.check === check);

function file(at: TestHome, name: string, text: string): string {
  const path = join(at.dir, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe('doctor', () => {
  it('finds nothing wrong on a fresh machine, and says what is still to be done', async () => {
    const at = await machine();
    const { code, stdout, stderr } = await doctor(at);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^● Node 2\d\.\d+\.\d+, unorouter /);
    expect(stdout).toContain('▲ no provider has a key yet\n    fix  unorouter keys add <provider>');
    expect(stdout).toContain('\n1 warning.\n');
    for (const width of ['60', '100'])
      expect(widest((await doctor(at, ['--width', width])).stdout)).toBeLessThanOrEqual(Number(width));
  });

  it('sees the running server on both loopback addresses, and its ledger', async () => {
    const gateway = await startGateway(home());
    await gateway.post('/v1/chat/completions', {
      model: 'demo/echo',
      messages: [{ role: 'user', content: 'hi' }],
    });
    await gateway.cli(['logs']);
    const all = await rows(gateway.home);
    await gateway.stop();
    expect(of('port', all)).toMatchObject([{ state: 'ok', message: expect.stringContaining('pid') }]);
    expect(of('addresses', all)).toMatchObject([{ state: 'ok', message: expect.stringContaining('answer') }]);
    expect(of('ledger', all)).toMatchObject([
      { state: 'ok', message: expect.stringContaining('1 request, writable') },
    ]);
  });

  it('tells a mistake of the configuration with its place, and checks the rest all the same', async () => {
    const at = home('server: { port: 8667 }\nfallbak: {}\n');
    const { code, stdout } = await doctor(at);
    expect(code).toBe(7);
    expect(stdout).toMatch(
      /✗ config\.yaml:2:1: "fallbak" .*\n +why +.*fallbacks.*\n +fix +unorouter config edit/,
    );
    expect(stdout).toContain('● certificates are checked');
  });

  it('asks each provider whether it takes its key, unless it is told to stay offline', async () => {
    const upstream = await startFakeUpstream();
    onTestFinished(() => upstream.close());
    upstream.answer(({ headers }) =>
      headers.authorization === 'Bearer good-0123456789'
        ? { pieces: ['{"data":[{"id":"m"}]}'] }
        : { status: 401, pieces: ['{"error":{"message":"no"}}'] },
    );
    const at = await machine(
      `providers:\n  acme: { url: "${upstream.url}/v1" }\n  zeta: { url: "${upstream.url}/v1" }\n`,
    );
    const env = { UNOROUTER_ACME_API_KEY: 'good-0123456789', UNOROUTER_ZETA_API_KEY: 'bad-00123456789' };
    expect(of('keys', await rows(at, ['--offline'], env))).toMatchObject([{ state: 'skip' }]);
    expect(upstream.seen).toEqual([]);
    expect(of('keys', await rows(at, [], env))).toMatchObject([
      { state: 'ok', message: 'acme: reachable, key accepted, 1 model' },
      {
        state: 'bad',
        message: expect.stringMatching(/^zeta refuses the key /),
        fix: 'unorouter keys add zeta',
      },
    ]);
    expect((await doctor(at, [], env)).code).toBe(7);
  });

  it('sees proxies that are gone, certificates that are not checked, and files that are missing', async () => {
    const dead = `http://me:secret@127.0.0.1:${await freePort()}`;
    const env = {
      HTTPS_PROXY: dead,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem',
    };
    const at = await machine();
    const all = await rows(at, ['--offline'], env);
    expect(of('proxies', all)).toMatchObject([
      { state: 'bad', message: expect.stringContaining('nothing listens') },
    ]);
    expect(of('certificates', all).map(({ state }) => state)).toEqual(['bad', 'bad']);
    expect(JSON.stringify(all)).not.toContain('secret');
    expect(
      of('proxies', await rows(await machine('network: { proxy: none }\n'), ['--offline'], env)),
    ).toMatchObject([{ state: 'ok' }]);
  });

  it('sees that another program has the port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;
    expect(of('port', await rows(home(`server: { port: ${port} }\n`)))).toMatchObject([
      { state: 'bad', message: `port ${port} is taken` },
    ]);
  });

  it('finds settings of agents and shells that point to servers that are gone, and no others', async () => {
    const gateway = await startGateway(home());
    const at = gateway.home;
    const gone = await freePort();
    file(
      at,
      '.bashrc',
      `# export OPENAI_BASE_URL=http://localhost:${gone}\nexport PATH=/bin\nexport ANTHROPIC_BASE_URL="http://localhost:${gone}"\n`,
    );
    file(at, '.claude/settings.json', `{\n "env": { "ANTHROPIC_BASE_URL": "${gateway.url}" }\n}\n`);
    file(
      at,
      '.codex/config.toml',
      `[model_providers.x]\nbase_url = "http://127.0.0.1:${gone}/v1"\n[mcp_servers.y]\nurl = "http://127.0.0.1:${gone}/mcp"\n`,
    );
    const found = of('pointers', await rows(at, [], { OPENAI_BASE_URL: `http://[::1]:${gone}/v1` }));
    const onlyClaude = of('pointers', await rows(at, ['--agent', 'claude']));
    await gateway.stop();
    expect(found.map(({ message }) => message.split(' points')[0])).toEqual([
      '$OPENAI_BASE_URL in this shell',
      `ANTHROPIC_BASE_URL in ${join(at.dir, '.bashrc')}:3`,
      `base_url in ${join(at.dir, '.codex/config.toml')}:2`,
    ]);
    expect(onlyClaude.map(({ message }) => message)).toEqual([expect.stringContaining('.bashrc:3')]);
  });

  it('names the agent that another setting of its own sends elsewhere, and the file of one that nobody can read', async () => {
    const gateway = await startGateway(home());
    const at = gateway.home;
    file(at, '.claude/settings.json', `{ "env": { "ANTHROPIC_BASE_URL": "${gateway.url}" } }\n`);
    const connected = of('agents', await rows(at));
    expect(connected).toMatchObject([{ state: 'ok', message: 'connected: Claude Code' }]);
    const project = join(at.dir, 'api', '.claude', 'settings.local.json');
    file(
      at,
      'api/.claude/settings.local.json',
      '{ "env": { "ANTHROPIC_BASE_URL": "https://other.example" } }\n',
    );
    file(at, '.codex/config.toml', '[model_providers\n');
    const found = of(
      'agents',
      JSON.parse((await runCli(at, ['doctor', '--json'], { cwd: join(at.dir, 'api') })).stdout),
    );
    await gateway.stop();
    expect(found).toMatchObject([
      {
        state: 'bad',
        message: 'Claude Code would not come through unorouter',
        fix: expect.stringContaining('setup claude'),
      },
      { state: 'warn', message: expect.stringContaining('.codex/config.toml') },
    ]);
    expect(JSON.stringify(found)).toContain(project.slice(at.dir.length));
  });

  it('repairs what it may when it is told to, keeps what was there, and is quiet the next time', async () => {
    const at = await machine();
    const gone = await freePort();
    const text = `alias ll="ls -l"\nexport OPENAI_API_BASE=http://127.0.0.1:${gone}/v1\nexport OPENAI_BASE_URL=http://[::1]:${gone}\n# the end`;
    const shell = file(at, '.zshrc', text);
    mkdirSync(join(at.dir, 'state'));
    chmodSync(join(at.dir, 'state'), 0o755);
    expect((await doctor(at)).stdout).toContain('unorouter doctor --fix repairs 3 of them after asking.');
    const asked = await doctor(at, ['--fix']);
    expect(asked.code).toBe(2);
    expect(readFileSync(shell, 'utf8')).toBe(text);
    const all = await rows(at, ['--fix', '-y']);
    expect(all.filter(({ repaired }) => repaired !== null).map(({ check }) => check)).toEqual([
      'state',
      'pointers',
      'pointers',
    ]);
    expect(readFileSync(shell, 'utf8')).toBe('alias ll="ls -l"\n# the end');
    const undo = join(at.dir, 'state', 'undo');
    expect(readdirSync(undo).map((name) => readFileSync(join(undo, name), 'utf8'))).toContain(text);
    expect((await doctor(at)).code).toBe(0);
  });
});
