import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type CliResult, freePort, runCli, startGateway, type TestHome } from '../support/cli.ts';
import { type FakeUpstream, type SeenRequest, startFakeUpstream } from '../support/fake-upstream.ts';
import { home, widest } from '../support/home.ts';
import { filesWith } from '../support/keyring.ts';

const GOOD = 'sk-good-0123456789abcdef';
const MODELS = JSON.stringify({ data: [{ id: 'm-1' }, { id: 'm-2' }] });

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
});
afterAll(() => upstream.close());
beforeEach(() => {
  upstream.seen.length = 0;
  upstream.answer(chatServer(null));
});

/** A server of Chat Completions below `/v1`; with a key only for those who send it in that header. */
function chatServer(want: { header: string; value: string } | null): (request: SeenRequest) => {
  status?: number;
  pieces: string[];
} {
  return ({ url, headers }) => {
    if (want && headers[want.header] !== want.value) return { status: 401, pieces: ['{}'] };
    if (url === '/v1/models') return { pieces: [MODELS] };
    return url === '/v1/chat/completions'
      ? { status: 400, pieces: ['{"error":{"message":"model is missing"}}'] }
      : { status: 404, pieces: ['no such page'] };
  };
}

const providers = (at: TestHome, args: string[], options = {}): Promise<CliResult> =>
  runCli(at, ['providers', ...args], options);
const configOf = ({ configFile }: TestHome): string => readFileSync(configFile, 'utf8');

describe('providers add', () => {
  it('asks the endpoint what it speaks, and writes down only that, with the rest of the file as it was', async () => {
    const at = home('# mine\ndefault: acme/m-1  # yes\n');
    const { code, stdout, stderr } = await providers(at, [
      'add',
      'acme',
      '--url',
      `${upstream.url}/v1/chat/completions`,
    ]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `● Speaks openai-chat; 2 models.\n● Saved providers.acme in ${at.configFile}.\n`,
    });
    expect(stderr).toContain('routes test acme/m-1');
    const text = configOf(at);
    expect(text).toContain('# mine\ndefault: acme/m-1  # yes\n');
    expect(text).toMatch(
      new RegExp(`acme:\\n +url: ${upstream.url}/v1\\n +protocol: openai-chat\\n +auth: none\\n`),
    );
  });

  it('finds the list below /v1 when only the host was given', async () => {
    const at = home();
    expect((await providers(at, ['add', 'acme', '--url', upstream.url])).code).toBe(0);
    expect(configOf(at)).toContain(`url: ${upstream.url}/v1`);
  });

  it('stores a key apart from the file, and notices how it wants to travel', async () => {
    const at = home();
    upstream.answer(chatServer({ header: 'x-api-key', value: GOOD }));
    const args = ['add', 'acme', '--url', `${upstream.url}/v1`, '--stdin', '--store', 'file', '--json'];
    const { code, stdout } = await providers(at, args, { input: GOOD });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      provider: 'acme',
      protocols: ['openai-chat'],
      auth: 'x-api-key',
      models: 2,
      tested: true,
    });
    expect(configOf(at)).toContain('auth: x-api-key');
    expect(configOf(at)).not.toContain(GOOD);
    expect(filesWith(at.dir, GOOD)).toHaveLength(1);
    expect((await runCli(at, ['keys', 'test', 'acme'])).stdout).toContain('works: 2 models');
  });

  it('writes nothing when the endpoint wants a key, refuses it, or is not there', async () => {
    const at = home();
    upstream.answer(chatServer({ header: 'authorization', value: `Bearer ${GOOD}` }));
    const url = ['--url', `${upstream.url}/v1`];
    const bare = await providers(at, ['add', 'acme', ...url]);
    expect(bare).toMatchObject({ code: 4, stdout: '' });
    expect(bare.stderr).toContain('wants a key');
    const wrong = await providers(at, ['add', 'acme', ...url, '--stdin', '--store', 'file'], {
      input: 'sk-wrong-123456789',
    });
    expect(wrong.code).toBe(4);
    expect(wrong.stderr).toContain('[key_refused]');
    const gone = await providers(at, ['add', 'acme', '--url', `http://127.0.0.1:${await freePort()}`]);
    expect(gone.code).toBe(7);
    expect(gone.stderr).toContain('[upstream_unreachable]');
    expect(() => configOf(at)).toThrow('ENOENT');
    expect(filesWith(at.dir, 'sk-wrong')).toEqual([]);
  });

  it('says so when what answers speaks nothing of ours', async () => {
    upstream.answer({ status: 404, pieces: ['a web page'] });
    const { code, stderr } = await providers(home(), ['add', 'acme', '--url', upstream.url]);
    expect(code).toBe(7);
    expect(stderr).toContain('speaks none of our protocols');
  });

  it('asks nobody with --no-test, and takes protocols and headers as they are said', async () => {
    const at = home();
    const args = ['add', 'acme', '--url', 'llm.acme.example', '--no-test'];
    const flags = ['--protocol', 'openai-chat,anthropic-messages', '--header', 'x-team=core'];
    expect((await providers(at, [...args, ...flags])).code).toBe(0);
    expect(upstream.seen).toEqual([]);
    expect(parse(configOf(at)).providers.acme).toEqual({
      url: 'https://llm.acme.example',
      protocol: ['openai-chat', 'anthropic-messages'],
      headers: { 'x-team': 'core' },
    });
  });

  it.each([
    [['add', 'acme'], '--url'],
    [['add', 'acme', '--url', 'https://user:pass@x.example'], '--url'],
    [['add', 'sk-ant-0123456789abcdef0123', '--url', 'x.example'], 'no name for a provider'],
    [['add', 'acme', '--url', 'x.example', '--protocol', 'soap', '--no-test'], 'soap'],
  ])('refuses %j', async (args, word) => {
    const { code, stderr } = await providers(home(), args);
    expect([2, 3]).toContain(code);
    expect(stderr).toContain(word);
    expect(stderr).not.toContain('0123456789abcdef0123');
  });

  it('gives a built-in provider another address, and its own back', async () => {
    const at = home();
    await providers(at, ['add', 'openai', '--url', 'https://eu.example/v1', '--no-test']);
    expect(configOf(at)).toContain('https://eu.example/v1');
    expect((await providers(at, ['add', 'openai', '--reset-url'])).code).toBe(0);
    expect(configOf(at)).not.toContain('eu.example');
    expect((await providers(at, ['add', 'openai', '--reset-url'])).code).toBe(9);
  });
});

describe('providers list', () => {
  it('shows who can be called, who is configured and who is switched off, at every width', async () => {
    const at = home(
      `providers:\n  acme: { url: "${upstream.url}/v1", auth: none }\n  openai: { enabled: false }\n`,
    );
    const env = { OPENAI_API_KEY: GOOD };
    const { stdout, stderr } = await providers(at, ['list'], { env });
    expect(stdout).toMatch(/^acme +chat +– – +http:\S+ \(custom\)$/m);
    expect(stdout).toMatch(/^openai .* off +https:\/\/api\.openai\.com\/v1 \(configured\)$/m);
    expect(stdout).toMatch(/^demo .* built in$/m);
    expect(stderr).toMatch(/\d+ more without a key: unorouter providers --all/);
    for (const width of ['60', '100'])
      expect(widest((await providers(at, ['--width', width, '--all'])).stdout)).toBeLessThanOrEqual(
        Number(width),
      );
    const rows = JSON.parse((await providers(at, ['--json=id,enabled,key'], { env })).stdout);
    expect(rows).toContainEqual({ id: 'openai', enabled: false, key: 'disabled' });
    expect(rows).toContainEqual({ id: 'acme', enabled: true, key: 'none' });
  });
});

describe('providers disable, enable and rm', () => {
  it('sends nothing to a provider that is switched off, says so, and uses it again', async () => {
    const at = home(`providers:\n  acme: { url: "${upstream.url}/v1", auth: none }\n`);
    expect((await providers(at, ['disable', 'acme'])).stdout).toContain('acme is switched off');
    const gateway = await startGateway(at);
    const ask = { model: 'acme/m-1', messages: [{ role: 'user', content: 'hi' }] };
    const refused = await gateway.post('/v1/chat/completions', ask);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { code: 'provider_disabled', message: expect.stringContaining('providers enable acme') },
    });
    expect(upstream.seen).toEqual([]);
    await gateway.cli(['providers', 'enable', 'acme']);
    await gateway.says('config.yaml reloaded');
    await gateway.post('/v1/chat/completions', ask);
    expect(upstream.seen.map(({ url }) => url)).toContain('/v1/chat/completions');
    await gateway.stop();
  });

  it('takes an entry out of the file, and says when there is none', async () => {
    const at = home(`providers:\n  acme: { url: "${upstream.url}/v1" } # mine\ndefault: demo/echo\n`);
    expect((await providers(at, ['rm', 'acme'])).stdout).toContain('acme is gone.');
    expect(configOf(at)).toBe('default: demo/echo\n');
    expect(await providers(at, ['rm', 'acme'])).toMatchObject({ code: 9 });
    const builtin = await providers(at, ['rm', 'openai', '--json']);
    expect(builtin.code).toBe(9);
    expect(JSON.parse(builtin.stderr).error.code).toBe('not_configured');
  });
});

describe('providers detect', () => {
  async function machine(): Promise<TestHome> {
    const nobody = await freePort();
    const locals = {
      ollama: upstream.url,
      lmstudio: `http://127.0.0.1:${nobody}`,
      llamacpp: `http://127.0.0.1:${nobody}`,
      vllm: upstream.url,
    };
    const rows = Object.entries(locals).map(([id, url]) => `  ${id}: { url: "${url}/${id}/v1" }`);
    upstream.answer(({ url }) => {
      if (url === '/ollama/v1/models') return { pieces: [MODELS] };
      if (url === '/api/ps') return { pieces: ['{"models":[{"name":"qwen3","context_length":4096}]}'] };
      return { pieces: ['<html>'] };
    });
    return home(`providers:\n${rows.join('\n')}\n`);
  }

  it('tells what answers where model servers usually are, and what will hurt; writes nothing', async () => {
    const at = await machine();
    const before = configOf(at);
    const { code, stdout, stderr } = await providers(at, ['detect']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/● Ollama +127\.0\.0\.1:\d+ +2 models/);
    expect(stdout).toContain('▲ qwen3 runs with a context of 4096 tokens; agents need 65536');
    expect(stdout).toMatch(/○ LM Studio .* nothing there/);
    expect(stdout).toMatch(/○ vLLM .* not a model server/);
    expect(stderr).toContain('OLLAMA_CONTEXT_LENGTH=65536 ollama serve');
    expect(configOf(at)).toBe(before);
    const rows = JSON.parse((await providers(at, ['detect', '--json=provider,state'])).stdout);
    expect(rows).toEqual([
      { provider: 'ollama', state: 'found' },
      { provider: 'lmstudio', state: 'absent' },
      { provider: 'llamacpp', state: 'absent' },
      { provider: 'vllm', state: 'strange' },
    ]);
  });

  it('keeps one with --add, and only one that is there', async () => {
    const at = await machine();
    expect((await providers(at, ['detect', '--add', 'ollama'])).stdout).toContain('Saved providers.ollama');
    expect((await providers(at, ['detect', '--add', 'lmstudio'])).code).toBe(9);
    expect((await providers(at, ['detect', '--add', 'cursor'])).code).toBe(2);
  });
});
