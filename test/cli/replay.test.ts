import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CliResult,
  type Gateway,
  runCli,
  serverGone,
  startGateway,
  type TestHome,
  temporaryHome,
} from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { widest } from '../support/home.ts';
import { expectError } from './support/situations.ts';

const SCHEMA = { type: 'object', properties: {} };
const CLIENTS = {
  'openai-chat': {
    path: '/v1/chat/completions',
    body: (stream: boolean) => ({
      model: 'demo/echo',
      stream,
      messages: [{ role: 'user', content: 'tide times' }],
    }),
  },
  'openai-responses': {
    path: '/v1/responses',
    body: (stream: boolean) => ({ model: 'demo/echo', stream, input: 'tide times' }),
  },
  'anthropic-messages': {
    path: '/v1/messages?beta=true',
    body: (stream: boolean) => ({
      model: 'demo/echo',
      stream,
      max_tokens: 99,
      messages: [{ role: 'user', content: 'tide times' }],
    }),
  },
  gemini: {
    path: '/v1beta/models/demo%2Fecho:streamGenerateContent?alt=sse',
    body: () => ({ contents: [{ role: 'user', parts: [{ text: 'tide times' }] }] }),
  },
} as const;

let home: TestHome;
let gateway: Gateway;
let upstream: FakeUpstream;
beforeEach(async () => {
  home = temporaryHome();
  upstream = await startFakeUpstream();
  home.writeConfig(
    `providers: { acme: { url: "${upstream.url}/v1", auth: none } }\nretry: { attempts: 1 }\n`,
  );
  gateway = await startGateway(home, ['--bodies', 'on']);
});
afterEach(async () => {
  await gateway.stop();
  await upstream.close();
  await serverGone(home);
  home.remove();
});

async function asked(path: string, body: unknown): Promise<string> {
  const answer = await gateway.post(path, body, { 'anthropic-version': '2023-06-01' });
  await answer.text();
  return answer.headers.get('x-unorouter-id') ?? '';
}

const replay = (...args: string[]): Promise<CliResult> => gateway.cli(['replay', ...args]);

describe('replay', () => {
  it.each(Object.entries(CLIENTS))(
    'sends a recorded request of %s to another model and compares',
    async (protocol, client) => {
      for (const stream of [true, false]) {
        const id = await asked(client.path, client.body(stream));
        const { code, stdout, stderr } = await replay(id, '--model', 'demo/reasoner', '--json');
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        const { before, now } = JSON.parse(stdout);
        expect(before).toMatchObject({
          id,
          served: 'demo/echo',
          said: { text: 'You said: tide times', finish: 'stop' },
        });
        expect(now).toMatchObject({
          served: 'demo/reasoner',
          protocol,
          agent: 'replay',
          outcome: 'ok',
          said: { text: 'After thinking about it: tide times', toolCalls: [] },
        });
        expect(now.said.reasoning).toContain('thinking');
        expect(now.usage.reasoning).toBeGreaterThan(0);
        const row = JSON.parse((await gateway.cli(['logs', 'show', now.id, '--json'])).stdout);
        expect(row).toMatchObject({ asked: 'demo/reasoner', agent: 'replay' });
      }
    },
  );

  it('shows cost, times, tokens, tool calls and what is said differently, at any width', async () => {
    upstream.answer({
      pieces: [
        JSON.stringify({
          choices: [
            {
              finish_reason: 'tool_calls',
              message: {
                role: 'assistant',
                content: 'Let me look.\u001b[31m',
                tool_calls: [{ id: 'c', type: 'function', function: { name: 'shell', arguments: '{}' } }],
              },
            },
          ],
          usage: { prompt_tokens: 7, completion_tokens: 3 },
        }),
      ],
    });
    const tools = [{ type: 'function', function: { name: 'shell', parameters: SCHEMA } }];
    const id = await asked('/v1/chat/completions', { ...CLIENTS['openai-chat'].body(false), tools });
    for (const width of [60, 100]) {
      const { code, stdout } = await replay(id, '--model', 'acme/m', '--width', String(width));
      expect(code).toBe(0);
      expect(stdout).toMatch(/BEFORE +NOW/);
      expect(stdout).toMatch(/^model +demo\/echo +acme\/m/m);
      expect(stdout).toMatch(/^cost +demo +local *$/m);
      expect(stdout).toMatch(/^tool calls +– +shell/m);
      expect(stdout).toMatch(/^finish +stop +tool-calls/m);
      expect(stdout).toMatch(/^- You said: tide times$/m);
      expect(stdout).toMatch(/^\+ Let me look\./m);
      expect(stdout).not.toContain('\u001b');
      expect(widest(stdout)).toBeLessThanOrEqual(width);
    }
    const sent = upstream.seen.find(({ method }) => method === 'POST');
    expect(JSON.parse(sent?.body.toString() ?? '')).toMatchObject({ model: 'm', tools });
  });

  it('ends with 7 where the other model fails, and says why', async () => {
    upstream.answer({ status: 400, pieces: ['{"error":{"message":"no such parameter"}}'] });
    const id = await asked(CLIENTS['openai-chat'].path, CLIENTS['openai-chat'].body(true));
    const { code, stdout } = await replay(id, '--model', 'acme/m');
    expect(code).toBe(7);
    expect(stdout).toContain('no such parameter');
  });

  it('says what to do where nothing was recorded, the model is unknown, or there is no such request', async () => {
    const id = await asked(CLIENTS['openai-chat'].path, CLIENTS['openai-chat'].body(true));
    const failing = (which: string, model: string, ...flags: string[]): Promise<CliResult> =>
      replay(which, '--model', model, ...flags);
    await expectError((...flags) => failing('zzzzzz', 'demo/echo', ...flags), { code: 'no_request' });
    await expectError((...flags) => failing(id, 'claude-opus-4.555', ...flags), {
      code: 'unknown_model',
      fix: 'unorouter models search',
    });
    await gateway.stop();
    gateway = await startGateway(home);
    const unheard = await asked(CLIENTS['openai-chat'].path, CLIENTS['openai-chat'].body(true));
    await expectError((...flags) => failing(unheard, 'demo/echo', ...flags), {
      code: 'bodies_not_recorded',
      fix: 'unorouter serve --bodies on',
    });
  });

  it('of a request that is longer than what is kept says so', async () => {
    const id = await asked('/v1/chat/completions', {
      ...CLIENTS['openai-chat'].body(false),
      messages: [{ role: 'user', content: 'word '.repeat(300_000) }],
    });
    await expectError((...flags) => replay(id, '--model', 'demo/echo', ...flags), { code: 'not_replayable' });
  });

  it('starts a private server where none runs', async () => {
    const id = await asked(CLIENTS['openai-chat'].path, CLIENTS['openai-chat'].body(true));
    await gateway.stop();
    const { code, stdout } = await runCli(home, ['replay', id, '--model', 'demo/coder', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).now.served).toBe('demo/coder');
  });
});
