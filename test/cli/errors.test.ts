import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ERROR_CODES } from '../../src/cli/error-codes.ts';
import { EXIT } from '../../src/errors.ts';
import { freePort, runCli, startGateway, type TestHome } from '../support/cli.ts';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { home, widest } from '../support/home.ts';
import { expectError } from './support/situations.ts';

/** A way to get an error of a command: arguments, and what the machine is like. */
interface Situation {
  code: string;
  args(at: TestHome): Promise<string[]> | string[];
  config?: string;
  env?: NodeJS.ProcessEnv;
}

const SITUATIONS: readonly Situation[] = [
  { code: 'port_in_use', args: async () => ['serve', '--port', String(await somebodysPort())] },
  { code: 'unsafe_bind', args: () => ['serve', '--host', '0.0.0.0'] },
  { code: 'no_provider_key', args: () => ['keys', 'test', 'anthropic'] },
  {
    code: 'key_refused',
    args: async () => [
      'keys',
      'add',
      'acme',
      '--store',
      'file',
      '--from-env',
      'SOME',
      '--config',
      await refusing(),
    ],
    env: { SOME: 'sk-acme-0123456789' },
  },
  {
    code: 'upstream_unreachable',
    args: async () => ['providers', 'add', 'acme', '--url', `http://127.0.0.1:${await freePort()}`],
  },
  {
    code: 'no_keychain',
    args: () => ['keys', 'add', 'anthropic', '--from-env', 'SOME'],
    env: { SOME: 'sk-0123456789' },
  },
  { code: 'no_tty', args: () => ['keys', 'add', 'anthropic', '--store', 'file'] },
  { code: 'secret_in_args', args: () => ['keys', 'add', 'anthropic', 'sk-ant-0123456789abcdef'] },
  { code: 'unknown_model', args: () => ['models', 'info', 'claude-opus-4.55555'] },
  { code: 'unknown_provider', args: () => ['keys', 'add', 'antropic'] },
  { code: 'config_invalid', args: () => ['routes'], config: 'default: demo/echo\nfallbak: [openrouter]\n' },
  { code: 'not_running', args: () => ['logs', '-f'] },
  { code: 'no_request', args: () => ['logs', 'show', '7k2n41'] },
  { code: 'no_such_rule', args: () => ['routes', 'rm', 'background'] },
  { code: 'not_configured', args: () => ['providers', 'rm', 'openai'] },
  { code: 'key_not_stored', args: () => ['keys', 'rm', 'openai', '-y'] },
  { code: 'ledger_corrupt', args: (at) => damagedLedger(at) },
  { code: 'usage', args: () => ['modles'] },
];

async function somebodysPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** A configuration whose provider takes no key. */
async function refusing(): Promise<string> {
  const upstream = await startFakeUpstream();
  onTestFinished(() => upstream.close());
  upstream.answer({
    status: 401,
    pieces: ['{"error":{"type":"authentication_error","message":"invalid x-api-key"}}'],
  });
  return home(`providers:\n  acme: { url: "${upstream.url}/v1" }\n`).configFile;
}

function damagedLedger(at: TestHome): string[] {
  mkdirSync(join(at.dir, 'state'), { mode: 0o700, recursive: true });
  writeFileSync(join(at.dir, 'state', 'ledger.sqlite'), 'this is not a database at all'.repeat(100));
  return ['logs'];
}

describe('an error of a command', () => {
  it.each(SITUATIONS)(
    '$code says what happened and what to do, in 100 and 60 columns and as JSON',
    async (situation) => {
      const at = home(situation.config);
      const args = await situation.args(at);
      const run = (...flags: string[]) =>
        runCli(at, [...args, ...flags], situation.env ? { env: situation.env } : {});
      await expectError(run, situation);
    },
  );
});

describe('codes of errors', () => {
  const root = fileURLToPath(new URL('../../src/', import.meta.url));
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'));

  it('are all in the table, with the exit code that they have', () => {
    const exits: Record<string, number> = EXIT;
    const made = sources.flatMap((text) => [
      ...text.matchAll(/new UserError\(\{\s*code: '(\w+)',\s*exit: (?:EXIT\.)?(\w+)/g),
    ]);
    expect(made.length).toBeGreaterThan(30);
    const known = new Map(ERROR_CODES.map(({ code, exit }) => [code, exit]));
    // Those two say in the table that they have two.
    const two = new Set(['cancelled', 'no_file']);
    const wrong = made
      .map(([, code = '', exit = '']) => ({ code, exit: exits[exit] ?? Number(exit) }))
      .filter(({ code, exit }) => !known.has(code) || (known.get(code) !== exit && !two.has(code)));
    expect(wrong).toEqual([]);
  });

  it('of requests are all in the table', () => {
    const [, union = ''] =
      /type ErrorCode =([^;]*);/.exec(readFileSync(join(root, 'errors.ts'), 'utf8')) ?? [];
    const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
    const known = new Set(ERROR_CODES.map(({ code }) => code));
    expect(codes.filter((code) => !known.has(code ?? ''))).toEqual([]);
    expect(known.size).toBe(ERROR_CODES.length);
  });

  it('and exit codes are explained by help, within 60 columns', async () => {
    const at = home();
    for (const topic of ['errors', 'exit-codes', 'environment']) {
      const { code, stdout } = await runCli(at, ['help', topic, '--width', '60']);
      expect(code).toBe(0);
      expect(widest(stdout)).toBeLessThanOrEqual(60);
    }
    expect((await runCli(at, ['help', 'errors'])).stdout).toMatch(
      /^ +no_provider_key +no key for the provider/m,
    );
  });

  it('a running server answers with them, too', async () => {
    const gateway = await startGateway(home());
    const answer = await gateway.post('/v1/chat/completions', {
      model: 'openai/gpt-5',
      messages: [{ role: 'user', content: 'x' }],
    });
    await gateway.stop();
    expect(await answer.json()).toMatchObject({ error: { code: 'no_provider_key' } });
  });
});
