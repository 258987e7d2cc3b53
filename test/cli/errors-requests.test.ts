import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, startGateway, type TestHome, temporaryHome } from '../support/cli.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { widest } from '../support/home.ts';

/** What a client of one protocol sends, and the sentence in the error that it gets. */
interface Client {
  path(model: string): string;
  body(model: string, text: string, tools: boolean): object;
  sentence(answer: never): string;
}

const message = (answer: { error: { message: string } }): string => answer.error.message;
const SCHEMA = { type: 'object', properties: {} };
const messages = (text: string): object[] => [{ role: 'user', content: text }];

const CLIENTS: Readonly<Record<string, Client>> = {
  'chat/completions': {
    path: () => '/v1/chat/completions',
    body: (model, text, tools) => ({
      model,
      messages: messages(text),
      ...(tools ? { tools: [{ type: 'function', function: { name: 'f', parameters: SCHEMA } }] } : {}),
    }),
    sentence: message,
  },
  responses: {
    path: () => '/v1/responses',
    body: (model, input, tools) => ({
      model,
      input,
      ...(tools ? { tools: [{ type: 'function', name: 'f', parameters: SCHEMA }] } : {}),
    }),
    sentence: message,
  },
  messages: {
    path: () => '/v1/messages',
    body: (model, text, tools) => ({
      model,
      max_tokens: 9,
      messages: messages(text),
      ...(tools ? { tools: [{ name: 'f', input_schema: SCHEMA }] } : {}),
    }),
    sentence: message,
  },
  gemini: {
    path: (model) => `/v1beta/models/${encodeURIComponent(model)}:generateContent`,
    body: (_model, text, tools) => ({
      contents: [{ role: 'user', parts: [{ text }] }],
      ...(tools ? { tools: [{ functionDeclarations: [{ name: 'f', parameters: SCHEMA }] }] } : {}),
    }),
    sentence: message,
  },
};

/** A request that cannot be served. */
interface Situation {
  title: string;
  code: string;
  model: string;
  text?: string;
  tools?: boolean;
  /** What the sentence says, with the command or the thing to do. */
  says: RegExp;
  /** By client, in the order of CLIENTS: problems of the user never look like something to try again. */
  statuses: readonly [number, number, number, number];
}

const OF_THE_USER = [400, 400, 424, 400] as const;

const SITUATIONS: readonly Situation[] = [
  {
    title: '2, no key',
    code: 'no_provider_key',
    model: 'anthropic/claude-opus-4-5',
    says: /^unorouter: no API key for anthropic, which serves claude-opus-4-5\. Run: unorouter keys add anthropic/,
    statuses: OF_THE_USER,
  },
  {
    title: '11, a name that nobody knows',
    code: 'unknown_model',
    model: 'claude-opus-4.555',
    says: /^unorouter: unknown model "claude-opus-4\.555", did you mean .*\? Run: unorouter models search claude-opus/,
    statuses: OF_THE_USER,
  },
  {
    title: '13, a provider that is unorouter itself',
    code: 'proxy_loop',
    model: 'mirror/m',
    says: /^unorouter: the provider mirror has the url http:\S+, which is unorouter itself\. Run: unorouter config unset providers\.mirror/,
    statuses: OF_THE_USER,
  },
  {
    title: '15, a budget that is used up',
    code: 'budget_reached',
    model: 'capped/m',
    says: /^unorouter: today's budget of provider capped is used up: .* Run: unorouter budget raise 1 --provider capped/,
    statuses: [400, 400, 402, 400],
  },
  {
    title: '16, everybody is overloaded',
    code: 'all_upstreams_failed',
    model: 'both',
    says: /^unorouter: busy is overloaded, and so is every fallback: tried busy 529.*, full 529; [\d.]+ s in total\. Wait and try again, or run: unorouter logs show \w+$/,
    statuses: [503, 503, 529, 503],
  },
  {
    title: '17, a prompt that is too long',
    code: 'context_too_long',
    model: 'openai/gpt-4',
    text: 'words and more words '.repeat(4_000),
    says: /the prompt is too long for gpt-4: about [\d,]+ tokens, the model takes 8,19\d; no larger model is in your routes\. Use \/compact in the agent, or run: unorouter routes explain openai\/gpt-4 --tokens \d+k$/,
    statuses: [400, 400, 400, 400],
  },
  {
    title: '18, tools for a model that has none',
    code: 'capability_missing',
    model: 'openai/o1-mini',
    tools: true,
    says: /^unorouter: o1-mini cannot use tools, and the request has some: .* Run: unorouter models --tools$/,
    statuses: OF_THE_USER,
  },
];

let home: TestHome;
let upstream: FakeUpstream;
let gateway: Gateway;
beforeEach(async () => {
  home = temporaryHome();
  upstream = await startFakeUpstream();
  upstream.answer({
    status: 529,
    pieces: ['{"error":{"type":"overloaded_error","message":"Overloaded"}}'],
  });
  const { port } = new URL(upstream.url);
  home.writeConfig(`providers:
  busy: { url: "http://127.0.0.1:${port}/v1", auth: none }
  full: { url: "http://127.0.0.1:${port}/v1", auth: none }
  mirror: { url: "http://127.0.0.1:${port}/v1", auth: none }
  capped: { url: "http://127.0.0.1:${port}/v1", auth: none }
aliases: { both: [busy/m, full/m] }
retry: { attempts: 1 }
prices: { capped/m: { input: 1, output: 1 } }
budgets: [{ provider: capped, day: 0 }]
`);
  gateway = await startGateway(home, [], { OPENAI_API_KEY: 'sk-0123456789abcdef' });
  await gateway.cli(['config', 'set', 'providers.mirror.url', `${gateway.url}/v1`]);
  await gateway.says('reloaded');
});
afterEach(async () => {
  await gateway.stop();
  await upstream.close();
  home.remove();
});

describe('a request that cannot be served', () => {
  it.each(SITUATIONS)(
    '$title: $code in every protocol, in one sentence with what to do, and in the log at any width',
    async ({ code, model, text = 'hi', tools = false, says, statuses }) => {
      for (const [i, client] of Object.values(CLIENTS).entries()) {
        const answer = await gateway.post(client.path(model), client.body(model, text, tools));
        expect(answer.status).toBe(statuses[i]);
        const sentence = client.sentence((await answer.json()) as never);
        expect(sentence).toMatch(says);
        expect(sentence).not.toMatch(/[\n{}]|undefined/);
        expect(answer.headers.get('x-should-retry')).toBe('false');
        const id = answer.headers.get('x-unorouter-id') ?? '';
        const row = JSON.parse((await gateway.cli(['logs', 'show', id, '--json'])).stdout);
        expect(row).toMatchObject({ errorCode: code, status: statuses[i], outcome: 'error' });
      }
      for (const width of [60, 100]) {
        const { stdout } = await gateway.cli(['logs', 'show', '--width', String(width)]);
        expect(stdout).toContain(code);
        expect(widest(stdout)).toBeLessThanOrEqual(width);
      }
    },
  );
});
