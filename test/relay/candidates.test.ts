import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { byCandidate, type Collected, collect } from '../../src/pivot/index.ts';
import { protocolOf, withCandidates } from '../../src/protocols/index.ts';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import { type FakeAnswer, type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { decodeChunks, FIXTURES } from '../support/fixtures.ts';
import {
  type Bench,
  type FakeClient,
  fakeClient,
  fakeTarget,
  inboundOf,
  startBench,
} from '../support/relay.ts';
import { answerOf, endMarkers, WIRES } from '../support/wires.ts';

/** Several answers to one request, through the relay between two wires that have a place for them. */

let upstream: FakeUpstream;
let bench: Bench;
let client: FakeClient;

beforeEach(async () => {
  upstream = await startFakeUpstream();
  bench = await startBench();
});
afterEach(async () => {
  await bench.close();
  await upstream.close();
});

type Json = Record<string, unknown>;

async function ask(from: ProtocolId, body: Json, to: ProtocolId, stream: boolean, query = ''): Promise<void> {
  client = fakeClient();
  const inbound = inboundOf(from, JSON.stringify(body), { stream, query });
  await bench.relay(inbound, [fakeTarget(upstream.url, to)], client);
}

const sent = (n = -1): Json => JSON.parse(upstream.seen.at(n)?.body.toString() ?? 'null') as Json;
const finished = () => bench.heard.finished.at(-1);
const SSE = { 'content-type': 'text/event-stream' };
const CHAT: Json = { model: 'tide-1', messages: [{ role: 'user', content: 'hi' }], n: 2 };
const STREAMED: Json = { ...CHAT, stream: true, stream_options: { include_usage: true } };
const GEMINI: Json = {
  contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
  generationConfig: { candidateCount: 2 },
};

/** Two candidates as a provider of this wire gives them; `pieces` of a stream are its frames. */
function twoOf(wire: ProtocolId, stream: boolean): FakeAnswer {
  const found = FIXTURES.find(
    (one) => one.protocol.id === wire && one.name === 'candidates-tools' && one.stream === stream,
  );
  const text = found?.bytes.toString() ?? '';
  if (!stream) return { headers: { 'content-type': 'application/json' }, pieces: [text] };
  return { headers: SSE, pieces: text.split(/(?<=\n\n)/) };
}

/** What the client reads, candidate by candidate. */
function read(wire: ProtocolId, stream: boolean): Collected[] {
  const protocol = withCandidates(protocolOf(wire), 2);
  const text = client.text();
  const events = stream ? decodeChunks(protocol, [Buffer.from(text)]) : protocol.decodeBody(JSON.parse(text));
  return byCandidate(events).map(([, own]) => collect(own));
}

const FIRST = {
  finish: 'length',
  truncated: false,
  blocks: [
    { type: 'reasoning', text: 'The moon pulls.' },
    { type: 'text', text: 'High water.' },
  ],
  usage: { input: 30, output: 23, reasoning: 5, cacheRead: 24 },
};
const CALLED = { type: 'tool-call', name: 'height', arguments: '{"port":"Dover"}' };

describe.each([
  { form: 'streamed', stream: true },
  { form: 'whole', stream: false },
])('two candidates, $form', ({ stream }) => {
  const counted = { outcome: 'ok', usage: { input: 30, output: 23, cacheRead: 24 }, usageSource: 'reported' };

  it('reach a Chat client from Gemini', async () => {
    upstream.answer(twoOf('gemini', stream));
    await ask('openai-chat', stream ? STREAMED : CHAT, 'gemini', stream);
    expect(sent().generationConfig).toEqual({ candidateCount: 2 });
    expect(client.headers['x-unorouter-dropped']).toBe('none');
    const [first, second] = read('openai-chat', stream);
    expect(first).toMatchObject(FIRST);
    expect(second).toMatchObject({ finish: 'tool-calls', usage: {}, truncated: false });
    expect(second?.blocks).toMatchObject([
      { text: 'Let me look.' },
      CALLED,
      { arguments: '{"port":"Calais"}' },
    ]);
    expect(finished()).toMatchObject(counted);
    expect(client.text().match(/"usage":/g)).toHaveLength(1);
    if (stream) expect(endMarkers('openai-chat', client.text())).toBe(1);
  });

  it('reach a Gemini client from Chat', async () => {
    upstream.answer(twoOf('openai-chat', stream));
    await ask('gemini', GEMINI, 'openai-chat', stream, stream ? '?alt=sse' : '');
    expect(sent().n).toBe(2);
    expect(client.headers['x-unorouter-dropped']).toBe('none');
    const [first, second] = read('gemini', stream);
    expect(first).toMatchObject(FIRST);
    expect(second).toMatchObject({ finish: 'tool-calls', usage: {}, truncated: false });
    expect(second?.blocks).toMatchObject([{ ...CALLED, id: 'call_b_0123456789' }]);
    expect(finished()).toMatchObject(counted);
    expect(client.text().match(/"usageMetadata":/g)).toHaveLength(1);
  });
});

describe('a Gemini client that reads an array', () => {
  it('gets one, whichever candidate speaks first', async () => {
    upstream.answer(twoOf('openai-chat', true));
    await ask('gemini', GEMINI, 'openai-chat', true);
    const chunks = JSON.parse(client.text()) as { candidates: { index: number; finishReason?: string }[] }[];
    const ends = chunks.flatMap(({ candidates }) => candidates).filter(({ finishReason }) => finishReason);
    expect(ends.map(({ index }) => index)).toEqual([0, 1]);
  });
});

describe('usage', () => {
  it('counts all candidates, also where only the second one says something', async () => {
    const blocked = { index: 0, finishReason: 'SAFETY' };
    const said = { index: 1, content: { parts: [{ text: 'High water.' }] }, finishReason: 'STOP' };
    const usageMetadata = { promptTokenCount: 30, candidatesTokenCount: 4 };
    upstream.answer({
      headers: { 'content-type': 'application/json' },
      pieces: [JSON.stringify({ candidates: [blocked, said], usageMetadata })],
    });
    await ask('openai-chat', CHAT, 'gemini', false);
    const [first, second] = read('openai-chat', false);
    expect(first).toMatchObject({ finish: 'content-filter', blocks: [] });
    expect(second).toMatchObject({ finish: 'stop', blocks: [{ text: 'High water.' }] });
    expect(finished()).toMatchObject({ usage: { input: 30, output: 4 }, usageSource: 'reported' });
  });
});

describe('a candidate that is cut', () => {
  it.each([
    { from: 'gemini' as const, to: 'openai-chat' as const, keep: 6 },
    { from: 'openai-chat' as const, to: 'gemini' as const, keep: 4 },
  ])('cuts the answer from $to, although the other one is whole', async ({ from, to, keep }) => {
    const { pieces, headers = {} } = twoOf(to, true);
    upstream.answer({ headers, pieces: pieces.slice(0, keep) });
    await ask(from, from === 'gemini' ? GEMINI : STREAMED, to, true, '?alt=sse');
    expect(finished()).toMatchObject({ outcome: 'upstream_cut', errorCode: 'upstream_cut' });
    expect(client.text()).not.toMatch(/\[DONE\]|"finishReason"|"finish_reason":"/);
    expect(client.text()).toContain('"error"');
    expect(finished()?.usage.output).toBeGreaterThan(0);
  });

  it('before anything was said is another try', async () => {
    const [, ...rest] = twoOf('gemini', true).pieces;
    let tries = 0;
    upstream.answer(() => (tries++ === 0 ? { headers: SSE, pieces: [] } : { headers: SSE, pieces: rest }));
    await ask('openai-chat', STREAMED, 'gemini', true);
    expect(finished()).toMatchObject({ outcome: 'ok', attempts: [{}, { status: 200 }] });
  });
});

describe('a call of the second candidate', () => {
  it('has an id of its own, by which its signature comes back when the client goes on with it', async () => {
    upstream.answer(twoOf('gemini', false));
    await ask('openai-chat', CHAT, 'gemini', false);
    const calls = read('openai-chat', false)[1]?.blocks.filter(({ type }) => type === 'tool-call') ?? [];
    const ids = calls.map((call) => (call.type === 'tool-call' ? call.id : ''));
    expect(new Set(ids).size).toBe(2);
    const said = ids.map((id, i) => ({
      ...{ id, type: 'function' },
      function: { name: 'height', arguments: i === 0 ? '{"port":"Dover"}' : '{"port":"Calais"}' },
    }));
    const results = ids.map((id) => ({ role: 'tool', tool_call_id: id, content: '6.8 m' }));
    const messages = [
      ...(CHAT.messages as Json[]),
      { role: 'assistant', content: 'Let me look.', tool_calls: said },
      ...results,
    ];
    await ask('openai-chat', { ...CHAT, messages }, 'gemini', false);
    expect(JSON.stringify(sent().contents)).toContain('"thoughtSignature":"R29vZ2xl"');
  });
});

describe('calls without ids in two candidates', () => {
  it('are told apart', async () => {
    const call = (index: number, port: string): Json => ({
      ...{ index, finishReason: 'STOP' },
      content: { parts: [{ functionCall: { name: 'height', args: { port } } }] },
    });
    const body = { candidates: [call(0, 'Dover'), call(1, 'Calais')], modelVersion: 'm' };
    upstream.answer({
      headers: { 'content-type': 'application/json' },
      pieces: [JSON.stringify(body)],
    });
    await ask('openai-chat', CHAT, 'gemini', false);
    const calls = read('openai-chat', false).map(({ blocks }) => blocks[0]);
    expect(calls).toMatchObject([{ arguments: '{"port":"Dover"}' }, { arguments: '{"port":"Calais"}' }]);
    expect(new Set(calls.map((one) => one?.type === 'tool-call' && one.id)).size).toBe(2);
  });
});

describe('where one answer is all there is', () => {
  it.each([
    'Multiple candidates is not enabled for this model',
    'Only one candidate can be specified in the current model',
    'Unable to submit request because candidateCount must be 1 but the entered value was 2.',
  ])('Gemini is asked again for one, and the loss is named: %s', async (message) => {
    const refusal = { error: { code: 400, message, status: 'INVALID_ARGUMENT' } };
    let tries = 0;
    upstream.answer(() =>
      tries++ === 0
        ? { status: 400, pieces: [JSON.stringify(refusal)] }
        : answerOf(WIRES.gemini.spoken, false),
    );
    await ask('openai-chat', CHAT, 'gemini', false);
    expect(client.status).toBe(200);
    expect(sent().generationConfig).toBeUndefined();
    expect(client.headers['x-unorouter-dropped']).toBe('n: acme/tide-1 refuses it');
    expect(JSON.parse(client.text()).choices).toHaveLength(1);
  });

  it('Gemini takes no more than eight', async () => {
    upstream.answer(answerOf(WIRES.gemini.spoken, false));
    await ask('openai-chat', { ...CHAT, n: 20 }, 'gemini', false);
    expect(sent().generationConfig).toEqual({ candidateCount: 8 });
    expect(client.headers['x-unorouter-dropped']).toBe('n: clamped to 8');
  });

  it.each(['anthropic-messages', 'openai-responses'] as const)('%s is a loss with a name', async (to) => {
    upstream.answer(answerOf(WIRES[to].spoken, false));
    await ask('openai-chat', CHAT, to, false);
    expect(client.headers['x-unorouter-dropped']).toMatch(/\bn: /);
    expect(JSON.parse(client.text()).choices).toHaveLength(1);
  });

  it('nobody hears a second candidate that was not asked for', async () => {
    upstream.answer(twoOf('openai-chat', true));
    await ask('gemini', { contents: GEMINI.contents }, 'openai-chat', true, '?alt=sse');
    expect(client.text()).not.toContain('"index":1');
    expect(finished()?.outcome).toBe('ok');
  });
});
