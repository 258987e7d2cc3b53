import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CliResult,
  type Gateway,
  runCli,
  startGateway,
  type TestHome,
  temporaryHome,
} from '../support/cli.ts';
import {
  type FakeAnswer,
  type FakeUpstream,
  type SeenRequest,
  startFakeUpstream,
} from '../support/fake-upstream.ts';
import { widest } from '../support/home.ts';

type Json = Record<string, never>;

const EVENT_STREAM = { 'content-type': 'text/event-stream' };
const frame = (type: string, more: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const refused = (message: string): FakeAnswer => ({
  status: 400,
  pieces: [JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } })],
});

const has = (body: unknown, text: string): boolean => JSON.stringify(body).includes(text);

/** Content blocks of a Messages answer, by what was asked. */
function contentFor(body: Json, lacks: string): object[] {
  const call = (id: string, city: string): object => ({
    type: 'tool_use',
    id,
    name: 'get_weather',
    input: { city },
  });
  if (has(body.tool_choice ?? {}, 'any')) {
    if (lacks === 'tools') return [{ type: 'text', text: 'It rains.' }];
    return lacks === 'parallel-tools' ? [call('a', 'Paris')] : [call('a', 'Paris'), call('b', 'Rome')];
  }
  const thought = { type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmF0dXJl' };
  const text = { type: 'text', text: has(body, '"image"') && lacks !== 'image' ? 'Red.' : 'Fine.' };
  return body.thinking && lacks !== 'thinking' ? [thought, text] : [text];
}

/** A provider of Messages that lacks one thing. */
function provider(lacks: string): (request: SeenRequest) => FakeAnswer {
  let asked = 0;
  return ({ method, body: bytes }) => {
    if (method === 'GET') return { pieces: ['{"data":[{"id":"m","context_length":4000}]}'] };
    const body = JSON.parse(bytes.toString()) as Json;
    const replayed = has(body.messages, '"signature"');
    if (lacks === 'all-tools' && body.tools) return refused('tools are not supported');
    if (lacks === 'image-in-result' && has(body, 'tool_result')) return refused('no images in tool results');
    if (lacks === 'reasoning' && replayed) return refused('messages.1.content.0: unexpected thinking');
    if (lacks === 'window' && bytes.length > 15_000) return refused('prompt is too long');
    if (lacks === 'time' && body.thinking)
      return {
        status: 529,
        pieces: ['{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'],
      };
    const repeated = has(body.system ?? '', 'cache_control') && asked++ > 0 && lacks !== 'cache';
    const usage = { input_tokens: 20, cache_read_input_tokens: repeated ? 5_000 : 0, output_tokens: 5 };
    if (!body.stream || lacks === 'stream')
      return {
        pieces: [
          JSON.stringify({
            id: 'x',
            type: 'message',
            role: 'assistant',
            model: 'm',
            stop_reason: 'end_turn',
            content: contentFor(body, lacks),
            usage,
          }),
        ],
      };
    const words = ['one ', 'two ', 'three ', 'four '].map((text) =>
      frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    );
    return {
      headers: EVENT_STREAM,
      end: has(body, 'story') ? 'hang' : 'end',
      pieces: [
        frame('message_start', {
          message: { id: 'x', type: 'message', role: 'assistant', model: 'm', content: [], usage },
        }),
        frame('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
        ...words,
        ...(has(body, 'story')
          ? []
          : [
              frame('content_block_stop', { index: 0 }),
              frame('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } }),
              frame('message_stop', {}),
            ]),
      ],
    };
  };
}

let home: TestHome;
let upstream: FakeUpstream;
let gateway: Gateway | undefined;
beforeEach(async () => {
  home = temporaryHome();
  upstream = await startFakeUpstream();
});
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  await upstream.close();
  home.remove();
});

const row = (protocol: string): string => `{ url: "${upstream.url}/v1", protocol: ${protocol}, auth: none }`;

async function start(protocol = 'anthropic-messages', more = ''): Promise<Gateway> {
  home.writeConfig(`providers: { acme: ${row(protocol)}, other: ${row(protocol)},
  far: { url: "https://far.example/v1", auth: none } }
prices: { acme/m: { input: 1, output: 2 } }
retry: { attempts: 1 }
${more}`);
  gateway = await startGateway(home);
  return gateway;
}

const verify = (to: Gateway, ...args: string[]): Promise<CliResult> =>
  to.cli(['models', 'verify', 'acme/m', '-y', ...args]);

interface Result {
  target: string;
  abilities: Record<string, unknown>;
  checks: { id: string; verdict: string; note: string; costNanoUsd: number | null }[];
}

async function verified(to: Gateway, ...args: string[]): Promise<Result> {
  const { code, stdout } = await verify(to, '--json', ...args);
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

const ALL = ['stream', 'tools', 'parallel-tools', 'image', 'image-in-result', 'reasoning', 'cache', 'cancel'];

describe('models verify', () => {
  it('finds that a model can do all of it, counts what that cost, and keeps it privately', async () => {
    upstream.answer(provider('nothing'));
    const to = await start();
    const { target, checks, abilities } = await verified(to);
    expect(target).toBe('acme/m');
    expect(checks.map(({ id, verdict }) => [id, verdict])).toEqual(ALL.map((id) => [id, 'pass']));
    expect(abilities).toEqual({ tools: true, vision: true, reasoning: true });
    expect(checks[0]?.costNanoUsd).toBe(30_000);
    const file = join(home.dir, 'state', 'verified.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject([
      { target, checks, at: expect.any(Number) },
    ]);
    const rows = JSON.parse((await to.cli(['logs', '--json', '-n', '50'])).stdout);
    expect(rows).toHaveLength(9);
    expect(rows[0]).toMatchObject({ agent: 'models verify', rule: 'models verify' });
  });

  it.each([
    ['stream', ['stream'], {}],
    ['tools', ['tools', 'parallel-tools'], { tools: false }],
    ['all-tools', ['tools', 'parallel-tools', 'image-in-result'], { tools: false }],
    ['parallel-tools', ['parallel-tools'], { tools: true }],
    ['image', ['image', 'image-in-result'], { vision: false }],
    ['image-in-result', ['image-in-result'], { vision: true }],
    ['reasoning', ['reasoning'], { reasoning: true }],
    ['cache', ['cache'], {}],
  ])('sees that a provider lacks %s', async (lacks, fails, abilities) => {
    upstream.answer(provider(lacks));
    const result = await verified(await start());
    expect(result.checks.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toEqual(fails);
    expect(result.abilities).toMatchObject(abilities);
  });

  it('says unknown where nothing can be told: no reasoning is shown, or the provider is in trouble', async () => {
    upstream.answer(provider('thinking'));
    const to = await start();
    const unshown = (await verified(to)).checks.find(({ id }) => id === 'reasoning');
    expect(unshown).toMatchObject({ verdict: 'unknown', note: 'it shows no reasoning' });
    upstream.answer(provider('time'));
    const { checks } = await verified(to);
    expect(checks.find(({ id }) => id === 'reasoning')).toMatchObject({
      verdict: 'unknown',
      note: 'Overloaded',
    });
  });

  it('sees that a provider of Chat Completions does not count a stream that is given up', async () => {
    upstream.answer(({ method, body }) => {
      if (method === 'GET') return { pieces: ['{"data":[]}'] };
      const chunk = (content: string): string =>
        `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
      return has(body.toString(), 'story')
        ? { headers: EVENT_STREAM, pieces: ['a ', 'b ', 'c ', 'd '].map(chunk), end: 'hang' }
        : { pieces: ['{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}'] };
    });
    const { checks } = await verified(await start('openai-chat'));
    expect(checks.find(({ id }) => id === 'cancel')).toMatchObject({ verdict: 'fail' });
  });

  it('finds with --window that less fits than the list says', async () => {
    upstream.answer(provider('window'));
    const to = await start();
    await to.cli(['models', 'refresh', 'acme']);
    const { checks, abilities } = await verified(to, '--window');
    expect(checks.find(({ id }) => id === 'window')).toMatchObject({
      verdict: 'fail',
      note: '2000 tokens were taken, the list says 4000',
    });
    expect(abilities).toMatchObject({ context: 2000 });
    const [info] = JSON.parse(
      (await to.cli(['models', '--json=model,context', '--provider', 'acme'])).stdout,
    );
    expect(info).toEqual({ model: 'acme/m', context: 2000 });
  });

  it('makes an alias pass over a model that cannot, and refuses where there is no other', async () => {
    upstream.answer(provider('all-tools'));
    const to = await start('anthropic-messages', 'aliases: { both: [acme/m, other/m] }\n');
    const ask = (model: string): Promise<Response> =>
      to.post('/v1/messages', {
        model,
        max_tokens: 9,
        tools: [{ name: 'f', input_schema: { type: 'object' } }],
        messages: [{ role: 'user', content: 'hi' }],
      });
    await verified(to);
    upstream.answer(provider('nothing'));
    const served = await ask('both');
    expect(served.headers.get('x-unorouter-served')).toBe('other/m');
    const refusal = await ask('acme/m');
    expect(refusal.status).toBe(424);
    expect(await refusal.json()).toMatchObject({
      error: { message: expect.stringContaining('m cannot use tools, and the request has some') },
    });
    // Whoever has learned it since takes it back.
    await verified(to);
    expect((await ask('both')).headers.get('x-unorouter-served')).toBe('acme/m');
    await to.stop();
    gateway = await startGateway(home);
    const explained = JSON.parse((await gateway.cli(['models', 'info', 'acme/m', '--json'])).stdout);
    expect(explained).toMatchObject({ tools: true, verified: [{ target: 'acme/m' }] });
  });

  it('says before what it will cost at most, and does not spend where nobody was asked', async () => {
    upstream.answer(provider('nothing'));
    const to = await start();
    const { code, stderr } = await to.cli(['models', 'verify', 'acme/m']);
    expect(code).toBe(2);
    expect(stderr).toContain('acme/m: about 10 requests, at most about $0.02.');
    expect(stderr).toContain('unorouter models verify acme/m -y');
    const dear = await to.cli(['models', 'verify', 'far/m']);
    expect(dear.stderr).toContain('at a price that nobody knows');
    expect(upstream.seen.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('works on the demo without a key, a question or a server, at any width; models info shows it', async () => {
    for (const width of [60, 100]) {
      const run = (...args: string[]): Promise<CliResult> =>
        runCli(home, [...args, '--width', String(width)]);
      const { code, stdout } = await run('models', 'verify', 'demo/cached');
      expect(code).toBe(0);
      expect(stdout).toMatch(/^PASS +prompt cache/m);
      expect(stdout).toMatch(/^FAIL +calls tools/m);
      expect(stdout).not.toContain('$');
      expect(widest(stdout)).toBeLessThanOrEqual(width);
      const info = (await run('models', 'info', 'demo/cached')).stdout;
      expect(info).toMatch(/^Tried at demo\/cached on \d{4}-\d\d-\d\d:\n(PASS|FAIL)/m);
      expect(info).toContain('tools');
      expect(widest(info)).toBeLessThanOrEqual(width);
    }
  });

  it('of a model that nobody knows, or without a key, says so', async () => {
    expect((await runCli(home, ['models', 'verify', 'nobody-has-it', '-y'])).stderr).toContain(
      '[unknown_model] exit 9',
    );
    const keyless = await runCli(home, ['models', 'verify', 'anthropic/claude-opus-4-5', '-y']);
    expect(keyless.code).toBe(4);
    expect(keyless.stderr).toContain('unorouter keys add anthropic');
  });
});
