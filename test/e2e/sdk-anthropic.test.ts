import Anthropic, { APIError, APIUserAbortError, RateLimitError } from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anthropicScript, CACHE_WRITE } from '../support/scripted/anthropic.ts';
import { type Gateway, listedWith, startGateway } from '../support/scripted/gateway.ts';
import { FINAL, TEXT, TOOL, USAGE } from '../support/scripted/script.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Params = Anthropic.MessageCreateParamsNonStreaming;

const ASK: Anthropic.MessageParam[] = [{ role: 'user', content: 'How is the weather in Zürich?' }];
const TOOLS: Anthropic.Tool[] = [
  { name: TOOL.name, input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
];
const ask = (model: string, more: Partial<Params> = {}): Params => ({
  model,
  max_tokens: 100,
  messages: ASK,
  ...more,
});

/** The SDK as a user sets it up: a base URL without /v1 and the local token. */
const sdkFor = ({ url, token }: TestServer): Anthropic => new Anthropic({ baseURL: url, apiKey: token });

/** Anthropic's counts in the ledger's convention: input includes what came from caches and went into them. */
const usageOf = (usage: Anthropic.Usage) => ({
  input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
  cacheRead: usage.cache_read_input_tokens,
  cacheWrite: usage.cache_creation_input_tokens,
  output: usage.output_tokens,
});
const EXPECTED = {
  input: USAGE.input,
  cacheRead: USAGE.cacheRead,
  cacheWrite: CACHE_WRITE,
  output: USAGE.output,
};

describe('the Anthropic SDK', () => {
  let gateway: Gateway;
  let client: Anthropic;

  beforeAll(async () => {
    gateway = await startGateway('anthropic-messages', anthropicScript);
    client = sdkFor(gateway.server);
  });
  afterAll(() => gateway.close());

  test('a whole answer arrives, and the ledger has the usage that the SDK reads', async () => {
    const answer = await client.messages.create(ask('fake/m'));
    expect(answer.content).toEqual([{ type: 'text', text: TEXT }]);
    expect(usageOf(answer.usage)).toEqual(EXPECTED);
    const row = await gateway.lastRow();
    expect(row.usage).toMatchObject(usageOf(answer.usage));
    expect(row).toMatchObject({
      asked: 'fake/m',
      served: 'fake/m',
      outcome: 'ok',
      usageSource: 'reported',
      agent: 'sdk-anthropic',
    });
  });

  test('a streamed answer arrives with its usage, which the ledger has, too', async () => {
    const stream = client.messages.stream(ask('fake/m'));
    let text = '';
    stream.on('text', (delta) => {
      text += delta;
    });
    const answer = await stream.finalMessage();
    expect(text).toBe(TEXT);
    expect(answer.stop_reason).toBe('end_turn');
    expect(usageOf(answer.usage)).toEqual(EXPECTED);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ outcome: 'ok', usageSource: 'reported', stream: true });
    expect(row.usage).toMatchObject(usageOf(answer.usage));
  });

  test.each([
    ['whole', false],
    ['streamed', true],
  ])('a tool is offered, called, answered and used: %s', async (_how, stream) => {
    const send = (params: Params): Promise<Anthropic.Message> =>
      stream ? client.messages.stream(params).finalMessage() : client.messages.create(params);
    const asked = await send(ask('fake/m', { tools: TOOLS }));
    expect(asked.stop_reason).toBe('tool_use');
    const [call] = asked.content;
    if (call?.type !== 'tool_use') throw new Error('no tool call');
    expect(call).toMatchObject({ id: TOOL.id, name: TOOL.name, input: TOOL.args });
    const result: Anthropic.MessageParam = {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: call.id, content: '21' }],
    };
    const messages: Anthropic.MessageParam[] = [
      ...ASK,
      { role: 'assistant', content: asked.content },
      result,
    ];
    const answered = await send(ask('fake/m', { tools: TOOLS, messages }));
    expect(answered.content).toEqual([{ type: 'text', text: FINAL }]);
    expect((await gateway.lastRow()).usage).toMatchObject(EXPECTED);
  });

  test('a rate limit is tried again here, then told to the SDK, which does not try on its own', async () => {
    const before = (await gateway.server.rows()).length;
    const refused = client.messages.create(ask('fake/m-limited'));
    await expect(refused).rejects.toThrow(RateLimitError);
    await expect(refused).rejects.toMatchObject({
      status: 429,
      error: { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } },
    });
    const rows = await gateway.server.rows();
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]).toMatchObject({ outcome: 'error', status: 429 });
    expect(rows[0]?.attempts).toHaveLength(2);
  });

  test.each([
    ['whole', false],
    ['streamed', true],
  ])('a missing key is one %s request, status 424 and our sentence', async (_how, stream) => {
    const before = (await gateway.server.rows()).length;
    const refused = client.messages.create({ ...ask('anthropic/claude-sonnet-4-5'), stream });
    await expect(refused).rejects.toThrow(APIError);
    await expect(refused).rejects.toMatchObject({
      status: 424,
      error: { type: 'error', error: { type: 'invalid_request_error' } },
    });
    await expect(refused).rejects.toThrow(
      'unorouter: no API key for anthropic, which serves claude-sonnet-4-5. Run: unorouter keys add anthropic',
    );
    const rows = await gateway.server.rows();
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]).toMatchObject({ outcome: 'error', errorCode: 'no_provider_key', served: null });
  });

  test('an unknown model is one request and an error that names a near one', async () => {
    const before = (await gateway.server.rows()).length;
    const refused = client.messages.create(ask('claude-sonnet-4-5-typo'));
    await expect(refused).rejects.toMatchObject({ status: 424 });
    await expect(refused).rejects.toThrow('did you mean claude-sonnet-4');
    expect(await gateway.server.rows()).toHaveLength(before + 1);
  });

  test('the list of models has what the provider lists, and one of them can be looked up', async () => {
    const list = async (): Promise<string[]> => {
      const ids: string[] = [];
      for await (const model of client.models.list()) ids.push(model.id);
      return ids;
    };
    const ids = await listedWith('fake/m', list);
    expect(ids).toContain('demo/echo');
    expect(await client.models.retrieve('fake/m')).toMatchObject({ id: 'fake/m', type: 'model' });
  });

  test('tokens are counted by the provider, under its own model id, and that costs nothing', async () => {
    const counted = await client.messages.countTokens({ model: 'fake/m', messages: ASK });
    expect(counted.input_tokens).toBe(77);
    const sent = gateway.calls().at(-1);
    expect(sent?.url).toBe('/v1/messages/count_tokens');
    expect(JSON.parse(sent?.body.toString() ?? '').model).toBe('m');
    expect(await gateway.lastRow()).toMatchObject({
      endpoint: 'count-tokens',
      outcome: 'ok',
      usageSource: 'none',
      costNanoUsd: 0,
      costState: 'none',
    });
  });

  test('a stream that the provider breaks off is an error for the SDK, not a short answer', async () => {
    const stream = client.messages.stream(ask('fake/m-cut'));
    let text = '';
    stream.on('text', (delta) => {
      text += delta;
    });
    await expect(stream.done()).rejects.toThrow(APIError);
    expect(text).toBe(TEXT);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ outcome: 'upstream_cut', usageSource: 'partial', status: 200 });
    expect(row.attempts).toHaveLength(1);
  });

  test('leaving a stream in the middle stops the provider and is billed with the input that it had reported', async () => {
    const before = gateway.upstream.aborted;
    const stream = client.messages.stream(ask('fake/m-endless'));
    stream.on('text', () => stream.abort());
    await expect(stream.done()).rejects.toThrow(APIUserAbortError);
    await gateway.upstream.waitForAbort(before + 1);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ outcome: 'client_aborted', usageSource: 'partial' });
    expect(row.usage).toMatchObject({ input: USAGE.input, cacheRead: USAGE.cacheRead });
    expect(row.usage.output).toBeGreaterThan(1);
  });

  test("an endpoint that is not there is an error in the SDK's own shape", async () => {
    await expect(client.messages.batches.list()).rejects.toMatchObject({
      status: 404,
      error: {
        type: 'error',
        error: { type: 'not_found_error', message: 'unorouter: there is no such endpoint here' },
      },
    });
  });

  test('the token is also taken as a bearer token', async () => {
    const bearer = new Anthropic({
      baseURL: gateway.server.url,
      authToken: gateway.server.token,
      apiKey: null,
    });
    expect((await bearer.messages.create(ask('fake/m'))).content).toHaveLength(1);
  });

  test('a wrong token is one request, and the SDK says whose token is wrong', async () => {
    const wrong = new Anthropic({ baseURL: gateway.server.url, apiKey: 'sk-ant-not-the-local-token' });
    const before = gateway.server.server.status().refused;
    await expect(wrong.messages.create(ask('fake/m'))).rejects.toThrow(Anthropic.AuthenticationError);
    await expect(wrong.messages.create(ask('fake/m'))).rejects.toThrow('unorouter: the local token is wrong');
    expect(gateway.server.server.status().refused).toBe(before + 2);
  });
});

describe('the Anthropic SDK with no key at all', () => {
  let server: TestServer;
  let client: Anthropic;

  beforeAll(async () => {
    server = await startTestServer();
    client = sdkFor(server);
  });
  afterAll(() => server.close());

  test('demo/echo repeats, whole and streamed', async () => {
    const whole = await client.messages.create(ask('demo/echo'));
    const text = { type: 'text', text: 'You said: How is the weather in Zürich?' };
    expect(whole.content).toEqual([text]);
    const streamed = await client.messages.stream(ask('demo/echo')).finalMessage();
    expect(streamed.content).toEqual([text]);
    const [row] = await server.rows();
    expect(row).toMatchObject({ served: 'demo/echo', outcome: 'ok', costState: 'demo' });
    expect(row?.usage).toMatchObject({
      input: usageOf(streamed.usage).input,
      output: streamed.usage.output_tokens,
    });
  });

  test('demo/reasoner thinks first', async () => {
    const types = ['thinking', 'text'];
    const whole = await client.messages.create(ask('demo/reasoner'));
    expect(whole.content.map((block) => block.type)).toEqual(types);
    const streamed = await client.messages.stream(ask('demo/reasoner')).finalMessage();
    expect(streamed.content.map((block) => block.type)).toEqual(types);
  });

  test('the demo counts tokens', async () => {
    const counted = await client.messages.countTokens({ model: 'demo/echo', messages: ASK });
    expect(counted.input_tokens).toBeGreaterThan(0);
  });
});
