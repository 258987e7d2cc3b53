import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import { runCli, startGateway, type TestHome } from '../support/cli.ts';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { home } from '../support/home.ts';
import { type Expected, expectError } from './support/situations.ts';

/** A command that fails, and what the machine must be like. */
interface Situation extends Expected {
  title: string;
  args: string[];
  prepare?(at: TestHome): Promise<NodeJS.ProcessEnv | undefined> | NodeJS.ProcessEnv | undefined;
}

const PRELOAD = 'preload.mjs';

/** Loads this into the program before its own first line. */
function preloaded(at: TestHome, text: string): NodeJS.ProcessEnv {
  const file = join(at.dir, PRELOAD);
  writeFileSync(file, text);
  return { NODE_OPTIONS: `--import=file://${file}` };
}

function write(at: TestHome, name: string, text: string): void {
  const file = join(at.dir, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const CLAUDE = '.claude/settings.json';

/** A provider that answers every call with this. */
async function provider(at: TestHome, status: number, body: object): Promise<NodeJS.ProcessEnv> {
  const upstream = await startFakeUpstream();
  onTestFinished(() => upstream.close());
  upstream.answer({ status, pieces: [JSON.stringify(body)] });
  at.writeConfig(`providers:\n  acme: { url: "${upstream.url}/v1" }\n`);
  return { UNOROUTER_ACME_API_KEY: 'sk-acme-0123456789' };
}

/** A provider whose certificate nobody has signed. */
async function selfSigned(at: TestHome): Promise<NodeJS.ProcessEnv> {
  const server = createServer(makeCertificate(), (_request, response) => response.end('{}'));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  at.writeConfig(`providers:\n  acme: { url: "https://127.0.0.1:${port}/v1" }\n`);
  return { UNOROUTER_ACME_API_KEY: 'sk-acme-0123456789' };
}

const SITUATIONS: readonly Situation[] = [
  {
    title: '1, our own server has the port already',
    code: 'port_in_use',
    args: ['serve'],
    fix: /unorouter logs -f watch it unorouter stop stop it/,
    async prepare(at) {
      const gateway = await startGateway(at);
      onTestFinished(async () => void (await gateway.stop()));
      return undefined;
    },
  },
  {
    title: '3, a key that its provider refuses',
    code: 'key_refused',
    args: ['keys', 'test', 'acme'],
    answers: true,
    fix: 'unorouter keys add acme',
    prepare: (at) =>
      provider(at, 401, { error: { type: 'authentication_error', message: 'invalid x-api-key' } }),
  },
  {
    title: '4, an account without credit',
    code: 'upstream_billing',
    args: ['keys', 'test', 'acme'],
    answers: true,
    fix: /top up at .* unorouter config set fallbacks\.acme/,
    prepare: (at) =>
      provider(at, 429, {
        error: { code: 'insufficient_quota', message: 'You exceeded your current quota' },
      }),
  },
  {
    title: '10, a certificate that nobody trusts',
    code: 'tls_untrusted',
    args: ['keys', 'test', 'acme'],
    answers: true,
    fix: /NODE_EXTRA_CA_CERTS=\S+ unorouter keys test acme/,
    prepare: selfSigned,
  },
  {
    title: '19, an agent that is not installed',
    code: 'agent_not_found',
    args: ['run', '--', 'codex'],
    fix: /npm i(nstall)? -g \S+ then unorouter run -- codex/,
    prepare: () => ({ PATH: '/nowhere' }),
  },
  {
    title: '20, a Node that is too old',
    code: 'node_too_old',
    args: ['status'],
    fix: 'nvm install 22',
    prepare: (at) =>
      preloaded(
        at,
        `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.0' } });`,
      ),
  },
  {
    title: '21, another setting of the agent wins over ours',
    code: 'setup_overridden',
    args: ['setup', 'claude', '--check'],
    saysMore: true,
    answers: true,
    fix: /unorouter setup claude --scope project or for one session: unorouter run -- claude/,
    async prepare(at) {
      await runCli(at, ['setup', 'claude', '-y']);
      write(
        at,
        '.claude/settings.local.json',
        '{ "env": { "ANTHROPIC_BASE_URL": "http://127.0.0.1:3456" } }\n',
      );
      return undefined;
    },
  },
  {
    title: '22, a file that was edited after setup wrote it',
    code: 'undo_conflict',
    args: ['setup', 'claude', '--undo'],
    fix: 'unorouter setup claude --undo -y',
    async prepare(at) {
      write(at, CLAUDE, '{ "model": "opus" }\n');
      await runCli(at, ['setup', 'claude', '-y']);
      write(at, CLAUDE, readFileSync(join(at.dir, CLAUDE), 'utf8').replace('opus', 'sonnet'));
      return undefined;
    },
  },
  {
    title: '23, an agent that cannot use a local address',
    code: 'agent_unsupported',
    args: ['setup', 'cursor'],
    fix: /use /,
  },
  {
    title: '25, a bug of ours',
    code: 'internal',
    args: ['config', 'path'],
    fix: /crash\/\S+\.txt/,
    prepare: (at) =>
      preloaded(
        at,
        `import fs from 'node:fs';
         import { syncBuiltinESMExports } from 'node:module';
         fs.existsSync = () => { throw new TypeError('x is not a function'); };
         syncBuiltinESMExports();`,
      ),
  },
];

describe('a situation of the design', () => {
  it.each(SITUATIONS)('$title: $code', async ({ args, prepare, ...expected }) => {
    const at = home();
    const env = await prepare?.(at);
    await expectError((...flags) => runCli(at, [...flags, ...args], env ? { env } : {}), expected);
  });

  it('25 for a request: HTTP 500 in the client’s protocol, and the server goes on', async () => {
    const at = home();
    const gateway = await startGateway(at, [], preloaded(at, BROKEN_DECODER));
    onTestFinished(async () => void (await gateway.stop()));
    const ask = (): Promise<Response> =>
      gateway.post('/v1/messages', {
        model: 'demo/echo',
        max_tokens: 9,
        messages: [{ role: 'user', content: 'break it' }],
      });
    const answer = await ask();
    expect(answer.status).toBe(500);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error.message).toBe('unorouter: a bug of ours stopped this request, not the server');
    await gateway.says('a bug of ours stopped one request, not the server: TypeError');
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    expect(gateway.stderr()).not.toContain('break it');
  });
});

/** Breaks what reads a request with this text in it. */
const BROKEN_DECODER = `import { isUtf8 } from 'node:buffer';
import buffer from 'node:buffer';
import { syncBuiltinESMExports } from 'node:module';
buffer.isUtf8 = (bytes) => { if (Buffer.from(bytes).includes('break it')) throw new TypeError('x is not a function'); return isUtf8(bytes); };
syncBuiltinESMExports();`;
