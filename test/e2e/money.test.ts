import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelPrice } from '../../src/catalog/index.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { frame, json, sse } from '../support/scripted/script.ts';
import { type LedgerRow, startTestServer, type TestServer } from '../support/server.ts';

type Json = Record<string, unknown>;

let upstream: FakeUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  // No list of models here: it would be asked for in the background, and prices are what the program brings.
  server = await startTestServer({
    config: `
catalog: { refresh: false }
retry: { attempts: 2 }
providers:
  openai: { url: "${upstream.url}/v1" }
  anthropic: { url: "${upstream.url}/v1" }
  google: { url: "${upstream.url}/v1beta" }
  openrouter: { url: "${upstream.url}/v1" }
  here: { url: "${upstream.url}/v1", protocol: openai-chat, auth: none }
prices:
  openai/gpt-4o-mini: { input: 7, output: 70, cached: 0.7 }
  openai/only-input: { input: 4 }
  openai/hears-and-draws: { input: 6, output: 10 }
`,
    env: Object.fromEntries(
      ['OPENAI', 'ANTHROPIC', 'GOOGLE', 'OPENROUTER'].map((id) => [
        `UNOROUTER_${id}_API_KEY`,
        'sk-0123456789',
      ]),
    ),
  });
  await server.server.catalog.ready();
});
afterAll(async () => {
  await server.close();
  await upstream.close();
});

/** The list price of a model, USD per million tokens: nothing in it may be missing. */
function priceOf(
  provider: string,
  model: string,
): { input: number; output: number; cacheRead: number; cacheWrite: number } {
  const price: ModelPrice | null | undefined = server.server.catalog.info(provider, model)?.price;
  const said = (rate: number | null | undefined): number => rate ?? Number.NaN;
  return {
    input: said(price?.input),
    output: said(price?.output),
    cacheRead: said(price?.cacheRead),
    cacheWrite: said(price?.cacheWrite),
  };
}

/** USD per million tokens times tokens, in nano-dollars. */
const nano = (usdPerMillionTimesTokens: number): number => Math.round(usdPerMillionTimesTokens * 1000);

/** Sends a request and gives the headers of the answer with its row. */
async function priced(path: string, body: Json): Promise<{ row: LedgerRow; cost: string | null }> {
  const response = await server.post(path, body);
  await response.arrayBuffer();
  const row = (await server.rows())[0];
  if (!row) throw new Error('the ledger is empty');
  return { row, cost: response.headers.get('x-unorouter-cost') };
}

const CHAT = '/v1/chat/completions';
const MESSAGES = '/v1/messages';

const completion = (usage: Json): Json => ({
  choices: [{ message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage,
});
const delta = (content: string): string => frame({ choices: [{ index: 0, delta: { content } }] });
const chatStream = (usage: Json): string[] => [
  delta('hi'),
  frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  frame({ choices: [], usage }),
  'data: [DONE]\n\n',
];

const OPENAI_USAGE = {
  prompt_tokens: 1000,
  completion_tokens: 200,
  total_tokens: 1200,
  prompt_tokens_details: { cached_tokens: 400 },
  completion_tokens_details: { reasoning_tokens: 150 },
};

describe('what an answer costs at list price', () => {
  test('OpenAI: cached input is a part of the input and costs less; reasoning is a part of the output', async () => {
    const price = priceOf('openai', 'gpt-5');
    const expected = nano(600 * price.input + 400 * price.cacheRead + 200 * price.output);
    expect(expected).toBeGreaterThan(0);

    upstream.answer(json(completion(OPENAI_USAGE)));
    const whole = await priced(CHAT, { model: 'openai/gpt-5' });
    expect(whole.row).toMatchObject({ costNanoUsd: expected, costState: 'exact' });
    expect(Number(whole.cost)).toBe(expected / 1e9);

    upstream.answer(sse(chatStream(OPENAI_USAGE)));
    const streamed = await priced(CHAT, { model: 'openai/gpt-5', stream: true });
    expect(streamed.row).toMatchObject({ costNanoUsd: expected, costState: 'exact' });
    expect(streamed.cost).toBe('pending');
  });

  test('OpenAI: Responses cost what Chat costs', async () => {
    const price = priceOf('openai', 'gpt-5');
    const expected = nano(600 * price.input + 400 * price.cacheRead + 200 * price.output);
    const response = {
      status: 'completed',
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'hi' }] }],
      usage: {
        input_tokens: 1000,
        input_tokens_details: { cached_tokens: 400 },
        output_tokens: 200,
        output_tokens_details: { reasoning_tokens: 150 },
      },
    };
    upstream.answer(json(response));
    const whole = await priced('/v1/responses', { model: 'openai/gpt-5' });
    expect(whole.row).toMatchObject({ costNanoUsd: expected, costState: 'exact' });
    upstream.answer(
      sse([
        frame({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'hi' }),
        frame({ type: 'response.completed', response }),
      ]),
    );
    const streamed = await priced('/v1/responses', { model: 'openai/gpt-5', stream: true });
    expect(streamed.row).toMatchObject({ costNanoUsd: expected, costState: 'exact' });
  });

  test('OpenAI: a bare name is served and priced the same', async () => {
    const price = priceOf('openai', 'gpt-5');
    upstream.answer(json(completion({ prompt_tokens: 10, completion_tokens: 1 })));
    const { row } = await priced(CHAT, { model: 'gpt-5' });
    expect(row).toMatchObject({ served: 'openai/gpt-5', costNanoUsd: nano(10 * price.input + price.output) });
  });

  test('Anthropic: cache reads and writes come beside the input, each at its own price', async () => {
    const price = priceOf('anthropic', 'claude-sonnet-4-5');
    const expected = nano(
      50 * price.input + 300 * price.cacheRead + 40 * price.cacheWrite + 20 * price.output,
    );
    expect(expected).toBeGreaterThan(0);
    const input = { input_tokens: 50, cache_read_input_tokens: 300, cache_creation_input_tokens: 40 };
    upstream.answer(
      json({
        type: 'message',
        content: [{ type: 'text', text: 'hi' }],
        stop_reason: 'end_turn',
        usage: { ...input, output_tokens: 20 },
      }),
    );
    const whole = await priced(MESSAGES, { model: 'anthropic/claude-sonnet-4-5' });
    expect(whole.row).toMatchObject({ costNanoUsd: expected, costState: 'exact' });
    expect(whole.row.usage).toMatchObject({ input: 390, cacheRead: 300, cacheWrite: 40, output: 20 });
    expect(Number(whole.cost)).toBe(expected / 1e9);

    upstream.answer(
      sse(
        [
          { type: 'message_start', message: { content: [], usage: { ...input, output_tokens: 1 } } },
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } },
          { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 20 } },
          { type: 'message_stop' },
        ].map((event) => frame(event, event.type)),
      ),
    );
    const streamed = await priced(MESSAGES, { model: 'anthropic/claude-sonnet-4-5', stream: true });
    expect(streamed.row).toMatchObject({ costNanoUsd: expected, costState: 'exact' });
  });

  test('Anthropic: what is written for an hour costs twice the input', async () => {
    const price = priceOf('anthropic', 'claude-sonnet-4-5');
    const usage = {
      input_tokens: 50,
      cache_creation_input_tokens: 40,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 30 },
      output_tokens: 20,
    };
    upstream.answer(json({ type: 'message', content: [], stop_reason: 'end_turn', usage }));
    const { row } = await priced(MESSAGES, { model: 'anthropic/claude-sonnet-4-5' });
    expect(row.usage).toMatchObject({ cacheWrite: 40, cacheWrite1h: 30 });
    expect(row.costNanoUsd).toBe(
      nano(50 * price.input + 10 * price.cacheWrite + 30 * 2 * price.input + 20 * price.output),
    );
  });

  test('Gemini: thoughts are output', async () => {
    const price = priceOf('google', 'gemini-2.5-flash');
    const expected = nano(700 * price.input + 300 * price.cacheRead + 90 * price.output);
    expect(expected).toBeGreaterThan(0);
    const chunk = (text: string): Json => ({ candidates: [{ content: { parts: [{ text }] }, index: 0 }] });
    const last = {
      candidates: [{ content: { parts: [{ text: '!' }] }, finishReason: 'STOP' }],
      usageMetadata: {
        promptTokenCount: 1000,
        cachedContentTokenCount: 300,
        candidatesTokenCount: 30,
        thoughtsTokenCount: 60,
      },
    };
    const path = '/v1beta/models/google/gemini-2.5-flash';
    upstream.answer(json(last));
    const whole = await priced(`${path}:generateContent`, { contents: [] });
    expect(whole.row).toMatchObject({ costNanoUsd: expected, costState: 'exact' });
    upstream.answer(sse([frame(chunk('hi')), frame(last)]));
    const streamed = await priced(`${path}:streamGenerateContent?alt=sse`, { contents: [] });
    expect(streamed.row).toMatchObject({ costNanoUsd: expected, costState: 'exact' });
  });

  test('embeddings cost their input', async () => {
    const price = priceOf('openai', 'text-embedding-3-small');
    upstream.answer(json({ data: [], usage: { prompt_tokens: 5000, total_tokens: 5000 } }));
    const { row } = await priced('/v1/embeddings', { model: 'openai/text-embedding-3-small', input: 'x' });
    expect(row).toMatchObject({ costNanoUsd: nano(5000 * price.input), costState: 'exact' });
  });

  test('an answer that needed a second attempt is billed once', async () => {
    const price = priceOf('openai', 'gpt-5');
    let calls = 0;
    upstream.answer(() =>
      ++calls === 1
        ? json({ error: { message: 'busy' } }, 503, { 'retry-after-ms': '1' })
        : json(completion({ prompt_tokens: 10, completion_tokens: 1 })),
    );
    const { row } = await priced(CHAT, { model: 'openai/gpt-5' });
    expect(row.attempts.map((attempt) => attempt.status)).toEqual([503, 200]);
    expect(row.costNanoUsd).toBe(nano(10 * price.input + price.output));
  });
});

describe('whose price counts', () => {
  test('a price that nobody knows is unknown, never 0', async () => {
    upstream.answer(json(completion(OPENAI_USAGE)));
    const whole = await priced(CHAT, { model: 'openai/nobody-knows-this-one' });
    expect(whole.row).toMatchObject({ outcome: 'ok', costNanoUsd: null, costState: 'unknown' });
    expect(whole.cost).toBe('unknown');
    upstream.answer(sse(chatStream(OPENAI_USAGE)));
    const streamed = await priced(CHAT, { model: 'openai/nobody-knows-this-one', stream: true });
    expect(streamed.row).toMatchObject({ outcome: 'ok', costNanoUsd: null, costState: 'unknown' });
  });

  test("the user's price beats the list", async () => {
    upstream.answer(json(completion(OPENAI_USAGE)));
    const { row } = await priced(CHAT, { model: 'openai/gpt-4o-mini' });
    expect(row).toMatchObject({ costNanoUsd: nano(600 * 7 + 400 * 0.7 + 200 * 70), costState: 'exact' });
  });

  test("a user's price that lacks the output leaves the cost unknown", async () => {
    upstream.answer(json(completion(OPENAI_USAGE)));
    const { row } = await priced(CHAT, { model: 'openai/only-input' });
    expect(row).toMatchObject({ costNanoUsd: null, costState: 'unknown' });
  });

  test('what the provider says it charged beats every list, whole and streamed', async () => {
    const usage = { ...OPENAI_USAGE, cost: 0.012345678 };
    upstream.answer(json(completion(usage)));
    const whole = await priced(CHAT, { model: 'openrouter/openai/gpt-5' });
    expect(whole.row).toMatchObject({
      served: 'openrouter/openai/gpt-5',
      costNanoUsd: 12_345_678,
      costState: 'exact',
    });
    expect(whole.cost).toBe('0.012345678');
    upstream.answer(sse(chatStream(usage)));
    const streamed = await priced(CHAT, { model: 'openrouter/openai/gpt-5', stream: true });
    expect(streamed.row).toMatchObject({ costNanoUsd: 12_345_678, costState: 'exact' });
  });

  test('a free model and a server on this machine cost a known 0', async () => {
    upstream.answer(json(completion(OPENAI_USAGE)));
    const free = await priced(CHAT, { model: 'openrouter/x/y:free' });
    expect(free.row).toMatchObject({ costNanoUsd: 0, costState: 'free' });
    const local = await priced(CHAT, { model: 'here/m' });
    expect(local.row).toMatchObject({ costNanoUsd: 0, costState: 'local' });
  });

  test('usage that the provider does not report is estimated, and so is its cost', async () => {
    upstream.answer(json({ choices: [{ message: { content: 'four' }, finish_reason: 'stop' }] }));
    const { row } = await priced(CHAT, { model: 'openai/gpt-5' });
    expect(row).toMatchObject({ usageSource: 'estimated', costState: 'estimate' });
    expect(row.costNanoUsd).toBeGreaterThan(0);
  });

  test('tokens that are only counted cost nothing', async () => {
    upstream.answer(json({ input_tokens: 5000 }));
    const counted = await priced(`${MESSAGES}/count_tokens`, { model: 'anthropic/claude-sonnet-4-5' });
    expect(counted.row).toMatchObject({ costNanoUsd: 0, costState: 'none', usageSource: 'none' });
    expect(counted.cost).toBe('0');
    upstream.answer(json({ totalTokens: 5000 }));
    const path = '/v1beta/models/google/gemini-2.5-flash:countTokens';
    const gemini = await priced(path, { contents: [] });
    expect(gemini.row).toMatchObject({ costNanoUsd: 0, costState: 'none', usageSource: 'none' });
    expect(gemini.cost).toBe('0');
  });

  test.each([
    ['a transcript', 'application/json', '{"text":"hi"}'],
    ['subtitles', 'text/plain', 'hi'],
  ])(
    '%s without usage has an unknown cost: the size of a recording says nothing about tokens',
    async (_what, type, text) => {
      upstream.answer({ headers: { 'content-type': type }, pieces: [text] });
      const form = new FormData();
      form.set('model', 'openai/hears-and-draws');
      form.set('file', new Blob([Buffer.alloc(100_000)]), 'a.wav');
      const response = await server.fetch('/v1/audio/transcriptions', { method: 'POST', body: form });
      await response.arrayBuffer();
      const [row] = await server.rows();
      expect(row).toMatchObject({
        outcome: 'ok',
        usageSource: 'none',
        costNanoUsd: null,
        costState: 'unknown',
      });
      expect(row?.usage).toMatchObject({ input: null, output: null });
    },
  );

  test.each([
    ['an image', '/v1/images/generations', 'application/json', '{"data":[]}'],
    ['speech', '/v1/audio/speech', 'audio/mpeg', 'ID3'],
  ])('%s without usage has an unknown cost', async (_what, path, type, text) => {
    upstream.answer({ headers: { 'content-type': type }, pieces: [text] });
    const { row } = await priced(path, { model: 'openai/hears-and-draws', input: 'x', prompt: 'x' });
    expect(row).toMatchObject({
      outcome: 'ok',
      usageSource: 'none',
      costNanoUsd: null,
      costState: 'unknown',
    });
  });

  test('an image with usage is priced', async () => {
    upstream.answer(json({ data: [], usage: { input_tokens: 12, output_tokens: 272 } }));
    const { row } = await priced('/v1/images/generations', { model: 'openai/hears-and-draws', prompt: 'x' });
    expect(row).toMatchObject({ costNanoUsd: nano(12 * 6 + 272 * 10), costState: 'exact' });
  });

  test('an error costs nothing', async () => {
    upstream.answer(json({ error: { message: 'no' } }, 422));
    const { row, cost } = await priced(CHAT, { model: 'openai/gpt-5' });
    expect(row).toMatchObject({ outcome: 'error', costNanoUsd: 0, costState: 'none' });
    expect(cost).toBe('0');
  });
});

/** Reads until some text came, then leaves. */
async function leaveAfter(text: string, path: string, body: Json): Promise<LedgerRow> {
  const before = upstream.aborted;
  const abort = new AbortController();
  const response = await server.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: abort.signal,
  });
  let read = '';
  try {
    for await (const chunk of response.body ?? []) {
      read += Buffer.from(chunk).toString();
      if (read.includes(text)) abort.abort();
    }
  } catch {
    // That is what leaving looks like from inside.
  }
  await upstream.waitForAbort(before + 1);
  return server.ended();
}

describe('what a broken answer costs', () => {
  test('a stream that the client left is an estimate from what came', async () => {
    const price = priceOf('openai', 'gpt-5');
    upstream.answer(sse([delta('a'.repeat(40)), delta('the end')], 'hang'));
    const row = await leaveAfter('the end', CHAT, { model: 'openai/gpt-5', stream: true });
    expect(row).toMatchObject({ outcome: 'client_aborted', usageSource: 'estimated', costState: 'estimate' });
    const { input, output } = row.usage;
    expect(row.costNanoUsd).toBe(nano((input ?? 0) * price.input + (output ?? 0) * price.output));
    expect(output).toBeGreaterThanOrEqual(10);
  });

  test('input that the provider had reported is kept as it is', async () => {
    const price = priceOf('anthropic', 'claude-sonnet-4-5');
    const usage = { input_tokens: 50, cache_read_input_tokens: 300, output_tokens: 1 };
    upstream.answer(
      sse(
        [
          frame({ type: 'message_start', message: { content: [], usage } }, 'message_start'),
          frame(
            { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a'.repeat(40) } },
            'content_block_delta',
          ),
        ],
        'hang',
      ),
    );
    const row = await leaveAfter('aaaa', MESSAGES, { model: 'anthropic/claude-sonnet-4-5', stream: true });
    expect(row).toMatchObject({ outcome: 'client_aborted', usageSource: 'partial', costState: 'estimate' });
    expect(row.usage).toMatchObject({ input: 350, cacheRead: 300 });
    expect(row.costNanoUsd).toBe(
      nano(50 * price.input + 300 * price.cacheRead + (row.usage.output ?? 0) * price.output),
    );
  });

  test('a stream that the provider broke off is an estimate, too', async () => {
    upstream.answer(sse([delta('a'.repeat(40))], 'reset'));
    const { row } = await priced(CHAT, { model: 'openai/gpt-5', stream: true });
    expect(row).toMatchObject({ outcome: 'upstream_cut', usageSource: 'estimated', costState: 'estimate' });
    expect(row.costNanoUsd).toBeGreaterThan(0);
  });

  test.each([true, false])(
    'a request that the client left before anything came costs nothing (stream: %s)',
    async (stream) => {
      const before = upstream.aborted;
      const abort = new AbortController();
      upstream.answer(() => {
        abort.abort();
        return { pieces: [], end: 'hang' };
      });
      const left = server.fetch(CHAT, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'openai/gpt-5', stream }),
        signal: abort.signal,
      });
      await expect(left).rejects.toThrow();
      await upstream.waitForAbort(before + 1);
      const row = await server.ended();
      expect(row).toMatchObject({ outcome: 'client_aborted', costNanoUsd: 0, costState: 'none' });
    },
  );
});
