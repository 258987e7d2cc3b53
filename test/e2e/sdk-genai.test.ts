import { ApiError, type Content, type GenerateContentResponse, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, listedWith, startGateway } from '../support/scripted/gateway.ts';
import { geminiScript } from '../support/scripted/gemini.ts';
import { FINAL, TEXT, TOOL, USAGE } from '../support/scripted/script.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const QUESTION = 'How is the weather in Zürich?';
const ASK: Content[] = [{ role: 'user', parts: [{ text: QUESTION }] }];
const TOOLS = [{ functionDeclarations: [{ name: TOOL.name, parametersJsonSchema: { type: 'object' } }] }];

const sdkFor = ({ url, token }: TestServer): GoogleGenAI =>
  new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl: url } });

const usageOf = ({ usageMetadata: usage }: GenerateContentResponse) => ({
  input: usage?.promptTokenCount,
  cacheRead: usage?.cachedContentTokenCount,
  output: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
  reasoning: usage?.thoughtsTokenCount,
});

/** All chunks of a stream. */
async function chunksOf(
  stream: Promise<AsyncGenerator<GenerateContentResponse>>,
): Promise<GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of await stream) chunks.push(chunk);
  return chunks;
}

/** What was thrown. */
async function errorOf(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => null,
    (thrown) => thrown,
  );
  if (!(error instanceof ApiError)) throw new Error(`not an ApiError: ${error}`);
  return error;
}

describe('the Google GenAI SDK', () => {
  let gateway: Gateway;
  let client: GoogleGenAI;

  beforeAll(async () => {
    gateway = await startGateway('gemini', geminiScript);
    client = sdkFor(gateway.server);
  });
  afterAll(() => gateway.close());

  test('a whole answer arrives, and the ledger has the usage that the SDK reads', async () => {
    const answer = await client.models.generateContent({ model: 'fake/m', contents: QUESTION });
    expect(answer.text).toBe(TEXT);
    expect(usageOf(answer)).toEqual(USAGE);
    expect(gateway.calls().at(-1)?.url).toBe('/v1beta/models/m:generateContent');
    const row = await gateway.lastRow();
    expect(row.usage).toMatchObject(usageOf(answer));
    expect(row).toMatchObject({
      asked: 'fake/m',
      served: 'fake/m',
      outcome: 'ok',
      usageSource: 'reported',
      agent: 'sdk-genai',
      stream: false,
    });
  });

  test('a streamed answer arrives in pieces with its usage, which the ledger has, too', async () => {
    const chunks = await chunksOf(client.models.generateContentStream({ model: 'fake/m', contents: ASK }));
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.map((chunk) => chunk.text).join('')).toBe(TEXT);
    const last = chunks.at(-1);
    if (!last) throw new Error('no chunk');
    expect(usageOf(last)).toEqual(USAGE);
    expect(gateway.calls().at(-1)?.url).toBe('/v1beta/models/m:streamGenerateContent?alt=sse');
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ outcome: 'ok', usageSource: 'reported', stream: true });
    expect(row.usage).toMatchObject(usageOf(last));
  });

  test.each([
    ['whole', false],
    ['streamed', true],
  ])('a tool is offered, called, answered and used: %s', async (_how, stream) => {
    const send = async (contents: Content[]): Promise<GenerateContentResponse[]> => {
      const params = { model: 'fake/m', contents, config: { tools: TOOLS } };
      return stream
        ? chunksOf(client.models.generateContentStream(params))
        : [await client.models.generateContent(params)];
    };
    const asked = await send(ASK);
    const [call] = asked.flatMap((chunk) => chunk.functionCalls ?? []);
    if (!call) throw new Error('no tool call');
    expect(call).toMatchObject({ name: TOOL.name, args: TOOL.args });
    const answered = await send([
      ...ASK,
      { role: 'model', parts: [{ functionCall: call }] },
      { role: 'user', parts: [{ functionResponse: { name: TOOL.name, response: { celsius: 21 } } }] },
    ]);
    expect(answered.map((chunk) => chunk.text).join('')).toBe(FINAL);
    expect((await gateway.lastRow()).usage).toMatchObject(USAGE);
  });

  test('a rate limit is tried again here, then told to the SDK, which does not try on its own', async () => {
    const before = (await gateway.server.rows()).length;
    const refused = client.models.generateContent({ model: 'fake/m-limited', contents: QUESTION });
    const error = await errorOf(refused);
    expect(error.status).toBe(429);
    expect(error.message).toContain('Slow down.');
    expect(error.message).toContain('RESOURCE_EXHAUSTED');
    const rows = await gateway.server.rows();
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]?.attempts).toHaveLength(2);
  });

  test.each([
    ['whole', false],
    ['streamed', true],
  ])('a missing key is one %s request and our sentence', async (_how, stream) => {
    const before = (await gateway.server.rows()).length;
    const params = { model: 'google/gemini-2.5-flash', contents: QUESTION };
    const refused = stream
      ? client.models.generateContentStream(params)
      : client.models.generateContent(params);
    const error = await errorOf(refused);
    expect(error.status).toBe(400);
    expect(error.message).toContain('unorouter: no API key for google, which serves gemini-2.5-flash.');
    expect(error.message).toContain('FAILED_PRECONDITION');
    const rows = await gateway.server.rows();
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]).toMatchObject({ outcome: 'error', errorCode: 'no_provider_key', served: null });
  });

  test('an unknown model is one request and an error that names a near one', async () => {
    const before = (await gateway.server.rows()).length;
    const refused = client.models.generateContent({ model: 'gemini-2.5-flash-typo', contents: QUESTION });
    const error = await errorOf(refused);
    expect(error.status).toBe(400);
    expect(error.message).toContain('did you mean gemini-2.5-flash');
    expect(await gateway.server.rows()).toHaveLength(before + 1);
  });

  test('the list of models has what the provider lists, and one of them can be looked up', async () => {
    const list = async (): Promise<string[]> => {
      const ids: string[] = [];
      for await (const model of await client.models.list()) ids.push(model.name ?? '');
      return ids;
    };
    const ids = await listedWith('models/fake/m', list);
    expect(ids).toContain('models/demo/echo');
    expect((await client.models.get({ model: 'fake/m' })).name).toBe('models/fake/m');
  });

  test('tokens are counted by the provider, and that costs nothing', async () => {
    const counted = await client.models.countTokens({ model: 'fake/m', contents: QUESTION });
    expect(counted.totalTokens).toBe(77);
    expect(gateway.calls().at(-1)?.url).toBe('/v1beta/models/m:countTokens');
    expect(await gateway.lastRow()).toMatchObject({
      endpoint: 'count-tokens',
      outcome: 'ok',
      usageSource: 'none',
      costNanoUsd: 0,
      costState: 'none',
    });
  });

  test('a stream that the provider breaks off is an error for the SDK, not a short answer', async () => {
    const stream = await client.models.generateContentStream({ model: 'fake/m-cut', contents: QUESTION });
    let text = '';
    await expect(async () => {
      for await (const chunk of stream) text += chunk.text ?? '';
    }).rejects.toThrow(ApiError);
    expect(text).toBe(TEXT);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ outcome: 'upstream_cut', usageSource: 'estimated', status: 200 });
    expect(row.attempts).toHaveLength(1);
  });

  test("embeddings are asked for under the provider's own model id, in the path and in each request", async () => {
    const answer = await client.models.embedContent({ model: 'fake/m', contents: ['"model":"fake/m"', 'b'] });
    expect(answer.embeddings?.[0]?.values).toEqual([0.5, -0.25]);
    const sent = gateway.calls().at(-1);
    expect(sent?.url).toBe('/v1beta/models/m:batchEmbedContents');
    const { requests } = JSON.parse(sent?.body.toString() ?? '');
    expect(requests).toMatchObject([
      { model: 'models/m', content: { parts: [{ text: '"model":"fake/m"' }] } },
      { model: 'models/m', content: { parts: [{ text: 'b' }] } },
    ]);
    expect(await gateway.lastRow()).toMatchObject({ endpoint: 'embeddings', outcome: 'ok' });
  });

  test('leaving a stream in the middle stops the provider', async () => {
    const before = gateway.upstream.aborted;
    const abort = new AbortController();
    const stream = await client.models.generateContentStream({
      model: 'fake/m-endless',
      contents: QUESTION,
      config: { abortSignal: abort.signal },
    });
    await expect(async () => {
      for await (const chunk of stream) if (chunk.text) abort.abort();
    }).rejects.toThrow(/abort/i);
    await gateway.upstream.waitForAbort(before + 1);
    const row = await gateway.lastRow();
    expect(row).toMatchObject({ outcome: 'client_aborted', usageSource: 'estimated' });
    expect(row.usage.output).toBeGreaterThan(0);
  });
});

describe('the Google GenAI SDK with no key at all', () => {
  let server: TestServer;
  let client: GoogleGenAI;

  beforeAll(async () => {
    server = await startTestServer();
    client = sdkFor(server);
  });
  afterAll(() => server.close());

  test('demo/echo repeats, whole and streamed', async () => {
    const params = { model: 'demo/echo', contents: QUESTION };
    const whole = await client.models.generateContent(params);
    expect(whole.text).toBe(`You said: ${QUESTION}`);
    const chunks = await chunksOf(client.models.generateContentStream(params));
    expect(chunks.map((chunk) => chunk.text).join('')).toBe(whole.text);
    const [row] = await server.rows();
    expect(row).toMatchObject({ served: 'demo/echo', outcome: 'ok', costState: 'demo' });
    const usage = chunks.at(-1)?.usageMetadata;
    expect(row?.usage).toMatchObject({ input: usage?.promptTokenCount, output: usage?.candidatesTokenCount });
  });

  test('demo/reasoner thinks first', async () => {
    const whole = await client.models.generateContent({ model: 'demo/reasoner', contents: QUESTION });
    const [candidate] = whole.candidates ?? [];
    expect(candidate?.content?.parts?.map((part) => part.thought === true)).toEqual([true, false]);
    expect(whole.usageMetadata?.thoughtsTokenCount).toBeGreaterThan(0);
  });

  test('the demo counts tokens', async () => {
    const counted = await client.models.countTokens({ model: 'demo/echo', contents: QUESTION });
    expect(counted.totalTokens).toBeGreaterThan(0);
  });
});
