import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { freePort, temporaryHome } from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function server(given: Parameters<typeof startTestServer>[0] = {}): Promise<TestServer> {
  const started = await startTestServer(given);
  open.push(started);
  return started;
}

async function provider(): Promise<FakeUpstream> {
  const upstream = await startFakeUpstream();
  open.push(upstream);
  return upstream;
}

/** The error that starting gives. */
async function refusal(given: Parameters<typeof startTestServer>[0]): Promise<UserError> {
  try {
    await server(given);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('it started');
}

const echo = (text: string) => ({ model: 'demo/echo', messages: [{ role: 'user', content: text }] });

describe('a server', () => {
  it('is the only one of its home: a second one says where the first is, and leaves it alone', async () => {
    const first = await server();
    const error = await refusal({ home: first.home });
    expect(error).toMatchObject({ code: 'port_in_use', exit: 6 });
    expect(error.message).toContain(`already running on port ${first.server.port}`);
    expect((await first.fetch('/v1/models')).status).toBe(200);
  });

  it('serves where nothing can be written: with a token for this run, without records, and says both', async () => {
    const home = temporaryHome();
    writeFileSync(join(home.dir, 'disk'), '');
    const env = { UNOROUTER_HOME: join(home.dir, 'disk', 'full'), UNOROUTER_TOKEN: '' };
    const { server: running, notices } = await server({ home, env });
    const response = await fetch(`${running.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${running.token}` },
      body: JSON.stringify(echo('hi')),
    });
    expect(response.status).toBe(200);
    expect(notices).toContainEqual(expect.stringContaining('the local token is good for this run only'));
    expect(running.status().problems).toContainEqual(expect.stringMatching(/^The ledger .* cannot be/));
  });

  it('takes over the note of a server that died', async () => {
    const home = temporaryHome();
    const first = await server({ home });
    const note = readFileSync(join(home.dir, 'state', 'server.json'), 'utf8');
    await first.server.stop('now');
    writeFileSync(join(home.dir, 'state', 'server.json'), note);
    const second = await server({ home });
    expect(JSON.parse(readFileSync(join(home.dir, 'state', 'server.json'), 'utf8')).port).toBe(
      second.server.port,
    );
  });

  it('says which program has its port only as far as it knows, exits 6, or takes any free port when asked', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const error = await refusal({ options: { port } });
    expect(error).toMatchObject({ code: 'port_in_use', exit: 6, message: `port ${port} is already in use` });
    expect(error.fix[0]).toContain('--any-port');
    const hopped = await server({ options: { port, anyPort: true } });
    expect(hopped.server.port).not.toBe(port);
    other.close();
  });

  it('refuses to listen where others can reach it, unless that is said in full', async () => {
    const error = await refusal({ options: { host: '0.0.0.0' } });
    expect(error).toMatchObject({ code: 'unsafe_bind', exit: 2 });
    const naked = await refusal({ options: { host: '0.0.0.0', insecureHttp: true, auth: false } });
    expect(naked.code).toBe('unsafe_bind');
  });

  it('answers on 127.0.0.1 and, where the machine has it, on ::1', async () => {
    const { server: running, token } = await server();
    const six = await fetch(`http://[::1]:${running.port}/v1/models`, {
      headers: { authorization: `Bearer ${token}` },
    }).then(
      (response) => response.status,
      () => null,
    );
    expect([200, null]).toContain(six);
  });

  it('keeps its state for its owner alone', async () => {
    const { home } = await server();
    expect(statSync(join(home.dir, 'state')).mode & 0o777).toBe(0o700);
    for (const file of ['server.json'])
      expect(statSync(join(home.dir, 'state', file)).mode & 0o777).toBe(0o600);
  });

  it('does not start on a broken configuration, and says file, line and column', async () => {
    const error = await refusal({ config: 'default: gpt-5\nfallbak: [openrouter]\n' });
    expect(error).toMatchObject({ code: 'config_invalid', exit: 3 });
    expect(error.message).toMatch(/config\.yaml:2:1: "fallbak" is not a setting/);
  });
});

describe('while it runs', () => {
  it('a saved configuration counts at once; a broken one leaves the last good one in place', async () => {
    const upstream = await provider();
    const gateway = await server();
    expect((await gateway.post('/v1/chat/completions', { model: 'acme/m', messages: [] })).status).toBe(400);
    upstream.answer({ pieces: ['{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}'] });
    gateway.home.writeConfig(`providers:\n  acme: { url: ${upstream.url}/v1, auth: none }\n`);
    await gateway.noticed('config.yaml reloaded');
    expect((await gateway.post('/v1/chat/completions', { model: 'acme/m', messages: [] })).status).toBe(200);
    gateway.home.writeConfig('providers: [\n');
    await gateway.noticed('still using the previous one');
    expect((await gateway.post('/v1/chat/completions', { model: 'acme/m', messages: [] })).status).toBe(200);
  });

  it('a broken or foreign configuration is told once, with its line, and by status until it is mended', async () => {
    const gateway = await server({ config: 'default: demo/echo\n' });
    const PATIENT = { timeout: 5_000 };
    const problems = () => gateway.server.status().problems;
    const warned = () => gateway.notices.filter((text) => text.includes('still using the previous one'));
    const file = gateway.home.configFile;
    gateway.home.writeConfig('default: demo/echo\nroutes: [ {\n');
    await gateway.noticed('still using the previous one');
    expect(problems()).toEqual([
      expect.stringMatching(/^config\.yaml:\d+:\d+: .*still using the previous one/),
    ]);
    gateway.home.writeConfig('default: demo/echo\nfallbak: [a]\n');
    await expect.poll(problems, PATIENT).toEqual([expect.stringMatching(/config\.yaml:2:1: "fallbak"/)]);
    expect(warned()).toHaveLength(2);
    // Somebody else could steer where prompts and keys go.
    writeFileSync(`${file}.other`, 'default: demo/coder\n');
    rmSync(file);
    symlinkSync(`${file}.other`, file);
    await expect.poll(() => problems().join(), PATIENT).toMatch(/config\.yaml.*link/);
    expect(gateway.server.config().default).toBe('demo/echo');
    rmSync(file);
    gateway.home.writeConfig('default: demo/coder\n');
    await expect.poll(problems, PATIENT).toEqual([]);
    expect(gateway.server.config().default).toBe('demo/coder');
  });

  it('a key that is added counts without a restart, and so does its removal', async () => {
    const upstream = await provider();
    upstream.answer({
      pieces: ['{"data":[{"id":"m"}],"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}'],
    });
    const gateway = await server({ config: `providers:\n  acme: { url: ${upstream.url}/v1 }\n` });
    const ask = () => gateway.post('/v1/chat/completions', { model: 'acme/m', messages: [] });
    expect((await ask()).status).toBe(400);
    const { createKeys } = await import('../../src/keys/index.ts');
    const { homePaths } = await import('../../src/home/index.ts');
    const keys = createKeys({ paths: homePaths(gateway.home.env), env: gateway.home.env });
    await keys.load();
    await keys.add({ provider: 'acme', urls: [upstream.url], secret: 'acme-key-00000000', store: 'file' });
    expect((await gateway.post('/api/keys/reload', {})).status).toBe(200);
    await gateway.noticed('acme key added');
    await gateway.noticed('acme: 1 models available');
    expect((await ask()).status).toBe(200);
    expect(upstream.seen.at(-1)?.headers.authorization).toBe('Bearer acme-key-00000000');
    await keys.remove('acme');
    await gateway.post('/api/keys/reload', {});
    await gateway.noticed('acme key removed');
    expect((await ask()).status).toBe(400);
  });

  it('a rotated token replaces the old one', async () => {
    const home = temporaryHome();
    const { homePaths, loadToken, rotateToken } = await import('../../src/home/index.ts');
    const before = loadToken(homePaths(home.env), home.env).token;
    const gateway = await server({ home, env: { UNOROUTER_TOKEN: '' } });
    const models = (token: string) =>
      gateway.fetch('/v1/models', { headers: { authorization: `Bearer ${token}` } });
    expect((await models(before)).status).toBe(200);
    const after = rotateToken(homePaths(home.env));
    const reload = await gateway.fetch('/api/token/reload', {
      method: 'POST',
      headers: { authorization: `Bearer ${before}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(reload.status).toBe(200);
    expect((await models(before)).status).toBe(401);
    expect((await models(after)).status).toBe(200);
  });

  it('its status knows what was served, and what is on its way', async () => {
    const upstream = await provider();
    const gateway = await server({ config: `providers:\n  acme: { url: ${upstream.url}/v1, auth: none }\n` });
    await (await gateway.post('/v1/chat/completions', echo('hi'))).text();
    upstream.answer({ headers: { 'content-type': 'text/event-stream' }, pieces: [], end: 'hang' });
    const leave = new AbortController();
    const waiting = gateway
      .fetch('/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'acme/m', stream: true, messages: [] }),
        signal: leave.signal,
      })
      .catch(() => null);
    await expect
      .poll(
        async () =>
          ((await (await gateway.fetch('/api/status')).json()) as { live: { served: string }[] }).live,
      )
      .toMatchObject([{ served: 'acme/m', outcome: 'open' }]);
    const status = (await (await gateway.fetch('/api/status')).json()) as { today: { requests: number } };
    // The demo provider's row does not count.
    expect(status.today.requests).toBe(0);
    leave.abort();
    await waiting;
  });

  it('its events tell what is open and everything after it, without keys or prompts', async () => {
    const gateway = await server();
    const leave = new AbortController();
    const events = await gateway.fetch('/api/events', { signal: leave.signal });
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    await (await gateway.post('/v1/chat/completions', echo('a private sentence'))).text();
    let text = '';
    while (!text.includes('"type":"finish"')) text += (await reader?.read())?.value ?? '';
    expect(text).toContain('"type":"open"');
    expect(text).not.toContain('private sentence');
    leave.abort();
  });
});

describe('a stop', () => {
  it('lets a running stream finish, refuses new requests, and leaves every row settled', async () => {
    const gateway = await server();
    const response = await gateway.post('/v1/chat/completions', {
      ...echo('one two three four five six'),
      stream: true,
    });
    const stopped = gateway.server.stop('drain');
    const text = await response.text();
    expect(text).toContain('[DONE]');
    await stopped;
    await expect(fetch(`${gateway.url}/health`)).rejects.toThrow();
    expect(existsSync(join(gateway.home.dir, 'state', 'server.json'))).toBe(false);
    const { openLedgerReader } = await import('../../src/ledger/index.ts');
    const reader = await openLedgerReader(join(gateway.home.dir, 'state', 'ledger.sqlite'));
    expect(reader?.exchanges({ limit: 10 })).toMatchObject([{ outcome: 'ok', model: 'echo' }]);
    reader?.close();
  });

  it('now breaks off what runs, tells client and upstream, and records it as interrupted', async () => {
    const upstream = await provider();
    upstream.answer({
      headers: { 'content-type': 'text/event-stream' },
      pieces: ['data: {"choices":[{"index":0,"delta":{"content":"hello"}}]}\n\n'],
      end: 'hang',
    });
    const gateway = await server({ config: `providers:\n  acme: { url: ${upstream.url}/v1, auth: none }\n` });
    const response = await gateway.post('/v1/chat/completions', {
      model: 'acme/m',
      stream: true,
      messages: [],
    });
    const body = response.text();
    const drained = gateway.server.stop('drain');
    await gateway.server.stop('now');
    await drained;
    expect(await body).toContain('this server is stopping');
    expect(await body).not.toContain('[DONE]');
    await upstream.waitForAbort();
    const { openLedgerReader } = await import('../../src/ledger/index.ts');
    const reader = await openLedgerReader(join(gateway.home.dir, 'state', 'ledger.sqlite'));
    expect(reader?.exchanges({ limit: 10 })[0]).toMatchObject({
      outcome: 'interrupted',
      errorCode: 'shutting_down',
    });
    reader?.close();
  });

  it('through the management API ends it as well', async () => {
    const gateway = await server();
    const response = await gateway.post('/api/stop', { how: 'drain' });
    expect(response.status).toBe(202);
    await gateway.server.closed;
    await expect(fetch(`${gateway.url}/health`)).rejects.toThrow();
  });
});

it('a model server on this machine is found, listed and called without a key', async () => {
  const ollama = await provider();
  ollama.answer(({ method }) => ({
    pieces: [
      method === 'GET'
        ? '{"object":"list","data":[{"id":"qwen3-coder:30b"},{"id":"gemma4:e4b"}]}'
        : '{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}',
    ],
  }));
  const gateway = await server({ config: `providers:\n  ollama: { url: ${ollama.url}/v1 }\n` });
  await expect
    .poll(() => gateway.server.status().local)
    .toEqual([{ provider: 'ollama', url: `${ollama.url}/v1`, models: 2 }]);
  const list = (await (await gateway.fetch('/v1/models')).json()) as { data: { id: string }[] };
  expect(list.data.map(({ id }) => id)).toContain('ollama/qwen3-coder:30b');
  const bare = await gateway.post('/v1/chat/completions', { model: 'qwen3-coder:30b', messages: [] });
  expect(bare.headers.get('x-unorouter-served')).toBe('ollama/qwen3-coder:30b');
  expect((await gateway.rows())[0]).toMatchObject({
    costState: 'local',
    costNanoUsd: 0,
    usage: { input: 3 },
  });
});

it('serve --strict refuses what translating would drop, by name, and calls nobody', async () => {
  const upstream = await provider();
  const gateway = await server({
    config: `providers:\n  acme: { url: ${upstream.url}/v1, auth: none }\n`,
    options: { strict: true },
  });
  const request = { model: 'acme/m', max_tokens: 9, top_k: 4, messages: [{ role: 'user', content: 'hi' }] };
  const response = await gateway.post('/v1/messages', request);
  expect(response.status).toBe(424);
  expect(await response.text()).toContain('top_k');
  expect(upstream.seen.filter((seen) => seen.method === 'POST')).toEqual([]);
  expect((await gateway.rows())[0]).toMatchObject({ errorCode: 'would_drop', outcome: 'error' });
});

it('a strict route refuses what translating would drop; other routes drop it and say so', async () => {
  const upstream = await provider();
  upstream.answer({
    pieces: ['{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}'],
  });
  const gateway = await server({
    config: `providers:
  acme: { url: ${upstream.url}/v1, auth: none }
routes:
  - { name: exact, when: { model: careful }, to: acme/m, strict: true }
  - { name: loose, when: { model: easy }, to: acme/m }
`,
  });
  const ask = (model: string, more = {}) =>
    gateway.post('/v1/messages', {
      ...{ model, max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
      ...more,
    });
  const refused = await ask('careful', { top_k: 4 });
  expect(refused.status).toBe(424);
  expect(await refused.text()).toContain('top_k');
  expect(upstream.seen.filter((seen) => seen.method === 'POST')).toEqual([]);
  expect((await ask('careful')).status).toBe(200);
  const dropped = await ask('easy', { top_k: 4 });
  expect(dropped.status).toBe(200);
  expect(dropped.headers.get('x-unorouter-dropped')).toContain('top_k');
  expect((await gateway.rows())[0]).toMatchObject({
    rule: 'loose',
    losses: [expect.stringContaining('top_k')],
  });
});

describe('serve --demo', () => {
  it('answers real names from the built-in provider and says so in the row', async () => {
    const gateway = await server({ options: { demo: true } });
    const response = await gateway.post('/v1/messages', {
      model: 'claude-opus-4-5',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-unorouter-served')).toBe('demo/coder');
    expect((await gateway.rows())[0]).toMatchObject({
      asked: 'claude-opus-4-5',
      served: 'demo/coder',
      costState: 'demo',
    });
  });

  it('is the only way to that: without it a real name is never answered by the demo', async () => {
    const gateway = await server();
    expect(
      (await gateway.post('/v1/messages', { model: 'claude-opus-4-5', max_tokens: 5, messages: [] })).status,
    ).toBe(424);
  });
});

it('a default model answers "default" and "auto"; --model beats the file', async () => {
  const gateway = await server({
    config: 'default: demo/coder\n',
    options: { defaultModel: 'demo/echo', port: await freePort() },
  });
  const response = await gateway.post('/v1/chat/completions', {
    model: 'auto',
    messages: [{ role: 'user', content: 'hi' }],
  });
  expect(response.headers.get('x-unorouter-served')).toBe('demo/echo');
});
