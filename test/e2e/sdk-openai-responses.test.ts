import OpenAI, { APIUserAbortError, BadRequestError, RateLimitError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/scripted/gateway.ts';
import { openaiResponsesScript } from '../support/scripted/openai-responses.ts';
import { FINAL, TEXT, TOOL, USAGE } from '../support/scripted/script.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;
type Input = OpenAI.Responses.ResponseInputItem[];

const QUESTION = 'How is the weather in Zürich?';
const TOOLS: OpenAI.Responses.FunctionTool[] = [
  { type: 'function', name: TOOL.name, parameters: { type: 'object' }, strict: false },
];

const sdkFor = ({ url, token }: TestServer): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: token });

const usageOf = (usage: OpenAI.Responses.ResponseUsage | undefined) => ({
  input: usage?.input_tokens,
  cacheRead: usage?.input_tokens_details.cached_tokens,
  output: usage?.output_tokens,
  reasoning: usage?.output_tokens_details.reasoning_tokens,
});

describe('the openai SDK, Responses', () => {
  let gateway: Gateway;
  let client: OpenAI;

  /** The answer, asked for whole or as a stream. */
  const send = (params: Params, stream: boolean): Promise<OpenAI.Responses.Response> =>
    stream
      ? client.responses.stream({ ...params, stream: true }).finalResponse()
      : client.responses.create(params);

  beforeAll(async () => {
    gateway = await startGateway('openai-responses', openaiResponsesScript);
    client = sdkFor(gateway.server);
  });
  afterAll(() => gateway.close());

  test.each([
    ['whole', false],
    ['streamed', true],
  ])('a %s answer arrives, and the ledger has the usage that the SDK reads', async (_how, stream) => {
    const answer = await send({ model: 'fake/m', input: QUESTION }, stream);
    expect(answer.status).toBe('completed');
    expect(answer.output_text).toBe(TEXT);
    expect(usageOf(answer.usage)).toEqual(USAGE);
    const row = await gateway.lastRow();
    expect(row.usage).toMatchObject(usageOf(answer.usage));
    expect(row).toMatchObject({ asked: 'fake/m', outcome: 'ok', usageSource: 'reported', stream });
  });

  test('the events of a stream arrive one by one, in their order', async () => {
    const stream = await client.responses.create({ model: 'fake/m', input: QUESTION, stream: true });
    let text = '';
    const numbers: number[] = [];
    for await (const event of stream) {
      numbers.push(event.sequence_number);
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect(text).toBe(TEXT);
    expect(numbers).toEqual([...numbers.keys()]);
  });

  test.each([
    ['whole', false],
    ['streamed', true],
  ])('a tool is offered, called, answered and used: %s', async (_how, stream) => {
    const asked = await send({ model: 'fake/m', input: QUESTION, tools: TOOLS }, stream);
    const [call] = asked.output;
    if (call?.type !== 'function_call') throw new Error('no tool call');
    expect(call).toMatchObject({ call_id: TOOL.id, name: TOOL.name });
    expect(JSON.parse(call.arguments)).toEqual(TOOL.args);
    const input: Input = [
      { role: 'user', content: QUESTION },
      { type: 'function_call', call_id: call.call_id, name: call.name, arguments: call.arguments },
      { type: 'function_call_output', call_id: call.call_id, output: '21' },
    ];
    const answered = await send({ model: 'fake/m', input, tools: TOOLS }, stream);
    expect(answered.output_text).toBe(FINAL);
    expect(JSON.parse(gateway.calls().at(-1)?.body.toString() ?? '').input).toEqual(input);
    expect((await gateway.lastRow()).usage).toMatchObject(USAGE);
  });

  test('a rate limit is tried again here, then told to the SDK, which does not try on its own', async () => {
    const before = (await gateway.server.rows()).length;
    const refused = client.responses.create({ model: 'fake/m-limited', input: QUESTION });
    await expect(refused).rejects.toThrow(RateLimitError);
    await expect(refused).rejects.toThrow('Slow down.');
    const rows = await gateway.server.rows();
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]?.attempts).toHaveLength(2);
  });

  test('a missing key is one request and our sentence', async () => {
    const before = (await gateway.server.rows()).length;
    const refused = client.responses.create({ model: 'openai/gpt-5', input: QUESTION });
    await expect(refused).rejects.toThrow(BadRequestError);
    await expect(refused).rejects.toMatchObject({ code: 'no_provider_key' });
    await expect(refused).rejects.toThrow('Run: unorouter keys add openai');
    const rows = await gateway.server.rows();
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]).toMatchObject({ status: 400, errorCode: 'no_provider_key', served: null });
  });

  test('a missing key of a stream is a response that failed, in our sentence, after one request', async () => {
    const before = (await gateway.server.rows()).length;
    const stream = await client.responses.create({ model: 'openai/gpt-5', input: QUESTION, stream: true });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events.map((event) => event.type)).toEqual(['response.created', 'response.failed']);
    const last = events.at(-1);
    if (last?.type !== 'response.failed') throw new Error('no failure');
    expect(last.response.status).toBe('failed');
    expect(last.response.error?.message).toContain('unorouter: no API key for openai');
    const rows = await gateway.server.rows();
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]).toMatchObject({ outcome: 'error', errorCode: 'no_provider_key' });
  });

  test('an unknown model is one request and an error that names a near one', async () => {
    const before = (await gateway.server.rows()).length;
    const refused = client.responses.create({ model: 'gpt-5-mini-typo', input: QUESTION });
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'unknown_model' });
    await expect(refused).rejects.toThrow('gpt-5-mini');
    expect(await gateway.server.rows()).toHaveLength(before + 1);
  });

  test('a stream that the provider breaks off is a response that failed, not a short answer', async () => {
    const stream = await client.responses.create({ model: 'fake/m-cut', input: QUESTION, stream: true });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    const last = events.at(-1);
    if (last?.type !== 'response.failed') throw new Error(`it ended with ${last?.type}`);
    expect(last.response.error?.message).toContain('unorouter: ');
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ outcome: 'upstream_cut', usageSource: 'estimated', status: 200 });
    expect(row.attempts).toHaveLength(1);
  });

  test('leaving a stream in the middle stops the provider', async () => {
    const before = gateway.upstream.aborted;
    const abort = new AbortController();
    const params = { model: 'fake/m-endless', input: QUESTION, stream: true } as const;
    const stream = client.responses.stream(params, { signal: abort.signal });
    stream.on('response.output_text.delta', () => abort.abort());
    await expect(stream.done()).rejects.toThrow(APIUserAbortError);
    await gateway.upstream.waitForAbort(before + 1);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ outcome: 'client_aborted', usageSource: 'estimated' });
    expect(row.usage.output).toBeGreaterThan(0);
  });
});

describe('the openai SDK, Responses, with no key at all', () => {
  let server: TestServer;
  let client: OpenAI;

  beforeAll(async () => {
    server = await startTestServer();
    client = sdkFor(server);
  });
  afterAll(() => server.close());

  test('demo/echo repeats, whole and streamed', async () => {
    const whole = await client.responses.create({ model: 'demo/echo', input: QUESTION });
    expect(whole.output_text).toBe(`You said: ${QUESTION}`);
    const params = { model: 'demo/echo', input: QUESTION, stream: true } as const;
    const streamed = await client.responses.stream(params).finalResponse();
    expect(streamed.output_text).toBe(whole.output_text);
    const [row] = await server.rows();
    expect(row).toMatchObject({ served: 'demo/echo', outcome: 'ok', costState: 'demo' });
    expect(row?.usage).toMatchObject(usageOf(streamed.usage));
  });

  test('demo/reasoner thinks first', async () => {
    const types = ['reasoning', 'message'];
    const whole = await client.responses.create({ model: 'demo/reasoner', input: QUESTION });
    expect(whole.output.map((item) => item.type)).toEqual(types);
    const params = { model: 'demo/reasoner', input: QUESTION, stream: true } as const;
    const streamed = await client.responses.stream(params).finalResponse();
    expect(streamed.output.map((item) => item.type)).toEqual(types);
  });
});
