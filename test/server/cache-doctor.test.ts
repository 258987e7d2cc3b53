import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CacheBreak } from '../../src/exchange.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let upstream: FakeUpstream;
let server: TestServer;
/** What the provider reports of its next answer. */
let usage: { input_tokens: number; cache_read_input_tokens: number; cache_creation_input_tokens: number };

beforeEach(async () => {
  upstream = await startFakeUpstream();
  upstream.answer((request) => {
    if (request.method !== 'POST') return { pieces: ['{"data":[]}'] };
    const { model } = JSON.parse(request.body.toString('utf8'));
    const message = {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model,
      content: [{ type: 'text', text: 'ok' }],
    };
    return {
      pieces: [
        JSON.stringify({ ...message, stop_reason: 'end_turn', usage: { ...usage, output_tokens: 5 } }),
      ],
    };
  });
  server = await startTestServer({
    config: [
      `providers: { acme: { url: "${upstream.url}/v1", auth: none, protocol: anthropic-messages }, bolt: { url: "${upstream.url}/v1", auth: none, protocol: anthropic-messages } }`,
      'prices: { acme/m: { input: 10, output: 0, cached: 1, cache_write: 10 }, bolt/m: { input: 10, output: 0, cached: 1, cache_write: 10 } }',
      'routes: [{ when: { header: { x-go: bolt } }, to: bolt/m }]',
      '',
    ].join('\n'),
  });
});
afterEach(async () => {
  await server.close();
  await upstream.close();
});

const SECRET = 'the launch code is 8-1-5';
const tool = (name: string) => ({ name, description: 'does it', input_schema: { type: 'object' } });
const said = (text: string, marked = false) => ({
  role: 'user',
  content: marked ? [{ type: 'text', text, cache_control: { type: 'ephemeral' } }] : text,
});
const answered = { role: 'assistant', content: [{ type: 'text', text: 'ok' }] };

const FIRST = {
  model: 'acme/m',
  max_tokens: 10,
  tools: [tool('read'), tool('write')],
  system: [{ type: 'text', text: `You help. ${SECRET}`, cache_control: { type: 'ephemeral' } }],
  messages: [said('one', true)],
};
/** The next turn, as agents send it: the mark moves on, the text that had it is short again. */
const SECOND = { ...FIRST, messages: [said('one'), answered, said('two', true)] };

interface Reported {
  read: number;
  written: number;
}
const WARM: Reported = { read: 0, written: 20_000 };
const COLD: Reported = { read: 0, written: 21_000 };

async function ask(
  body: object,
  { read, written }: Reported,
  headers: Record<string, string> = {},
): Promise<CacheBreak | null> {
  usage = { input_tokens: 100, cache_read_input_tokens: read, cache_creation_input_tokens: written };
  const response = await server.post('/v1/messages', body, { 'x-unorouter-session': 's', ...headers });
  expect(response.status).toBe(200);
  await response.text();
  const [row] = await server.rows();
  return Reflect.get(row ?? {}, 'cacheBreak') as CacheBreak | null;
}

describe('a prompt cache', () => {
  test('that is read again is no matter, also when the mark has moved', async () => {
    expect(await ask(FIRST, WARM)).toBeNull();
    expect(await ask(SECOND, { read: 20_000, written: 50 })).toBeNull();
  });

  test.each<[string, object, Partial<CacheBreak>]>([
    ['its tools', { ...SECOND, tools: [tool('read'), tool('other')] }, { part: 'tools', by: 'client' }],
    ['its system prompt', { ...SECOND, system: 'It is 12:01.' }, { part: 'system', by: 'client' }],
    ['the model', { ...SECOND, model: 'bolt/m' }, { part: 'model', by: 'client', from: 'acme/m' }],
    ['nothing', SECOND, { part: null, by: 'provider', from: null }],
  ])(
    'that is lost because the client changed %s is told so, with what it cost',
    async (_what, body, expected) => {
      await ask(FIRST, WARM);
      expect(await ask(body, COLD)).toMatchObject({
        message: null,
        ...expected,
        tokens: 20_000,
        // At $10 instead of $1 a million.
        costNanoUsd: 180_000_000,
      });
    },
  );

  test('that is lost at an earlier message names it', async () => {
    const long = { ...SECOND, messages: [said('one'), answered, said('two'), answered, said('three', true)] };
    await ask(long, WARM);
    const pruned = {
      ...long,
      messages: [said('one'), answered, said('2'), answered, said('three'), answered, said('x')],
    };
    expect(await ask(pruned, COLD)).toMatchObject({ part: 'message', message: 3, by: 'client' });
  });

  test('that is lost because of a route is our own doing', async () => {
    await ask(FIRST, WARM);
    expect(await ask(SECOND, COLD, { 'x-go': 'bolt' })).toMatchObject({
      part: 'model',
      by: 'route',
      from: 'acme/m',
    });
  });

  test('of another session, or of a sub-agent in it, is another one', async () => {
    await ask(FIRST, WARM);
    expect(await ask({ ...FIRST, messages: [said('a task of its own')] }, COLD)).toBeNull();
    expect(await ask(SECOND, COLD, { 'x-unorouter-session': 'other' })).toBeNull();
    expect(await ask(SECOND, COLD)).not.toBeNull();
  });

  test('leaves no word of the prompt behind', async () => {
    await ask(FIRST, WARM);
    await ask({ ...SECOND, tools: [] }, COLD);
    const state = join(server.home.dir, 'state');
    const file = readdirSync(state)
      .map((name) => readFileSync(join(state, name), 'latin1'))
      .join();
    expect(file).toContain('"part":"tools"');
    for (const word of [SECRET, 'does it', 'You help']) expect(file).not.toContain(word);
  });
});
