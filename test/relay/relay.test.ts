import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import type { Target } from '../../src/router/index.ts';
import { type FakeAnswer, type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { PROTOCOL_IDS } from '../support/fixtures.ts';
import {
  type Bench,
  type FakeClient,
  fakeClient,
  fakeTarget,
  inboundOf,
  KEY,
  startBench,
} from '../support/relay.ts';

let upstream: FakeUpstream;
let second: FakeUpstream;
let bench: Bench;
let client: FakeClient;

beforeEach(async () => {
  upstream = await startFakeUpstream();
  second = await startFakeUpstream();
  bench = await startBench();
  client = fakeClient();
});
afterEach(async () => {
  // One record for one request, whatever happened to it.
  expect(bench.heard.opened).toHaveLength(1);
  expect(bench.heard.finished).toHaveLength(1);
  expect(bench.heard.opened[0]).toMatchObject({ outcome: 'open', attempts: [] });
  expect(bench.heard.finished[0]?.outcome).not.toBe('open');
  expect(bench.heard.finished[0]?.totalMs).toBeTypeOf('number');
  for (const value of Object.values(client.headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
  expect(
    `${client.text()}${JSON.stringify(client.headers)}${JSON.stringify(bench.heard.finished)}`,
  ).not.toContain(KEY);
  await bench.close();
  await upstream.close();
  await second.close();
});

const SSE = { 'content-type': 'text/event-stream' };
const JSON_TYPE = { 'content-type': 'application/json' };
const ROLE =
  'data: {"id":"c","model":"tide-1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n';
const TEXT =
  'data: {"id":"c","model":"tide-1","choices":[{"index":0,"delta":{"content":"High water."}}]}\n\n';
const STOP =
  'data: {"id":"c","model":"tide-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const USAGE = 'data: {"id":"c","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":3}}\n\n';
const DONE = 'data: [DONE]\n\n';
const BODY =
  '{"id":"c","object":"chat.completion","model":"tide-1","choices":[{"index":0,"message":{"role":"assistant","content":"High water."},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":3}}';
const STREAM: FakeAnswer = { headers: SSE, pieces: [ROLE, TEXT, STOP, USAGE, DONE] };
const WHOLE: FakeAnswer = { headers: JSON_TYPE, pieces: [BODY] };

const ASK = '{"model":"tide-1","messages":[]}';
const ASK_STREAM = '{"model":"tide-1","stream":true,"stream_options":{"include_usage":true}}';

function target(at = upstream, id = 'acme', protocol: ProtocolId = 'openai-chat'): Target {
  return fakeTarget(at.url, protocol, { id });
}

function ask(body = ASK, targets = [target()]): Promise<unknown> {
  return bench.relay(inboundOf('openai-chat', body), targets, client);
}

/** Answers one after another; the last one stays. */
function answers(at: FakeUpstream, ...list: FakeAnswer[]): void {
  let i = 0;
  at.answer(() => list[Math.min(i++, list.length - 1)] ?? WHOLE);
}

const failing = (
  status: number,
  headers: Record<string, string> = {},
  body = '{"error":{"message":"no luck"}}',
): FakeAnswer => ({
  status,
  headers: { ...JSON_TYPE, ...headers },
  pieces: [body],
});

const finished = () => {
  const one = bench.heard.finished[0];
  if (!one) throw new Error('not finished');
  return one;
};

describe('an answer', () => {
  it('reaches the client whole, priced and recorded', async () => {
    upstream.answer(WHOLE);
    await ask();
    expect(client.text()).toBe(BODY);
    expect(client.headers).toMatchObject({
      'content-length': String(BODY.length),
      'x-unorouter-id': '01TESTTESTTESTTESTTESTTEST',
      'x-unorouter-served': 'acme/tide-1',
      'x-unorouter-attempts': '1',
      'x-unorouter-cost': '0.0000004',
      'x-unorouter-dropped': 'none',
    });
    expect(finished()).toMatchObject({
      outcome: 'ok',
      status: 200,
      usage: { input: 10, output: 3 },
      usageSource: 'reported',
      cost: { nanoUsd: 400, state: 'exact' },
      attempts: [{ n: 1, provider: 'acme', status: 200, failure: null, billable: 'yes', waitedMs: 0 }],
    });
  });

  it('reaches the client streamed; its cost is told by the record only', async () => {
    upstream.answer(STREAM);
    await ask(ASK_STREAM);
    expect(client.text()).toBe(ROLE + TEXT + STOP + USAGE + DONE);
    expect(client.headers['x-unorouter-cost']).toBe('pending');
    expect(finished()).toMatchObject({
      outcome: 'ok',
      cost: { nanoUsd: 400, state: 'exact' },
      usageSource: 'reported',
    });
    expect(finished().ttftMs).toBeTypeOf('number');
  });

  it('is asked for with the key and without what belongs to this machine', async () => {
    upstream.answer(WHOLE);
    await ask();
    const [seen] = upstream.seen;
    expect(seen?.url).toBe('/chat/completions');
    expect(seen?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'accept-encoding': 'identity' });
    expect(seen?.headers.cookie).toBeUndefined();
    expect(seen?.body.toString()).toBe(ASK);
  });

  it('comes in the form that was asked for when the provider chose the other one', async () => {
    upstream.answer(WHOLE);
    await ask(ASK_STREAM);
    expect(client.headers['content-type']).toMatch(/event-stream/);
    expect(client.text()).toContain('"content":"High water."');
    expect(client.text().endsWith(DONE)).toBe(true);
  });

  it('comes whole when the provider streams unasked', async () => {
    upstream.answer(STREAM);
    await ask();
    expect(client.headers['content-type']).toBe('application/json');
    expect(JSON.parse(client.text())).toMatchObject({
      choices: [{ message: { content: 'High water.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 3 },
    });
  });

  it('ends at its end marker although the provider keeps the connection open', async () => {
    upstream.answer({ ...STREAM, end: 'hang' });
    await ask(ASK_STREAM);
    expect(client.text().endsWith(DONE)).toBe(true);
    expect(finished()).toMatchObject({ outcome: 'ok', usageSource: 'reported' });
    await upstream.waitForAbort();
  });

  it('is whole with a finish reason, and gets the mark that is missing behind it', async () => {
    upstream.answer({ headers: SSE, pieces: [ROLE, TEXT, STOP] });
    await ask(ASK_STREAM);
    expect(client.text()).toBe(ROLE + TEXT + STOP + DONE);
    expect(finished()).toMatchObject({
      outcome: 'ok',
      usageSource: 'estimated',
      cost: { state: 'estimate' },
    });
  });

  it('of another endpoint passes as it is: speech, embeddings', async () => {
    upstream.answer({ headers: { 'content-type': 'audio/mpeg' }, pieces: [Buffer.from([0xff, 0xfb, 0, 1])] });
    await bench.relay(
      inboundOf('openai-chat', ASK, { endpoint: 'audio', path: '/audio/speech' }),
      [target()],
      client,
    );
    expect([...client.bytes()]).toEqual([0xff, 0xfb, 0, 1]);
    expect(finished()).toMatchObject({ outcome: 'ok' });
  });
});

describe('a failure before the first content', () => {
  it.each([429, 500, 502, 503, 504, 529, 408, 409])('is tried again: %i', async (status) => {
    answers(upstream, failing(status), failing(status), STREAM);
    await ask(ASK_STREAM);
    expect(client.text()).toBe(ROLE + TEXT + STOP + USAGE + DONE);
    expect(client.headers['x-unorouter-attempts']).toBe('3');
    expect(bench.waits).toEqual([250, 500]);
    expect(finished()).toMatchObject({ outcome: 'ok', cost: { nanoUsd: 400 } });
    expect(finished().attempts.map((a) => [a.n, a.status, a.waitedMs, a.billable])).toEqual([
      [1, status, 0, 'no'],
      [2, status, 250, 'no'],
      [3, 200, 500, 'yes'],
    ]);
  });

  it.each([400, 402, 404, 413, 422])('is not tried again: %i', async (status) => {
    upstream.answer(failing(status));
    await ask();
    expect(upstream.seen).toHaveLength(1);
    expect(client.headers['x-should-retry']).toBe('false');
    expect(JSON.parse(client.text()).error.message).toContain('no luck');
    expect(finished()).toMatchObject({
      outcome: 'error',
      errorMessage: expect.stringContaining('no luck'),
      cost: { nanoUsd: 0, state: 'none' },
    });
  });

  it('ends after three attempts, with a status of its protocol and the word that we tried', async () => {
    upstream.answer(failing(529, {}, '{"error":{"message":"Overloaded"}}'));
    await ask();
    expect(upstream.seen).toHaveLength(3);
    expect(client.status).toBe(503);
    expect(client.headers).toMatchObject({
      'x-should-retry': 'false',
      'x-unorouter-attempts': '3',
      'x-unorouter-cost': '0',
    });
    expect(finished()).toMatchObject({ outcome: 'error', status: 503 });
  });

  it('waits as the provider says: milliseconds before seconds before our own guess', async () => {
    answers(
      upstream,
      failing(429, { 'retry-after': '2' }),
      failing(429, { 'retry-after-ms': '300', 'retry-after': '9' }),
      WHOLE,
    );
    await ask();
    expect(bench.waits).toEqual([2000, 300]);
  });

  it('does not wait for a provider that wants more than 10 s; the client gets its words', async () => {
    upstream.answer(failing(429, { 'retry-after': '86400' }));
    await ask();
    expect(upstream.seen).toHaveLength(1);
    expect(bench.waits).toEqual([]);
    expect(client.status).toBe(429);
    expect(client.headers['retry-after']).toBe('86400');
  });

  it('obeys x-should-retry', async () => {
    answers(
      upstream,
      failing(400, { 'x-should-retry': 'true' }),
      failing(503, { 'x-should-retry': 'false' }),
      WHOLE,
    );
    await ask();
    expect(upstream.seen).toHaveLength(2);
    expect(client.status).toBe(503);
  });

  it('goes to the next target, which gets one attempt', async () => {
    upstream.answer(failing(503));
    second.answer(STREAM);
    await ask(ASK_STREAM, [target(), target(second, 'other')]);
    expect(upstream.seen).toHaveLength(3);
    expect(second.seen).toHaveLength(1);
    expect(client.headers).toMatchObject({
      'x-unorouter-served': 'other/tide-1',
      'x-unorouter-attempts': '4',
    });
    expect(finished()).toMatchObject({ provider: 'other', outcome: 'ok' });
  });

  it('at every target is told with what became of each', async () => {
    upstream.answer(failing(404));
    second.answer(failing(503, {}, '{"error":{"message":"the second is down"}}'));
    await ask(ASK, [target(), target(second, 'other')]);
    expect(upstream.seen).toHaveLength(1);
    expect(second.seen).toHaveLength(1);
    expect(client.status).toBe(503);
    expect(JSON.parse(client.text()).error).toMatchObject({
      code: 'all_upstreams_failed',
      message: expect.stringContaining('tried acme 404, other 503'),
    });
  });

  it('is an error event at the beginning of a stream, too', async () => {
    answers(
      upstream,
      {
        headers: SSE,
        pieces: [ROLE, 'data: {"error":{"message":"Overloaded","type":"overloaded_error"}}\n\n'],
      },
      { headers: SSE, pieces: [ROLE] },
      { headers: SSE, pieces: [] },
    );
    await ask(ASK_STREAM);
    expect(upstream.seen).toHaveLength(3);
    expect(client.status).toBe(502);
    expect(client.headers['content-type']).toBe('application/json');
    expect(finished().attempts.map((a) => a.failure)).toEqual(['overloaded', 'malformed', 'malformed']);
  });

  it.each([
    [
      'JSON with an error in it',
      { headers: JSON_TYPE, pieces: ['{"error":{"message":"the engine stalled"}}'] },
    ],
    ['HTML', { headers: { 'content-type': 'text/html' }, pieces: ['<html>sorry</html>'] }],
    ['nothing', { headers: JSON_TYPE, pieces: [] }],
    ['204', { status: 204, headers: {}, pieces: [] }],
    ['half of its JSON', { headers: JSON_TYPE, pieces: [BODY.slice(0, 60)] }],
  ] as [string, FakeAnswer][])('is a 200 with %s, and never a 200 for the client', async (_name, answer) => {
    for (const [body, id] of [
      [ASK, 'acme'],
      [ASK_STREAM, 'other'],
    ]) {
      upstream.answer(answer);
      client = fakeClient();
      await ask(body, [target(upstream, id)]);
      expect(client.status).toBe(502);
      expect(client.text()).not.toContain('<html>');
      if (body === ASK) bench.heard.opened.length = bench.heard.finished.length = 0;
    }
    expect(upstream.seen).toHaveLength(6);
  });

  it('is a redirect, which is never followed and never tried again', async () => {
    upstream.answer({ status: 302, headers: { location: `${second.url}/steal` }, pieces: [] });
    await ask();
    expect(second.seen).toHaveLength(0);
    expect(upstream.seen).toHaveLength(1);
    expect(client.status).toBe(502);
  });

  it('is a connection that breaks before any header', async () => {
    let calls = 0;
    upstream.answer(() => {
      calls++;
      throw new Error('never answered');
    });
    await upstream.close();
    await ask();
    expect(calls).toBe(0);
    expect(client.status).toBe(502);
    expect(finished().attempts).toHaveLength(3);
    // Nobody can have worked on it, so nobody can bill it.
    expect(finished().attempts.map((a) => a.billable)).toEqual(['no', 'no', 'no']);
    expect(finished()).toMatchObject({ outcome: 'error', errorCode: 'upstream_unreachable' });
  });

  it('is a whole answer that is reset in the middle: it may be on the bill, so it is not asked for again there', async () => {
    upstream.answer({ headers: JSON_TYPE, pieces: [BODY.slice(0, 60)], end: 'reset' });
    await ask();
    expect(client.status).toBe(502);
    expect(finished().attempts.map((a) => a.billable)).toEqual(['maybe']);
  });
});

describe('a refused key', () => {
  const refusal = `{"error":{"message":"Incorrect API key provided: ${KEY}","type":"invalid_request_error","code":"invalid_api_key"}}`;

  it.each([
    ['openai-chat', 400],
    ['openai-responses', 400],
    ['anthropic-messages', 424],
    ['gemini', 400],
  ] as [ProtocolId, number][])('is a problem of the user and no 401 on %s', async (protocol, status) => {
    upstream.answer(failing(401, { 'x-should-retry': 'true' }, refusal));
    await bench.relay(inboundOf(protocol, ASK), [target(upstream, 'acme', protocol)], client);
    expect(upstream.seen).toHaveLength(1);
    expect(client.status).toBe(status);
    expect(client.headers['x-should-retry']).toBe('false');
    const { message } = JSON.parse(client.text()).error;
    expect(message).toMatch(
      /^unorouter: acme refused the key \(401: Incorrect API key provided: sk-….*KLMN\)\. Run: unorouter keys add acme$/,
    );
    expect(finished()).toMatchObject({
      errorCode: 'key_refused',
      attempts: [{ failure: 'auth', status: 401, billable: 'no' }],
    });
  });

  it('is the same inside a 200, in a stream or not', async () => {
    upstream.answer({ headers: SSE, pieces: [`data: ${refusal}\n\n`] });
    await ask(ASK_STREAM);
    expect(client.status).toBe(400);
    expect(JSON.parse(client.text()).error.code).toBe('key_refused');
  });

  it('leads to the next target', async () => {
    upstream.answer(failing(403, {}, '{"error":{"message":"not for you"}}'));
    second.answer(WHOLE);
    await ask(ASK, [target(), target(second, 'other')]);
    expect(client.text()).toBe(BODY);
  });

  it('is masked wherever an upstream repeats it', async () => {
    upstream.answer(
      failing(
        400,
        {},
        JSON.stringify({ error: { message: `bad ${KEY}`, code: KEY, type: KEY, param: KEY } }),
      ),
    );
    await ask();
    expect(client.status).toBe(400);
  });
});

describe('a failure behind the first content', () => {
  it.each([
    ['reset', 'reset'],
    ['ended without a mark', 'end'],
  ] as const)('is told once, without an end marker and without another try: %s', async (_name, end) => {
    upstream.answer({ headers: SSE, pieces: [ROLE, TEXT], end });
    await ask(ASK_STREAM, [target(), target(second, 'other')]);
    expect(upstream.seen).toHaveLength(1);
    expect(second.seen).toHaveLength(0);
    expect(client.status).toBe(200);
    expect(client.text().startsWith(ROLE + TEXT)).toBe(true);
    expect(client.text()).not.toContain('[DONE]');
    expect(
      JSON.parse(
        client
          .text()
          .slice((ROLE + TEXT).length)
          .replace(/^data: /, ''),
      ).error,
    ).toBeDefined();
    expect(finished()).toMatchObject({
      outcome: 'upstream_cut',
      usageSource: 'estimated',
      cost: { state: 'estimate' },
    });
    expect(finished().usage.output).toBeGreaterThan(0);
    expect(finished().attempts).toMatchObject([{ billable: 'yes' }]);
  });

  it.each(['reset', 'end'] as const)('in the middle of an event drops what came of it: %s', async (end) => {
    upstream.answer({ headers: SSE, pieces: [ROLE, TEXT, 'data: {"id":"c","cho'], end });
    await ask(ASK_STREAM);
    expect(client.text().startsWith(`${ROLE}${TEXT}data: {"error"`)).toBe(true);
    expect(finished()).toMatchObject({ outcome: 'upstream_cut', usageSource: 'estimated' });
  });

  it("is told by the upstream's own event and not a second time", async () => {
    const error = 'data: {"error":{"message":"Overloaded","type":"overloaded_error"}}\n\n';
    upstream.answer({ headers: SSE, pieces: [ROLE, TEXT, error] });
    await ask(ASK_STREAM);
    expect(client.text()).toBe(ROLE + TEXT + error);
    expect(finished()).toMatchObject({ outcome: 'upstream_cut', errorMessage: 'Overloaded' });
  });

  it('is a line without end, which is not kept for ever', async () => {
    upstream.answer({
      headers: SSE,
      pieces: [ROLE, 'data: "', ...Array.from({ length: 20 }, () => 'x'.repeat(1024 * 1024))],
      end: 'hang',
    });
    await ask(ASK_STREAM);
    await upstream.waitForAbort();
    expect(client.text().slice(-300)).toContain('a line without end');
    expect(finished()).toMatchObject({ outcome: 'upstream_cut', errorCode: 'upstream_malformed' });
  });

  it('is a reset of a stream of another endpoint, too', async () => {
    const piece = 'data: {"object":"text_completion","choices":[{"text":"High"}]}\n\n';
    upstream.answer({ headers: SSE, pieces: [piece], end: 'reset' });
    const inbound = inboundOf('openai-chat', ASK_STREAM, { endpoint: 'completions', path: '/completions' });
    await bench.relay(inbound, [target()], client);
    expect(client.text().startsWith(piece)).toBe(true);
    expect(client.text()).toContain('"error"');
    expect(finished()).toMatchObject({ outcome: 'upstream_cut' });
  });

  it('is an event that nobody can read', async () => {
    upstream.answer({ headers: SSE, pieces: [ROLE, TEXT, 'data: {"broken":}\n\n'] });
    await ask(ASK_STREAM);
    expect(client.text()).toContain('upstream_malformed');
    expect(finished()).toMatchObject({ outcome: 'upstream_cut', errorCode: 'upstream_malformed' });
  });

  it('keeps the prompt tokens that a Messages stream reports at its start', async () => {
    const start =
      'event: message_start\ndata: {"type":"message_start","message":{"id":"m","model":"tide-1","usage":{"input_tokens":900,"output_tokens":1}}}\n\n';
    const text = `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${'word '.repeat(40)}"}}\n\n`;
    upstream.answer({ headers: SSE, pieces: [start, text], end: 'reset' });
    await bench.relay(
      inboundOf('anthropic-messages', ASK_STREAM),
      [target(upstream, 'acme', 'anthropic-messages')],
      client,
    );
    expect(client.text()).toContain('event: error');
    expect(client.text()).not.toContain('message_stop');
    expect(finished()).toMatchObject({ usageSource: 'partial', usage: { input: 900 } });
    expect(finished().usage.output).toBeGreaterThan(30);
  });

  it.each(PROTOCOL_IDS)('has the error frame of its protocol: %s', async (id) => {
    const content: Record<ProtocolId, string> = {
      'openai-chat': TEXT,
      'openai-responses': 'data: {"type":"response.output_text.delta","output_index":0,"delta":"High"}\n\n',
      'anthropic-messages':
        'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"High"}}\n\n',
      gemini: 'data: {"candidates":[{"content":{"parts":[{"text":"High"}]}}]}\n\n',
    };
    upstream.answer({ headers: SSE, pieces: [content[id]], end: 'reset' });
    await bench.relay(
      inboundOf(id, ASK_STREAM, { stream: true, query: '?alt=sse' }),
      [target(upstream, 'acme', id)],
      client,
    );
    const frame = client.text().slice(content[id].length);
    expect(frame).toMatch(
      {
        'openai-chat': /^data: \{"error"/,
        'openai-responses': /^event: response\.failed/,
        'anthropic-messages': /^event: error/,
        gemini: /^data: \{"error"/,
      }[id],
    );
  });
});

describe('a client that goes away', () => {
  it('before the headers takes the upstream call with it', async () => {
    upstream.answer((_seen) => {
      client.leave();
      return { headers: SSE, pieces: [], end: 'hang' };
    });
    await ask(ASK_STREAM, [target(), target(second, 'other')]);
    await upstream.waitForAbort();
    expect(second.seen).toHaveLength(0);
    expect(finished()).toMatchObject({
      outcome: 'client_aborted',
      usageSource: 'none',
      attempts: [{ billable: 'maybe' }],
    });
  });

  it('in the middle of a stream takes it with it; what arrived is estimated', async () => {
    upstream.answer({ headers: SSE, pieces: [ROLE, TEXT], end: 'hang' });
    const done = ask(ASK_STREAM);
    await client.has('High water.');
    client.leave();
    await done;
    await upstream.waitForAbort();
    expect(upstream.seen).toHaveLength(1);
    expect(finished()).toMatchObject({
      outcome: 'client_aborted',
      usageSource: 'estimated',
      cost: { state: 'estimate' },
      attempts: [{ billable: 'yes' }],
    });
    expect(finished().cost.nanoUsd).toBeGreaterThan(0);
  });

  it('on the end marker has its answer', async () => {
    upstream.answer({ ...STREAM, end: 'hang' });
    const done = ask(ASK_STREAM);
    await client.has('[DONE]');
    client.leave();
    await done;
    expect(finished()).toMatchObject({
      outcome: 'ok',
      usageSource: 'reported',
      cost: { nanoUsd: 400, state: 'exact' },
    });
  });

  it('while a retry is waited for ends the exchange without another call', async () => {
    await bench.close();
    bench = await startBench({
      wait: (_ms, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          client.leave();
        }),
    });
    upstream.answer(failing(503));
    await ask(ASK, [target(), target(second, 'other')]);
    expect(upstream.seen).toHaveLength(1);
    expect(second.seen).toHaveLength(0);
    expect(finished()).toMatchObject({ outcome: 'client_aborted', status: 503, usageSource: 'none' });
    expect(client.heads).toBe(0);
  });

  it('before the call is made costs no call', async () => {
    client.leave();
    await ask();
    expect(upstream.seen).toHaveLength(0);
    expect(finished()).toMatchObject({ outcome: 'client_aborted' });
  });
});

describe('a slow client', () => {
  it('pauses its upstream and gets every byte in the end', async () => {
    const piece = `data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(60_000)}"}}]}\n\n`;
    const total = 800;
    upstream.answer({ headers: SSE, pieces: [...Array.from({ length: total }, () => piece), STOP, DONE] });
    const done = ask(ASK_STREAM);
    await client.has('xxx');
    client.stall();
    await new Promise((resolve) => setImmediate(resolve));
    const atStall = client.bytes().length;
    // 48 MB wait at the provider; what the sockets hold between us is far less.
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(client.bytes().length - atStall).toBeLessThan(8 * 1024 * 1024);
    client.drain();
    await done;
    expect(client.bytes().length).toBe(piece.length * total + STOP.length + DONE.length);
    expect(finished().outcome).toBe('ok');
  });
});

describe('a bug of ours', () => {
  it('is recorded as an error of ours and left to whoever answers', async () => {
    await bench.close();
    bench = await startBench({
      random: () => {
        throw new Error('a bug');
      },
    });
    upstream.answer(failing(503));
    await expect(ask()).rejects.toThrow('a bug');
    expect(finished()).toMatchObject({ outcome: 'error', status: 500, errorCode: 'internal' });
  });
});
