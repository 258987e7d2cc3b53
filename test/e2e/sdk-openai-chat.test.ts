import OpenAI, { APIError, APIUserAbortError, BadRequestError, RateLimitError, toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, listedWith, startGateway } from '../support/scripted/gateway.ts';
import { openaiChatScript, SPEECH } from '../support/scripted/openai-chat.ts';
import { FINAL, TEXT, TOOL, USAGE } from '../support/scripted/script.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Message = OpenAI.ChatCompletionMessageParam;

const ASK: Message[] = [{ role: 'user', content: 'How is the weather in Zürich?' }];
const TOOLS: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: TOOL.name,
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    },
  },
];

/** The SDK as a user sets it up: a base URL and the local token. */
const sdkFor = ({ url, token }: TestServer): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: token });

const usageOf = (usage: OpenAI.CompletionUsage | null | undefined) => ({
  input: usage?.prompt_tokens,
  cacheRead: usage?.prompt_tokens_details?.cached_tokens,
  output: usage?.completion_tokens,
  reasoning: usage?.completion_tokens_details?.reasoning_tokens,
});

describe('the openai SDK, Chat Completions', () => {
  let gateway: Gateway;
  let client: OpenAI;

  beforeAll(async () => {
    gateway = await startGateway('openai-chat', openaiChatScript);
    client = sdkFor(gateway.server);
  });
  afterAll(() => gateway.close());

  test('a whole answer arrives, and the ledger has the usage that the SDK reads', async () => {
    const answer = await client.chat.completions.create({ model: 'fake/m', messages: ASK });
    expect(answer.choices[0]?.message.content).toBe(TEXT);
    expect(usageOf(answer.usage)).toEqual(USAGE);
    const row = await gateway.lastRow();
    expect(row.usage).toMatchObject(usageOf(answer.usage));
    expect(row).toMatchObject({
      asked: 'fake/m',
      served: 'fake/m',
      status: 200,
      outcome: 'ok',
      usageSource: 'reported',
      agent: 'sdk-openai',
      stream: false,
    });
  });

  test('a streamed answer arrives word by word; without being asked for, usage reaches the ledger and not the client', async () => {
    const stream = await client.chat.completions.create({ model: 'fake/m', messages: ASK, stream: true });
    let text = '';
    for await (const chunk of stream) {
      expect(chunk.choices).toHaveLength(1);
      expect(chunk.usage).toBeUndefined();
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe(TEXT);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ outcome: 'ok', usageSource: 'reported', stream: true });
    expect(row.usage).toMatchObject(USAGE);
  });

  test('a streamed answer carries its usage to a client that asked for it', async () => {
    const stream = client.chat.completions.stream({
      model: 'fake/m',
      messages: ASK,
      stream_options: { include_usage: true },
    });
    const answer = await stream.finalChatCompletion();
    expect(answer.choices[0]?.message.content).toBe(TEXT);
    expect(usageOf(answer.usage)).toEqual(USAGE);
    expect((await gateway.lastRow()).usage).toMatchObject(usageOf(answer.usage));
  });

  test('a tool is offered, called, answered and used', async () => {
    const asked = await client.chat.completions.create({ model: 'fake/m', messages: ASK, tools: TOOLS });
    const [choice] = asked.choices;
    const [call] = choice?.message.tool_calls ?? [];
    if (!choice || call?.type !== 'function') throw new Error('no tool call');
    expect(choice.finish_reason).toBe('tool_calls');
    expect(call.function.name).toBe(TOOL.name);
    expect(JSON.parse(call.function.arguments)).toEqual(TOOL.args);
    const result: Message = { role: 'tool', tool_call_id: call.id, content: '21' };
    const messages = [...ASK, choice.message, result];
    const answered = await client.chat.completions.create({ model: 'fake/m', messages, tools: TOOLS });
    expect(answered.choices[0]?.message.content).toBe(FINAL);
    const sent = JSON.parse(gateway.calls().at(-1)?.body.toString() ?? '');
    expect(sent.messages.slice(1)).toEqual([choice.message, result]);
  });

  test('a tool is offered, called, answered and used in streams', async () => {
    const asked = await client.chat.completions
      .stream({ model: 'fake/m', messages: ASK, tools: TOOLS })
      .finalMessage();
    const [call] = asked.tool_calls ?? [];
    if (call?.type !== 'function') throw new Error('no tool call');
    expect(call.id).toBe(TOOL.id);
    expect(JSON.parse(call.function.arguments)).toEqual(TOOL.args);
    const messages: Message[] = [...ASK, asked, { role: 'tool', tool_call_id: call.id, content: '21' }];
    const answered = client.chat.completions.stream({ model: 'fake/m', messages, tools: TOOLS });
    expect((await answered.finalMessage()).content).toBe(FINAL);
    expect((await gateway.lastRow()).usage).toMatchObject(USAGE);
  });

  test('a rate limit is tried again here, then told to the SDK, which does not try on its own', async () => {
    const before = (await gateway.server.rows()).length;
    const refused = client.chat.completions.create({ model: 'fake/m-limited', messages: ASK });
    await expect(refused).rejects.toThrow(RateLimitError);
    await expect(refused).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    await expect(refused).rejects.toThrow('Slow down.');
    const rows = await gateway.server.rows();
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]).toMatchObject({ outcome: 'error', status: 429, costNanoUsd: 0, costState: 'none' });
    expect(rows[0]?.attempts.map((attempt) => attempt.failure)).toEqual(['rate-limit', 'rate-limit']);
  });

  test.each([
    ['whole', false],
    ['streamed', true],
  ])('a missing key is one %s request and our sentence', async (_how, stream) => {
    const before = (await gateway.server.rows()).length;
    const refused = client.chat.completions.create({ model: 'openai/gpt-5', messages: ASK, stream });
    await expect(refused).rejects.toThrow(BadRequestError);
    await expect(refused).rejects.toMatchObject({ code: 'no_provider_key', type: 'invalid_request_error' });
    await expect(refused).rejects.toThrow(
      'unorouter: no API key for openai, which serves gpt-5. Run: unorouter keys add openai',
    );
    const rows = await gateway.server.rows();
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]).toMatchObject({
      outcome: 'error',
      errorCode: 'no_provider_key',
      attempts: [],
      served: null,
    });
  });

  test('an unknown model is one request and an error that names a near one', async () => {
    const before = (await gateway.server.rows()).length;
    const refused = client.chat.completions.create({ model: 'gpt-5-mini-typo', messages: ASK });
    await expect(refused).rejects.toThrow(BadRequestError);
    await expect(refused).rejects.toMatchObject({ code: 'unknown_model', param: 'model' });
    await expect(refused).rejects.toThrow('gpt-5-mini');
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
    expect(ids.some((id) => id.startsWith('openai/'))).toBe(false);
    expect(await client.models.retrieve('fake/m')).toMatchObject({ id: 'fake/m', object: 'model' });
    await expect(client.models.retrieve('fake/nope')).rejects.toThrow(
      'unorouter: no such model is listed here',
    );
  });

  test('embeddings arrive, with their tokens in the ledger', async () => {
    const answer = await client.embeddings.create({
      model: 'fake/m',
      input: 'text',
      encoding_format: 'float',
    });
    expect(answer.data[0]?.embedding).toEqual([0.5, -0.25]);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ endpoint: 'embeddings', outcome: 'ok', usageSource: 'reported' });
    expect(row.usage.input).toBe(answer.usage.prompt_tokens);
  });

  test('an image arrives, with its tokens in the ledger', async () => {
    const answer = await client.images.generate({ model: 'fake/m', prompt: 'a cat' });
    expect(answer.data?.[0]?.b64_json).toBe('aW1hZ2U=');
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ endpoint: 'images', outcome: 'ok' });
    expect(row.usage).toMatchObject({ input: 12, output: 272 });
  });

  test("a recording is transcribed: the file arrives unharmed under the provider's own model id", async () => {
    const sound = Buffer.from([0, 255, 13, 10, 13, 10, 45, 45, 128, 0, 10]);
    const answer = await client.audio.transcriptions.create({
      model: 'fake/m',
      file: await toFile(sound, 'a.wav'),
    });
    expect(answer.text).toBe(TEXT);
    const sent = gateway.calls().at(-1);
    const form = await new Response(sent?.body ?? null, {
      headers: { 'content-type': sent?.headers['content-type'] ?? '' },
    }).formData();
    expect(form.get('model')).toBe('m');
    const file = form.get('file');
    if (!(file instanceof Blob)) throw new Error('no file');
    expect(Buffer.from(await file.arrayBuffer())).toEqual(sound);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ endpoint: 'audio', outcome: 'ok', asked: 'fake/m' });
    expect(row.usage).toMatchObject({ input: 90, output: 7 });
  });

  test('a transcript streams, with its tokens in the ledger', async () => {
    const file = await toFile(Buffer.from([1, 2, 3]), 'a.wav');
    const stream = await client.audio.transcriptions.create({ model: 'fake/m', file, stream: true });
    let text = '';
    for await (const event of stream) if (event.type === 'transcript.text.delta') text += event.delta;
    expect(text).toBe(TEXT);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ endpoint: 'audio', outcome: 'ok', usageSource: 'reported', stream: true });
    expect(row.usage).toMatchObject({ input: 90, output: 7 });
  });

  test('speech arrives byte for byte', async () => {
    const answer = await client.audio.speech.create({ model: 'fake/m', voice: 'alloy', input: TEXT });
    expect(answer.headers.get('content-type')).toBe('audio/mpeg');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(SPEECH);
    expect(await gateway.lastRow()).toMatchObject({ endpoint: 'audio', outcome: 'ok', usageSource: 'none' });
  });

  test('an image is edited: the file arrives unharmed', async () => {
    const image = await toFile(Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), 'a.png', {
      type: 'image/png',
    });
    const answer = await client.images.edit({ model: 'fake/m', image, prompt: 'red' });
    expect(answer.data?.[0]?.b64_json).toBe('aW1hZ2U=');
    const sent = gateway.calls().at(-1);
    expect(sent?.url).toBe('/v1/images/edits');
    expect(sent?.body.includes(Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]))).toBe(true);
    expect(sent?.body.includes('fake/m')).toBe(false);
  });

  test('moderations are passed on and cost nothing', async () => {
    const answer = await client.moderations.create({ model: 'fake/m', input: 'x' });
    expect(answer.results[0]?.flagged).toBe(false);
    expect(await gateway.lastRow()).toMatchObject({ endpoint: 'moderations', outcome: 'ok', costNanoUsd: 0 });
  });

  test('a legacy completion streams, with its usage in the ledger only', async () => {
    const stream = await client.completions.create({ model: 'fake/m', prompt: 'x', stream: true });
    let text = '';
    for await (const chunk of stream) {
      expect(chunk.choices).toHaveLength(1);
      text += chunk.choices[0]?.text ?? '';
    }
    expect(text).toBe(TEXT);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ endpoint: 'completions', outcome: 'ok', usageSource: 'reported' });
    expect(row.usage).toMatchObject(USAGE);
  });

  test('a stream that the provider breaks off is an error for the SDK, not a short answer', async () => {
    const stream = await client.chat.completions.create({ model: 'fake/m-cut', messages: ASK, stream: true });
    let text = '';
    await expect(async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    }).rejects.toThrow(APIError);
    expect(text).toBe(TEXT);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ outcome: 'upstream_cut', usageSource: 'estimated', status: 200 });
    expect(row.attempts).toHaveLength(1);
  });

  test('leaving a stream in the middle stops the provider and is billed as an estimate', async () => {
    const before = gateway.upstream.aborted;
    const stream = await client.chat.completions.create({
      model: 'fake/m-endless',
      messages: ASK,
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await gateway.upstream.waitForAbort(before + 1);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ outcome: 'client_aborted', status: 200, usageSource: 'estimated' });
    expect(row.usage.input).toBeGreaterThan(0);
    expect(row.usage.output).toBeGreaterThan(0);
  });

  test('an abort signal stops the provider, too', async () => {
    const before = gateway.upstream.aborted;
    const abort = new AbortController();
    const stream = client.chat.completions.stream(
      { model: 'fake/m-endless', messages: ASK },
      { signal: abort.signal },
    );
    stream.on('content', () => abort.abort());
    await expect(stream.done()).rejects.toThrow(APIUserAbortError);
    await gateway.upstream.waitForAbort(before + 1);
    expect(await gateway.lastRow()).toMatchObject({ outcome: 'client_aborted' });
  });
});

describe('the openai SDK, Chat Completions, with no key at all', () => {
  let server: TestServer;
  let client: OpenAI;

  beforeAll(async () => {
    server = await startTestServer();
    client = sdkFor(server);
  });
  afterAll(() => server.close());

  test('demo/echo repeats, whole and streamed', async () => {
    const whole = await client.chat.completions.create({ model: 'demo/echo', messages: ASK });
    expect(whole.choices[0]?.message.content).toBe('You said: How is the weather in Zürich?');
    const streamed = await client.chat.completions
      .stream({ model: 'demo/echo', messages: ASK, stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(streamed.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    const [row] = await server.rows();
    expect(row).toMatchObject({ served: 'demo/echo', outcome: 'ok', costState: 'demo' });
    expect(row?.usage).toMatchObject(usageOf(streamed.usage));
  });

  test('demo/reasoner thinks first', async () => {
    const stream = await client.chat.completions.create({
      model: 'demo/reasoner',
      messages: ASK,
      stream: true,
    });
    const order: string[] = [];
    for await (const { choices } of stream) {
      const delta: Record<string, unknown> = { ...choices[0]?.delta };
      if (delta.reasoning_content) order.push('reasoning');
      if (delta.content) order.push('text');
    }
    expect(order.lastIndexOf('reasoning')).toBe(order.indexOf('text') - 1);
    const [row] = await server.rows();
    expect(row?.usage.reasoning).toBeGreaterThan(0);
  });

  test('demo/flaky refuses once, which nobody notices', async () => {
    const answer = await client.chat.completions.create({ model: 'demo/flaky', messages: ASK });
    expect(answer.choices[0]?.message.content).toBe('The second attempt worked.');
    const [row] = await server.rows();
    expect(row?.attempts.map((attempt) => attempt.status)).toEqual([429, 200]);
  });

  test('the demo models are listed', async () => {
    const ids = (await client.models.list()).data.map((model) => model.id);
    expect(ids).toEqual(expect.arrayContaining(['demo/echo', 'demo/reasoner']));
  });
});
