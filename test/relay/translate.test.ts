import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { protocolOf } from '../../src/protocols/index.ts';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import type { RelayDeps } from '../../src/relay/index.ts';
import type { Target } from '../../src/router/index.ts';
import { type FakeAnswer, type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import {
  type Bench,
  type FakeClient,
  fakeClient,
  fakeTarget,
  inboundOf,
  KEY,
  startBench,
} from '../support/relay.ts';
import { answerOf, readBy, SPEECH, WIRES } from '../support/wires.ts';

let upstream: FakeUpstream;
let bench: Bench;
let client: FakeClient;

async function start(deps: Partial<RelayDeps> = {}): Promise<void> {
  await bench?.close();
  bench = await startBench(deps);
}

beforeEach(async () => {
  upstream = await startFakeUpstream();
  bench = await startBench();
  client = fakeClient();
});
afterEach(async () => {
  vi.useRealTimers();
  expect(bench.heard.opened).toHaveLength(bench.heard.finished.length);
  expect(`${client.text()}${JSON.stringify(bench.heard.finished)}`).not.toContain(KEY);
  await bench.close();
  await upstream.close();
});

type Json = Record<string, unknown>;
const SSE = { 'content-type': 'text/event-stream' };

function target(protocol: ProtocolId, overrides: Parameters<typeof fakeTarget>[2] = {}): Target {
  return fakeTarget(upstream.url, protocol, overrides);
}

async function ask(
  from: ProtocolId,
  body: Json,
  targets: Target[],
  options: Parameters<typeof inboundOf>[2] & { headers?: Record<string, string> } = {},
): Promise<FakeClient> {
  client = fakeClient();
  const { headers, ...rest } = options;
  const inbound = inboundOf(from, JSON.stringify(body), rest);
  await bench.relay({ ...inbound, headers: { ...inbound.headers, ...headers } }, targets, client);
  return client;
}

/** A whole answer by which the provider reports so many tokens of input. */
function reporting(protocol: 'openai-chat' | 'anthropic-messages', input: number): FakeAnswer {
  const json =
    protocol === 'openai-chat'
      ? {
          choices: [
            { index: 0, message: { role: 'assistant', content: 'At 06:12.' }, finish_reason: 'stop' },
          ],
          usage: { prompt_tokens: input, completion_tokens: 4, total_tokens: input + 4 },
        }
      : {
          ...{ type: 'message', role: 'assistant', content: [{ type: 'text', text: 'At 06:12.' }] },
          ...{ stop_reason: 'end_turn', usage: { input_tokens: input, output_tokens: 4 } },
        };
  return { headers: { 'content-type': 'application/json' }, pieces: [JSON.stringify(json)] };
}

const sent = (n = -1): Json => JSON.parse(upstream.seen.at(n)?.body.toString() ?? 'null') as Json;
const finished = () => bench.heard.finished.at(-1);
const CHAT: Json = { model: 'tide-1', messages: [{ role: 'user', content: 'hi' }] };
const MESSAGES: Json = { model: 'tide-1', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] };

/** One answer after another; the last one stays. */
function answers(...list: FakeAnswer[]): void {
  let i = 0;
  upstream.answer(() => list[Math.min(i++, list.length - 1)] ?? { pieces: [] });
}

const refusal = (status: number, body: Json): FakeAnswer => ({ status, pieces: [JSON.stringify(body)] });

describe('what is sent', () => {
  it('leaves the headers of the vendor of the client at home', async () => {
    upstream.answer(answerOf(WIRES['openai-chat'].spoken, false));
    const headers = {
      'anthropic-beta': 'a-2025',
      'anthropic-version': '2023-06-01',
      'openai-beta': 'b',
      accept: 'application/json',
      'x-title': 'kept',
    };
    await ask('anthropic-messages', MESSAGES, [target('openai-chat')], { headers });
    const seen: Record<string, unknown> = upstream.seen[0]?.headers ?? {};
    expect(seen).toMatchObject({ authorization: `Bearer ${KEY}`, 'x-title': 'kept' });
    for (const name of ['anthropic-beta', 'anthropic-version', 'openai-beta', 'accept', 'cookie'])
      expect(seen[name]).toBeUndefined();
  });

  it('has what the target itself wants', async () => {
    upstream.answer(answerOf(WIRES['anthropic-messages'].spoken, false));
    await ask('openai-chat', CHAT, [target('anthropic-messages')], { headers: { 'openai-beta': 'b' } });
    expect(upstream.seen[0]?.headers).toMatchObject({ 'x-api-key': KEY, 'anthropic-version': '2023-06-01' });
    expect(upstream.seen[0]?.headers['openai-beta']).toBeUndefined();
    expect(sent()).toMatchObject({ model: 'tide-1' });
    expect(sent().max_tokens).toBeTypeOf('number');
  });

  it('knows the longest answer of the model', async () => {
    await start({ modelFacts: () => ({ maxOutput: 1234 }) });
    upstream.answer(answerOf(WIRES['anthropic-messages'].spoken, false));
    await ask('openai-chat', CHAT, [target('anthropic-messages')]);
    expect(sent().max_tokens).toBe(1234);
  });

  it('goes without what another family sealed, also to a provider that speaks the same protocol', async () => {
    upstream.answer(answerOf(WIRES['anthropic-messages'].spoken, false));
    const turn = (signature: string): Json => ({
      ...MESSAGES,
      messages: [
        { role: 'user', content: 'hi' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature },
            { type: 'text', text: 'Yes?' },
          ],
        },
        { role: 'user', content: 'go on' },
      ],
    });
    await ask('anthropic-messages', turn('uno1.google.c2ln'), [target('anthropic-messages')]);
    expect(upstream.seen.at(-1)?.body.toString()).not.toContain('uno1.');
    expect(client.headers['x-unorouter-dropped']).toContain('made by google');
    await ask('anthropic-messages', turn('its-own-signature'), [target('anthropic-messages')]);
    expect(sent()).toEqual(turn('its-own-signature'));
    expect(client.headers['x-unorouter-dropped']).toBe('none');
  });

  it('is refused when the request makes no sense, without a call and without another try', async () => {
    await ask('openai-chat', { model: 'tide-1' }, [target('gemini'), target('anthropic-messages')]);
    expect(upstream.seen).toHaveLength(0);
    expect(client.status).toBe(400);
    expect(JSON.parse(client.text()).error).toMatchObject({
      type: 'invalid_request_error',
      message: expect.stringMatching(/^unorouter: /),
    });
    expect(finished()).toMatchObject({
      outcome: 'error',
      errorCode: 'invalid_request',
      attempts: [{ status: null, billable: 'no' }],
    });
  });

  it('may be the same bytes at the next target, which speaks the protocol', async () => {
    const second = await startFakeUpstream();
    upstream.answer({ status: 404, pieces: ['{}'] });
    second.answer(answerOf(WIRES['openai-chat'].spoken, false));
    const body = { ...CHAT, top_k: 3, oddity: 1 };
    await ask('openai-chat', body, [
      target('anthropic-messages'),
      fakeTarget(second.url, 'openai-chat', { id: 'other' }),
    ]);
    expect(second.seen[0]?.body.toString()).toBe(JSON.stringify(body));
    // What the first target could not be told was told to the second.
    expect(client.headers).toMatchObject({
      'x-unorouter-dropped': 'none',
      'x-unorouter-served': 'other/tide-1',
    });
    expect(finished()?.losses).toEqual([]);
    await second.close();
  });
});

describe('what is lost', () => {
  const lossy = { ...CHAT, logit_bias: { 5: 1 }, seed: 7 };

  it('is told in the head of the answer and in the record', async () => {
    upstream.answer(answerOf(WIRES['anthropic-messages'].spoken, true));
    await ask('openai-chat', { ...lossy, stream: true }, [target('anthropic-messages')]);
    expect(client.status).toBe(200);
    expect(client.headers['x-unorouter-dropped']).toMatch(/seed: /);
    expect(client.headers['x-unorouter-dropped']).toMatch(/logit_bias: /);
    expect(finished()?.losses).toHaveLength(2);
  });

  it('is cut when there is much of it', async () => {
    upstream.answer(answerOf(WIRES['anthropic-messages'].spoken, false));
    const odd = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`odd_${i}${'x'.repeat(500)}`, i]));
    await ask('openai-chat', { ...CHAT, ...odd }, [target('anthropic-messages')]);
    expect(client.headers['x-unorouter-dropped']?.length).toBeLessThan(5000);
    expect(finished()?.losses.at(-1)).toBe('and 2980 more');
  });

  it.each([
    ['the configuration', { strict: () => true }, {}],
    ['a header', {}, { 'x-unorouter-strict': 'true' }],
  ])('is refused where %s is strict', async (_name, deps, headers) => {
    await start(deps);
    await ask('openai-chat', lossy, [target('anthropic-messages')], { headers });
    expect(upstream.seen).toHaveLength(0);
    expect(client.status).toBe(400);
    const { error } = JSON.parse(client.text()) as { error: Json };
    expect(error).toMatchObject({ code: 'would_drop', type: 'invalid_request_error' });
    expect(error.message).toMatch(
      /^unorouter: strict is on, .*seed.*\. Run: unorouter config set strict false$/,
    );
    expect(finished()).toMatchObject({ errorCode: 'would_drop', attempts: [{ billable: 'no' }] });
  });

  it('goes to the next target under strict, which may lose nothing', async () => {
    await start({ strict: () => true });
    upstream.answer(answerOf(WIRES['openai-chat'].spoken, false));
    await ask('openai-chat', lossy, [target('anthropic-messages'), target('openai-chat', { id: 'plain' })]);
    expect(client.headers['x-unorouter-served']).toBe('plain/tide-1');
    expect(upstream.seen).toHaveLength(1);
  });

  it('of a source without an address is named; one with an address crosses', async () => {
    const content = [
      {
        type: 'text',
        text: 'The moon does it.',
        citations: [
          { type: 'web_search_result_location', url: 'https://example.org/tides', title: 'Tides' },
          { type: 'char_location', document_index: 0, document_title: 'moon.txt' },
        ],
      },
    ];
    const body = { id: 'm', type: 'message', role: 'assistant', content, stop_reason: 'end_turn' };
    upstream.answer({ pieces: [JSON.stringify(body)], headers: { 'content-type': 'application/json' } });
    await ask('openai-chat', CHAT, [target('anthropic-messages')]);
    const { choices } = JSON.parse(client.text()) as { choices: { message: Json }[] };
    const source = { url: 'https://example.org/tides', title: 'Tides', start_index: 0, end_index: 17 };
    expect(choices[0]?.message.annotations).toEqual([{ type: 'url_citation', url_citation: source }]);
    expect(finished()?.losses).toContainEqual(
      'source without an address in the answer: openai-chat has no place for it',
    );
  });

  it('of what was thought in earlier turns is named, but no reason to refuse a strict request', async () => {
    await start({ strict: () => true });
    upstream.answer(answerOf(WIRES['openai-chat'].spoken, false));
    const thought = { type: 'thinking', thinking: 'The moon.', signature: 'c2ln' };
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [thought, { type: 'text', text: 'Hello.' }] },
      { role: 'user', content: 'and?' },
    ];
    await ask('anthropic-messages', { ...MESSAGES, messages }, [target('openai-chat')]);
    expect(client.status).toBe(200);
    expect(finished()?.losses).toContainEqual(expect.stringMatching(/^reasoning of earlier turns: /));
  });

  it('is nothing where nothing is lost, strict or not', async () => {
    await start({ strict: () => true });
    upstream.answer(answerOf(WIRES['anthropic-messages'].spoken, false));
    await ask('openai-chat', CHAT, [target('anthropic-messages')]);
    expect(client.status).toBe(200);
    expect(client.headers['x-unorouter-dropped']).toBe('none');
  });
});

describe('a refusal that says what to do differently', () => {
  const TOO_NEW = refusal(400, {
    error: {
      message:
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      type: 'invalid_request_error',
      param: 'max_tokens',
      code: 'unsupported_parameter',
    },
  });
  const SPOKEN = (): FakeAnswer => answerOf(WIRES['openai-chat'].spoken, false);
  const COLD = refusal(400, {
    error: {
      message: "Unsupported value: 'temperature' does not support 0.2 with this model.",
      param: 'temperature',
    },
  });

  it('is followed once, and remembered for the model', async () => {
    answers(TOO_NEW, SPOKEN());
    await ask('anthropic-messages', MESSAGES, [target('openai-chat')]);
    expect(client.status).toBe(200);
    expect(sent(0)).toMatchObject({ max_tokens: 50 });
    expect(sent(1)).toMatchObject({ max_completion_tokens: 50 });
    expect(sent(1).max_tokens).toBeUndefined();
    expect(finished()).toMatchObject({
      outcome: 'ok',
      attempts: [{ status: 400, failure: 'bad-request', billable: 'no' }, { status: 200 }],
    });
    await ask('anthropic-messages', MESSAGES, [target('openai-chat')]);
    expect(upstream.seen).toHaveLength(3);
    expect(sent(2)).toMatchObject({ max_completion_tokens: 50 });
  });

  it('makes a loss of what is left out', async () => {
    answers(COLD, SPOKEN());
    await ask('anthropic-messages', { ...MESSAGES, temperature: 0.2 }, [target('openai-chat')]);
    expect(sent(1).temperature).toBeUndefined();
    expect(client.headers['x-unorouter-dropped']).toMatch(/^temperature: acme\/tide-1 refuses it$/);
  });

  it('is passed on when it comes again, and is not remembered', async () => {
    answers(COLD, COLD, SPOKEN());
    await ask('anthropic-messages', { ...MESSAGES, temperature: 0.2 }, [target('openai-chat')]);
    expect(client.status).toBe(400);
    expect(upstream.seen).toHaveLength(2);
    await ask('anthropic-messages', { ...MESSAGES, temperature: 0.2 }, [target('openai-chat')]);
    expect(sent(2)).toMatchObject({ temperature: 0.2 });
  });

  it('goes without a summary of thoughts where an account may not have one, and thinks all the same', async () => {
    const unverified = refusal(400, {
      error: {
        message: 'Your organization must be verified to generate reasoning summaries.',
        ...{ type: 'invalid_request_error', param: 'reasoning.summary', code: 'unsupported_value' },
      },
    });
    answers(unverified, answerOf(WIRES['openai-responses'].spoken, false));
    const thinking = { type: 'enabled', budget_tokens: 9000 };
    await ask('anthropic-messages', { ...MESSAGES, thinking }, [target('openai-responses')]);
    expect(sent(0).reasoning).toEqual({ effort: 'medium', summary: 'auto' });
    expect(sent(1).reasoning).toEqual({ effort: 'medium' });
    expect([client.status, finished()?.losses]).toEqual([
      200,
      expect.arrayContaining(['summary of thoughts: acme/tide-1 refuses it']),
    ]);
  });

  it('takes foreign thoughts out of the history', async () => {
    const history = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: '', reasoning_content: 'Hm.' },
      { role: 'user', content: 'and?' },
    ];
    const invalid = refusal(400, {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
      },
    });
    answers(invalid, answerOf(WIRES['anthropic-messages'].spoken, false));
    await ask('openai-chat', { ...CHAT, messages: history }, [target('anthropic-messages')]);
    expect(client.status).toBe(200);
    expect(JSON.stringify(sent(1))).not.toContain('Hm.');
    expect(finished()?.losses).toContain('thinking: acme/tide-1 refuses what others thought');
  });

  it('is not followed on the road of the same protocol', async () => {
    answers(TOO_NEW, SPOKEN());
    await ask('openai-chat', { ...CHAT, max_tokens: 5 }, [target('openai-chat')]);
    expect(client.status).toBe(400);
    expect(upstream.seen).toHaveLength(1);
  });
});

describe('an error of a translated target', () => {
  it('that means "too long" says so in the words that the client of each protocol knows', async () => {
    upstream.answer(
      refusal(400, {
        error: { message: 'maximum context length is 8192 tokens', code: 'context_length_exceeded' },
      }),
    );
    await ask('anthropic-messages', MESSAGES, [target('openai-chat')]);
    expect(JSON.parse(client.text()).error).toEqual({
      type: 'invalid_request_error',
      message: 'prompt is too long: maximum context length is 8192 tokens',
    });
    upstream.answer(
      refusal(400, {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'prompt is too long: 9 > 8' },
      }),
    );
    await ask('openai-chat', CHAT, [target('anthropic-messages')]);
    expect(JSON.parse(client.text()).error).toMatchObject({
      code: 'context_length_exceeded',
      message: 'maximum context length exceeded: prompt is too long: 9 > 8',
    });
  });

  it('is retried like any other, and has the status of the protocol of the client', async () => {
    upstream.answer(refusal(529, { type: 'error', error: { type: 'overloaded_error', message: 'busy' } }));
    await ask('openai-chat', CHAT, [target('anthropic-messages')]);
    expect(upstream.seen).toHaveLength(3);
    expect(client.status).toBe(503);
    expect(JSON.parse(client.text()).error).toMatchObject({
      message: 'busy',
      type: 'server_error',
      code: 'overloaded',
    });
    expect(client.headers['x-should-retry']).toBe('false');
  });

  it('that is a refused key is a problem of the user', async () => {
    upstream.answer(refusal(401, { error: { message: `Incorrect API key ${KEY}` } }));
    await ask('anthropic-messages', MESSAGES, [target('openai-chat')]);
    expect(client.status).toBe(424);
    expect(finished()).toMatchObject({ errorCode: 'key_refused', attempts: [{ failure: 'auth' }] });
  });
});

describe('previous_response_id', () => {
  const first = { model: 'tide-1', instructions: 'Be brief.', input: 'How high?' };
  const idOf = (text: string): string => (JSON.parse(text) as { id: string }).id;

  it('is the conversation that was answered, without its instructions', async () => {
    answers(answerOf(WIRES['openai-chat'].spoken, false), answerOf(WIRES['openai-chat'].spoken, false));
    const id = idOf((await ask('openai-responses', first, [target('openai-chat')])).text());
    const next = { model: 'tide-1', instructions: 'Be long.', input: 'And then?', previous_response_id: id };
    await ask('openai-responses', next, [target('openai-chat')]);
    const { messages } = sent() as { messages: { role: string; content: unknown }[] };
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    const text = JSON.stringify(messages);
    for (const words of ['Be long.', 'How high?', SPEECH, 'And then?']) expect(text).toContain(words);
    expect(text).not.toContain('Be brief.');
    expect(sent().previous_response_id).toBeUndefined();
    expect(client.headers['x-unorouter-dropped']).toBe('none');
  });

  it('is known after a stream, too, and the result of a call finds its call', async () => {
    answers(
      answerOf(WIRES['anthropic-messages'].called, true),
      answerOf(WIRES['anthropic-messages'].spoken, false),
    );
    await ask('openai-responses', { ...WIRES['openai-responses'].ask('tide-1', true) }, [
      target('anthropic-messages'),
    ]);
    const answer = readBy('openai-responses', true, client.text());
    const call = answer.blocks.find((block) => block.type === 'tool-call');
    const result = {
      type: 'function_call_output',
      call_id: call?.type === 'tool-call' ? call.id : '',
      output: '6.8 m',
    };
    const next = { model: 'tide-1', input: [result], previous_response_id: answer.id };
    await ask('openai-responses', next, [target('anthropic-messages')]);
    expect(client.status).toBe(200);
    const text = JSON.stringify(sent().messages);
    for (const words of ['How high at Dover?', 'EqQBsealed', 'toolu_0123456789', '6.8 m'])
      expect(text).toContain(words);
  });

  it('that nobody gave is not found, in the words of OpenAI', async () => {
    await ask('openai-responses', { model: 'tide-1', input: 'x', previous_response_id: 'resp_gone' }, [
      target('openai-chat'),
    ]);
    expect(client.status).toBe(400);
    expect(JSON.parse(client.text()).error).toMatchObject({
      message: "Previous response with id 'resp_gone' not found.",
      type: 'invalid_request_error',
      param: 'previous_response_id',
      code: 'previous_response_not_found',
    });
    expect(upstream.seen).toHaveLength(0);
  });

  it('is not kept for answers that are not to be stored', async () => {
    upstream.answer(answerOf(WIRES['openai-chat'].spoken, false));
    const id = idOf(
      (await ask('openai-responses', { ...first, store: false }, [target('openai-chat')])).text(),
    );
    await ask('openai-responses', { ...first, previous_response_id: id }, [target('openai-chat')]);
    expect(client.status).toBe(400);
  });

  it('passes where the protocol is the same', async () => {
    upstream.answer(answerOf(WIRES['openai-responses'].spoken, false));
    await ask('openai-responses', { model: 'tide-1', input: 'x', previous_response_id: 'resp_theirs' }, [
      target('openai-responses'),
    ]);
    expect(sent().previous_response_id).toBe('resp_theirs');
  });
});

describe('counting', () => {
  const count = { endpoint: 'count-tokens' as const, path: '/messages/count_tokens' };

  it('is an estimate where the target has no endpoint for it', async () => {
    await ask(
      'anthropic-messages',
      { model: 'tide-1', messages: [{ role: 'user', content: 'word '.repeat(1000) }] },
      [target('openai-chat')],
      count,
    );
    expect(upstream.seen).toHaveLength(0);
    const { input_tokens } = JSON.parse(client.text()) as { input_tokens: number };
    expect(input_tokens).toBeGreaterThan(700);
    expect(input_tokens).toBeLessThan(1500);
    expect(client.headers).toMatchObject({
      'x-unorouter-estimated': 'true',
      'x-unorouter-attempts': '0',
      'x-unorouter-served': 'acme/tide-1',
      'x-unorouter-cost': '0',
    });
    expect(finished()).toMatchObject({
      outcome: 'ok',
      status: 200,
      usage: {},
      usageSource: 'estimated',
      cost: { nanoUsd: 0, state: 'none' },
      attempts: [],
      losses: [],
    });
  });

  it('is never 0, and takes no long time for long texts', async () => {
    const messages = (content: string) => ({ model: 'tide-1', messages: [{ role: 'user', content }] });
    const tokens = async (content: string): Promise<number> =>
      JSON.parse((await ask('anthropic-messages', messages(content), [target('openai-chat')], count)).text())
        .input_tokens;
    expect(await tokens('.')).toBeGreaterThan(0);
    const short = await tokens('High water at noon. '.repeat(20_000));
    const long = await tokens('High water at noon. '.repeat(200_000));
    expect(long / short).toBeCloseTo(10, 0);
  });

  it.each([
    ['a target of another protocol', 'openai-chat', answerOf(WIRES['openai-chat'].spoken, false)],
    [
      'the same protocol without the endpoint',
      'anthropic-messages',
      refusal(404, { error: { message: 'no' } }),
    ],
  ] as const)('learns from what %s reports for finished requests', async (_name, protocol, noCount) => {
    const request = { model: 'tide-1', messages: [{ role: 'user', content: 'High water. '.repeat(500) }] };
    const counted = async (model = 'tide-1'): Promise<number> => {
      upstream.answer(noCount);
      const { text } = await ask('anthropic-messages', request, [{ ...target(protocol), model }], count);
      return JSON.parse(text()).input_tokens;
    };
    const first = await counted();
    const reported = Math.round(first * 1.5);
    const whole = reporting(protocol, reported);
    for (let i = 0; i < 3; i++) {
      upstream.answer(whole);
      await ask('anthropic-messages', { ...request, max_tokens: 9 }, [target(protocol)]);
      expect(finished()).toMatchObject({ outcome: 'ok', usage: { input: reported } });
    }
    expect(Math.abs((await counted()) - reported)).toBeLessThanOrEqual(1);
    expect(await counted('tide-2')).toBe(first);
  });

  it('learns nothing from reports that make no sense', async () => {
    const request = { model: 'tide-1', messages: [{ role: 'user', content: 'High water. '.repeat(500) }] };
    const counted = async (): Promise<number> =>
      JSON.parse((await ask('anthropic-messages', request, [target('openai-chat')], count)).text())
        .input_tokens;
    const first = await counted();
    for (const reported of [0, 1, first * 100]) {
      upstream.answer(reporting('openai-chat', reported));
      await ask('anthropic-messages', { ...request, max_tokens: 9 }, [target('openai-chat')]);
    }
    expect(await counted()).toBe(first);
  });

  describe('costs those who did not ask for it nothing', () => {
    let reads = 0;
    const request = { model: 'tide-1', messages: [{ role: 'user', content: 'High water. '.repeat(500) }] };

    /** How many of so many finished requests were read between the wires. */
    async function readsOf(from: ProtocolId, to: 'openai-chat' | 'anthropic-messages', n: number) {
      reads = 0;
      upstream.answer(reporting(to, 1_500));
      for (let i = 0; i < n; i++) await ask(from, { ...request, max_tokens: 9 }, [target(to)]);
      expect(finished()).toMatchObject({ outcome: 'ok', usage: { input: 1_500 } });
      return reads;
    }

    beforeEach(async () => {
      await start({
        protocol: (id) => ({
          ...protocolOf(id),
          parseRequest(...given) {
            reads++;
            return protocolOf(id).parseRequest(...given);
          },
        }),
      });
    });

    it('no request is read only to learn because a translated one was', async () => {
      await readsOf('anthropic-messages', 'openai-chat', 2);
      expect(await readsOf('openai-chat', 'openai-chat', 3)).toBe(0);
    });

    it('once somebody asked, the first requests teach, then one in some dozens', async () => {
      upstream.answer(refusal(404, { error: { message: 'no' } }));
      await ask('anthropic-messages', request, [target('anthropic-messages')], count);
      expect(await readsOf('anthropic-messages', 'anthropic-messages', 10)).toBe(10);
      const later = await readsOf('anthropic-messages', 'anthropic-messages', 100);
      expect(later).toBeGreaterThan(0);
      expect(later).toBeLessThan(10);
    });
  });

  it('asks a target of another protocol that can, in its own words', async () => {
    upstream.answer({ pieces: ['{"input_tokens":42}'] });
    const body = {
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      generationConfig: { temperature: 1, seed: 3 },
    };
    await ask('gemini', body, [target('anthropic-messages')], count);
    expect(upstream.seen[0]?.url).toBe('/messages/count_tokens');
    expect(Object.keys(sent()).sort()).toEqual(['messages', 'model']);
    expect(JSON.parse(client.text())).toEqual({ totalTokens: 42 });
    expect(client.headers['x-unorouter-estimated']).toBeUndefined();
    expect(finished()).toMatchObject({
      outcome: 'ok',
      usageSource: 'none',
      cost: { state: 'none' },
      losses: [],
    });
  });

  it('asks Gemini with the whole request', async () => {
    upstream.answer({ pieces: ['{"totalTokens":7}'] });
    await ask('anthropic-messages', { ...MESSAGES, system: 'Be brief.' }, [target('gemini')], count);
    expect(upstream.seen[0]?.url).toBe('/models/tide-1:countTokens');
    expect(sent()).toMatchObject({
      generateContentRequest: { model: 'models/tide-1', contents: [{ role: 'user' }] },
    });
    expect(JSON.parse(client.text())).toEqual({ input_tokens: 7 });
  });

  it('reads a request that Gemini clients wrap', async () => {
    const wrapped = {
      generateContentRequest: { contents: [{ role: 'user', parts: [{ text: 'hi there' }] }] },
    };
    await ask('gemini', wrapped, [target('openai-chat')], count);
    expect(JSON.parse(client.text()).totalTokens).toBeGreaterThan(0);
  });

  it.each([
    ['another protocol', 'gemini', 500],
    ['the same protocol without the endpoint', 'anthropic-messages', 404],
  ] as const)('is an estimate when the target fails: %s', async (_name, protocol, status) => {
    upstream.answer(refusal(status, { error: { message: 'no' } }));
    await ask('anthropic-messages', MESSAGES, [target(protocol)], count);
    expect(upstream.seen).toHaveLength(1);
    expect(client.status).toBe(200);
    expect(client.headers['x-unorouter-estimated']).toBe('true');
    expect(JSON.parse(client.text()).input_tokens).toBeGreaterThan(0);
    expect(finished()).toMatchObject({ outcome: 'ok', attempts: [{ status }] });
  });

  it('passes bytes and errors where the protocol is the same', async () => {
    upstream.answer(refusal(400, { error: { message: 'no' } }));
    await ask('anthropic-messages', MESSAGES, [target('anthropic-messages')], count);
    expect(client.status).toBe(400);
    expect(upstream.seen[0]?.body.toString()).toBe(JSON.stringify(MESSAGES));
  });

  it('of a request that makes no sense is refused', async () => {
    await ask('anthropic-messages', { model: 'tide-1' }, [target('openai-chat')], count);
    expect(client.status).toBe(400);
    expect(finished()).toMatchObject({ outcome: 'error', errorCode: 'invalid_request' });
  });
});

describe('a translated stream', () => {
  it('holds nothing of an attempt that fails before its content', async () => {
    const { stream } = WIRES['openai-chat'].spoken;
    answers(
      { headers: SSE, pieces: [stream[0] ?? ''], end: 'reset' },
      answerOf(WIRES['openai-chat'].spoken, true),
    );
    await ask('anthropic-messages', { ...MESSAGES, stream: true }, [
      target('openai-chat'),
      target('openai-chat', { id: 'second' }),
    ]);
    expect(client.text().match(/event: message_start/g)).toHaveLength(1);
    expect(finished()).toMatchObject({ outcome: 'ok', attempts: [{ failure: 'network' }, { status: 200 }] });
  });

  it('tells a Messages client a figure at the start and the right one at the end', async () => {
    upstream.answer(answerOf(WIRES['openai-chat'].spoken, true));
    await ask('anthropic-messages', { ...MESSAGES, stream: true }, [target('openai-chat')]);
    const events = client
      .text()
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice(6)) as { type: string; message?: Json; usage?: Json });
    const usageOf = (type: string): Json | undefined => {
      const event = events.find((one) => one.type === type);
      return (event?.usage ?? event?.message?.usage) as Json | undefined;
    };
    expect(usageOf('message_start')?.input_tokens).toBeGreaterThan(0);
    expect(usageOf('message_delta')).toMatchObject({ input_tokens: 20, output_tokens: 7 });
  });

  it.each([
    ['openai-chat', ': keep-alive\n\n'],
    ['openai-responses', ': keep-alive\n\n'],
    ['anthropic-messages', 'event: ping\ndata: {"type":"ping"}\n\n'],
    ['gemini', ''],
  ] as const)(
    'that is silent gives a sign of life that %s clients know, and may still be tried elsewhere',
    async (from, sign) => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      const to: ProtocolId = from === 'openai-chat' ? 'anthropic-messages' : 'openai-chat';
      const [head = ''] = WIRES[to].spoken.stream;
      const second = await startFakeUpstream();
      second.answer(answerOf(WIRES[to].spoken, true));
      upstream.answer({ headers: SSE, pieces: [head], end: 'hang' });
      const asking = ask(
        from,
        { ...WIRES[from].ask('tide-1', true), stream: true },
        [target(to), fakeTarget(second.url, to, { id: 'second' })],
        { stream: true, query: '?alt=sse' },
      );
      // Until the stream is read, there is no timer that could be moved on.
      while (client.heads === 0) {
        vi.advanceTimersByTime(10_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(client.status).toBe(200);
      expect(client.text().replaceAll(sign, '')).toBe('');
      if (sign !== '') expect(client.text()).toContain(sign);
      await upstream.close();
      await asking;
      const answer = readBy(from, true, client.text());
      expect(answer.blocks.at(-1)).toMatchObject({ type: 'text', text: SPEECH });
      expect(client.heads).toBe(1);
      expect(finished()).toMatchObject({ outcome: 'ok', provider: 'second' });
      await second.close();
      upstream = await startFakeUpstream();
    },
  );

  it('pauses its upstream while the client does not read', async () => {
    const many = Array.from({ length: 50 }, () => WIRES['openai-chat'].spoken.stream[3] ?? '');
    const [head = '', ...rest] = WIRES['openai-chat'].spoken.stream;
    upstream.answer({ headers: SSE, pieces: [head, ...many, ...rest] });
    client = fakeClient();
    client.stall();
    const inbound = inboundOf('anthropic-messages', JSON.stringify({ ...MESSAGES, stream: true }));
    const done = bench.relay(inbound, [target('openai-chat')], client);
    await client.has('message_start');
    client.drain();
    await done;
    expect(client.text().match(/High /g)).toHaveLength(51);
    expect(client.ended).toBe(1);
  });

  it('with a line without end is cut', async () => {
    const [head = '', ...rest] = WIRES['openai-chat'].spoken.stream;
    const endless = Array.from({ length: 18 }, () => 'x'.repeat(1024 * 1024));
    upstream.answer({
      headers: SSE,
      pieces: [head, rest[0] ?? '', rest[2] ?? '', 'data: {"choices":"', ...endless],
      end: 'hang',
    });
    await ask('anthropic-messages', { ...MESSAGES, stream: true }, [target('openai-chat')]);
    expect(finished()).toMatchObject({ outcome: 'upstream_cut', errorCode: 'upstream_malformed' });
    expect(client.text()).toContain('event: error');
    await upstream.waitForAbort();
  });

  it('asks for the usage frame, and gives it to Chat clients that asked for it only', async () => {
    for (const include of [true, false]) {
      upstream.answer(answerOf(WIRES['anthropic-messages'].spoken, true));
      await ask(
        'openai-chat',
        { ...CHAT, stream: true, ...(include ? { stream_options: { include_usage: true } } : {}) },
        [target('anthropic-messages')],
      );
      expect(client.text().includes('"prompt_tokens":20')).toBe(include);
      expect(finished()?.usage).toMatchObject({ input: 20, output: 7 });
    }
  });
});

describe('memory', () => {
  const call = (id: string) => ({ id, type: 'function', function: { name: 'height', arguments: '{}' } });
  const whole = (id: string): FakeAnswer => ({
    pieces: [
      JSON.stringify({
        choices: [
          {
            message: { role: 'assistant', content: null, reasoning_content: 'Hm.', tool_calls: [call(id)] },
            finish_reason: 'tool_calls',
          },
        ],
      }),
    ],
  });
  const history = (id: string): Json => ({
    ...MESSAGES,
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [{ type: 'tool_use', id, name: 'height', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '6.8 m' }] },
    ],
  });
  const thinker = (): Target => target('openai-chat', { id: 'kimi' });

  it('gives thoughts back to providers that want them beside their calls', async () => {
    await start({ quirks: () => new Set(['reasoning-content']) });
    upstream.answer(whole('call_9f3kd02lsQ'));
    await ask('anthropic-messages', MESSAGES, [thinker()]);
    await ask('anthropic-messages', history('call_9f3kd02lsQ'), [thinker()]);
    expect(JSON.stringify(sent())).toContain('"reasoning_content":"Hm."');
    await ask('anthropic-messages', history('call_anotherOne42'), [thinker()]);
    expect(JSON.stringify(sent())).not.toContain('Hm.');
  });

  it('does not mix up conversations whose ids are counters', async () => {
    await start({ quirks: () => new Set(['reasoning-content']) });
    upstream.answer(whole('functions.height:0'));
    await ask('anthropic-messages', MESSAGES, [thinker()]);
    await ask('anthropic-messages', history('functions.height:0'), [thinker()]);
    expect(JSON.stringify(sent())).not.toContain('Hm.');
  });
});
