import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { PROTOCOL_IDS } from '../support/fixtures.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { answerOf, endMarkers, readBy, SPEECH, THOUGHT, WIRES } from '../support/wires.ts';

/** One provider for each protocol: it speaks nothing else. */
const IDS: Record<ProtocolId, string> = {
  'openai-chat': 'chatty',
  'openai-responses': 'respond',
  'anthropic-messages': 'messy',
  gemini: 'gem',
};

let upstream: FakeUpstream;
let gateway: TestServer;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startTestServer({
    config: [
      'retry: { attempts: 1 }',
      'providers:',
      ...PROTOCOL_IDS.map((id) => `  ${IDS[id]}: { url: ${upstream.url}/v1, protocol: ${id} }`),
      '',
    ].join('\n'),
    env: Object.fromEntries(
      Object.values(IDS).map((id) => [`UNOROUTER_${id.toUpperCase()}_API_KEY`, `${id}-key-00000000`]),
    ),
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.seen.length = 0;
});

type Json = Record<string, unknown>;
const posted = () => upstream.seen.filter((seen) => seen.method === 'POST');
const sent = (): Json => JSON.parse(posted().at(-1)?.body.toString() ?? 'null') as Json;

const PAIRS = PROTOCOL_IDS.flatMap((client) =>
  PROTOCOL_IDS.filter((target) => target !== client).map((target) => ({ client, target })),
);

function ask(client: ProtocolId, target: ProtocolId, stream: boolean, body?: Json): Promise<Response> {
  const model = `${IDS[target]}/m-1`;
  return gateway.post(WIRES[client].path(model, stream), body ?? WIRES[client].ask(model, stream));
}

describe.each(PAIRS)('a $client client of a $target provider', ({ client, target }) => {
  it.each([true, false])('gets thoughts and words; stream: %s', async (stream) => {
    upstream.answer(answerOf(WIRES[target].spoken, stream));
    const response = await ask(client, target, stream);
    const text = await response.text();
    expect([response.status, text]).toEqual([200, expect.any(String)]);
    const answer = readBy(client, stream, text);
    expect(answer.blocks).toMatchObject([
      { type: 'reasoning', text: THOUGHT },
      { type: 'text', text: SPEECH },
    ]);
    expect(answer).toMatchObject({ finish: 'stop', error: null, truncated: false });
    expect(answer.usage).toMatchObject({ input: 20, output: 7 });
    if (stream) expect(endMarkers(client, text)).toBe(1);
    expect(response.headers.get('x-unorouter-served')).toBe(`${IDS[target]}/m-1`);
    const [row] = await gateway.rows();
    expect(row).toMatchObject({ outcome: 'ok', status: 200, usageSource: 'reported', stream });
    expect(row?.usage).toMatchObject({ input: 20, output: 7 });
  });

  it('asks it in its own words', async () => {
    upstream.answer(answerOf(WIRES[target].spoken, true));
    await (await ask(client, target, true)).text();
    const [call] = posted();
    expect(call?.url).toBe(WIRES[target].upstreamPath('m-1', true));
    const { text, tools } = WIRES[target].asked(sent());
    expect(text).toContain('Be brief.');
    expect(text).toContain('How high at Dover?');
    expect(tools).toEqual(['height']);
    if (target !== 'gemini') expect(sent()).toMatchObject({ model: 'm-1', stream: true });
  });

  it.each([true, false])('gets a call, and its result goes back; stream: %s', async (stream) => {
    upstream.answer(answerOf(WIRES[target].called, stream));
    const response = await ask(client, target, stream);
    const answer = readBy(client, stream, await response.text());
    const call = answer.blocks.find((block) => block.type === 'tool-call');
    expect(call).toMatchObject({ name: 'height', kind: 'function' });
    expect(JSON.parse(call?.type === 'tool-call' ? call.arguments : '')).toEqual({ port: 'Dover' });
    expect(answer.finish).toBe('tool-calls');

    upstream.answer(answerOf(WIRES[target].spoken, false));
    const again = await ask(client, target, false, WIRES[client].askAgain(`${IDS[target]}/m-1`, answer));
    expect(again.status).toBe(200);
    await again.text();
    const { text } = WIRES[target].asked(sent());
    expect(text).toContain('6.8 m');
    expect(text).toContain('height');
  });

  it('gets what the provider wants back of a call from the memory of the gateway', async () => {
    upstream.answer(answerOf(WIRES[target].called, false));
    const answer = readBy(client, false, await (await ask(client, target, false)).text());
    upstream.answer(answerOf(WIRES[target].spoken, false));
    await (await ask(client, target, false, WIRES[client].askAgain(`${IDS[target]}/m-1`, answer))).text();
    const { text } = WIRES[target].asked(sent());
    const seal: Record<ProtocolId, string> = {
      'openai-chat': 'm-1',
      'openai-responses': 'gAAAsealed',
      'anthropic-messages': 'EqQBsealed',
      gemini: 'R29vZ2xl',
    };
    if (target !== 'openai-chat') expect(text).toContain(seal[target]);
  });

  it.each([true, false])('reads an answer in the form that was not asked for; stream: %s', async (stream) => {
    upstream.answer(answerOf(WIRES[target].spoken, !stream));
    const response = await ask(client, target, stream);
    const answer = readBy(client, stream, await response.text());
    expect(answer.blocks.at(-1)).toMatchObject({ type: 'text', text: SPEECH });
    expect(answer.finish).toBe('stop');
  });

  it.each([true, false])('reads an error in its own shape; stream: %s', async (stream) => {
    const error = WIRES[target].error(400, 'temperature is too warm');
    upstream.answer({ status: 400, pieces: [JSON.stringify(error)] });
    const response = await ask(client, target, stream);
    const body = (await response.json()) as { error: Json };
    expect(response.status).toBe(400);
    expect(body.error.message).toBe('temperature is too warm');
    expect(Object.keys(WIRES[client].error(400, '').error as Json)).toEqual(
      expect.arrayContaining(Object.keys(body.error)),
    );
  });

  it('is told of an error inside the stream, and of no end', async () => {
    const [first = '', ...rest] = WIRES[target].spoken.stream;
    const begun = rest.slice(0, target === 'gemini' ? 1 : target === 'openai-chat' ? 3 : 5);
    upstream.answer({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [first, ...begun, WIRES[target].errorFrame],
    });
    const response = await ask(client, target, true);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('engine lost');
    expect(endMarkers(client, text)).toBe(0);
    expect(readBy(client, true, text).error?.message).toBe('engine lost');
    expect((await gateway.rows())[0]).toMatchObject({ outcome: 'upstream_cut' });
  });

  it('is told of an error at the beginning by a status', async () => {
    upstream.answer({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [WIRES[target].errorFrame],
    });
    const response = await ask(client, target, true);
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect(await response.text()).toContain('engine lost');
  });

  it.each(['end', 'reset'] as const)('is told of a cut, and nothing is made up: %s', async (end) => {
    const { stream } = WIRES[target].called;
    // All but the end: the call is complete or half, and may not be run in either case.
    const cut = stream.slice(0, target === 'gemini' ? 1 : target === 'openai-chat' ? 2 : -3);
    upstream.answer({ headers: { 'content-type': 'text/event-stream' }, pieces: cut, end });
    const text = await (await ask(client, target, true)).text();
    expect(endMarkers(client, text)).toBe(0);
    const answer = readBy(client, true, text);
    expect(answer.error?.kind ?? 'none').not.toBe('none');
    expect(text.match(/"functionCall"/g)).toBeNull();
    expect((await gateway.rows())[0]).toMatchObject({ outcome: 'upstream_cut' });
  });

  it('that leaves takes the call with it', async () => {
    const before = upstream.aborted;
    upstream.answer({
      headers: { 'content-type': 'text/event-stream' },
      pieces: WIRES[target].spoken.stream.slice(0, -3),
      end: 'hang',
    });
    const leaving = new AbortController();
    const model = `${IDS[target]}/m-1`;
    const response = await gateway.fetch(WIRES[client].path(model, true), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(WIRES[client].ask(model, true)),
      signal: leaving.signal,
    });
    const reader = response.body?.getReader();
    await reader?.read();
    leaving.abort();
    await reader?.cancel().catch(() => undefined);
    await upstream.waitForAbort(before + 1);
    expect(await gateway.ended()).toMatchObject({ outcome: 'client_aborted' });
  });
});
