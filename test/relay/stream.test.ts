import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import type { RelayDeps } from '../../src/relay/index.ts';
import { type FakeAnswer, type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { PROTOCOL_IDS } from '../support/fixtures.ts';
import {
  type Bench,
  type FakeClient,
  fakeClient,
  fakeTarget,
  inboundOf,
  startBench,
} from '../support/relay.ts';
import { plainStream } from '../support/scripted/odd-streams.ts';

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
  expect(bench.heard.finished).toHaveLength(1);
  await bench.close();
  await upstream.close();
  await second.close();
});

const SSE = { 'content-type': 'text/event-stream' };
const ASK = '{"model":"tide-1","stream":true,"stream_options":{"include_usage":true}}';

/** Frames of a stream with two pieces of text. */
const streamOf = (id: ProtocolId): string[] => plainStream(id, ['High ', 'water.']).map(String);
/** The frames up to the first text, which is one of them. */
const begun = (id: ProtocolId): string[] => {
  const frames = streamOf(id);
  return frames.slice(0, frames.findIndex((frame) => frame.includes('High ')) + 1);
};

/** Asks in a protocol for a target of the same, or of another one. */
function ask(id: ProtocolId, at: ProtocolId = id, more: { second?: boolean } = {}): Promise<unknown> {
  const body =
    at === id
      ? ASK
      : '{"model":"tide-1","stream":true,"input":"Hi","messages":[{"role":"user","content":"Hi"}]}';
  const targets = [fakeTarget(upstream.url, at)];
  if (more.second) targets.push(fakeTarget(second.url, at, { id: 'second' }));
  return bench.relay(inboundOf(id, body, { stream: true, query: '?alt=sse' }), targets, client);
}

const finished = () => {
  const one = bench.heard.finished[0];
  if (!one) throw new Error('not finished');
  return one;
};

/** What ends a stream well, per protocol. */
const END: Record<ProtocolId, string> = {
  'openai-chat': '[DONE]',
  'openai-responses': 'response.completed',
  'anthropic-messages': 'message_stop',
  gemini: 'finishReason',
};
/** How an error inside a stream begins. */
const ERROR: Record<ProtocolId, RegExp> = {
  'openai-chat': /data: \{"error"/,
  'openai-responses': /event: response\.failed/,
  'anthropic-messages': /event: error/,
  gemini: /data: \{"error"/,
};

/** Starts the bench again with a real clock and these durations. */
async function withTimes(times: Partial<ReturnType<RelayDeps['timeouts']>>, deps: Partial<RelayDeps> = {}) {
  await bench.close();
  bench = await startBench({
    elapsed: () => performance.now(),
    retry: () => ({ attempts: 1, deadlineMs: 60_000 }),
    timeouts: () => ({
      headersMs: 10_000,
      firstContentMs: 10_000,
      idleMs: 10_000,
      totalMs: 600_000,
      ...times,
    }),
    ...deps,
  });
}

/** A stream that breaks in this way is told once: an error of the protocol, no end marker, no further call. */
async function expectCut(id: ProtocolId, answer: FakeAnswer, code: string): Promise<void> {
  upstream.answer(answer);
  await ask(id, id, { second: true });
  expect(client.status).toBe(200);
  expect(client.text().startsWith(begun(id).join(''))).toBe(true);
  expect(client.text().slice(begun(id).join('').length)).toMatch(new RegExp(`^${ERROR[id].source}`));
  expect(client.text()).not.toContain(END[id]);
  expect(client.ended).toBe(1);
  expect(upstream.seen).toHaveLength(1);
  expect(second.seen).toHaveLength(0);
  expect(finished()).toMatchObject({
    outcome: 'upstream_cut',
    errorCode: code,
    attempts: [{ billable: 'yes' }],
  });
  expect(finished().usage.output).toBeGreaterThan(0);
}

describe.each(PROTOCOL_IDS)('a stream of %s is cut', (id) => {
  it('where an event cannot be read: it is not skipped, and the upstream is left', async () => {
    const rest = streamOf(id).slice(begun(id).length);
    const pieces = [...begun(id), 'data: {"broken": [\n\n', ...rest];
    await expectCut(id, { headers: SSE, pieces, end: 'hang' }, 'upstream_malformed');
    await upstream.waitForAbort();
    expect(client.text()).not.toContain('broken');
  });

  it('in the middle of an event, which is dropped', async () => {
    const next = streamOf(id)[begun(id).length] ?? '';
    const pieces = [...begun(id), next.slice(0, next.length >> 1)];
    await expectCut(id, { headers: SSE, pieces }, 'upstream_cut');
  });

  it('where it ends without a finish reason and an end marker', async () => {
    await expectCut(id, { headers: SSE, pieces: begun(id) }, 'upstream_cut');
  });

  it('where it falls silent for too long', async () => {
    await withTimes({ idleMs: 50 });
    await expectCut(id, { headers: SSE, pieces: begun(id), end: 'hang' }, 'upstream_timeout');
    await upstream.waitForAbort();
  });

  it('where the whole of it takes too long', async () => {
    await withTimes({ totalMs: 100 });
    await expectCut(id, { headers: SSE, pieces: begun(id), end: 'hang' }, 'upstream_timeout');
    await upstream.waitForAbort();
  });
});

it.each(PROTOCOL_IDS)(
  'a stream of %s whose upstream does not say what it is has a content type',
  async (id) => {
    upstream.answer({ headers: {}, pieces: streamOf(id) });
    await ask(id);
    expect(client.headers['content-type']).toMatch(/event-stream/);
    expect(client.text()).toBe(streamOf(id).join(''));
  },
);

describe('a stream', () => {
  it.each(PROTOCOL_IDS)(
    'of %s ends at its end marker, and its upstream may still end by itself',
    async (id) => {
      const frames = streamOf(id);
      upstream.answer({ headers: SSE, pieces: frames, end: id === 'gemini' ? 'end' : 'hang' });
      await ask(id);
      expect(client.text()).toBe(frames.join(''));
      expect(client.ended).toBe(1);
      expect(finished()).toMatchObject({ outcome: 'ok', usageSource: 'reported' });
      if (id !== 'gemini') await upstream.waitForAbort();
    },
  );

  it.each(['openai-chat', 'anthropic-messages'] as const)(
    'of %s with a finish reason and without its mark gets the mark, on both roads',
    async (id) => {
      const frames = streamOf(id).slice(0, -1);
      upstream.answer({ headers: SSE, pieces: frames });
      await ask(id);
      expect(client.text().startsWith(frames.join(''))).toBe(true);
      expect(client.text().slice(frames.join('').length)).toContain(END[id]);
      expect(finished()).toMatchObject({ outcome: 'ok', usageSource: 'reported' });
      client = fakeClient();
      await ask('openai-responses', id);
      expect(client.text()).toContain('response.completed');
      bench.heard.finished.pop();
    },
  );

  it('has U+FFFD for what is no UTF-8, and goes on', async () => {
    const [head = '', text = '', ...rest] = streamOf('openai-chat');
    const [before = '', behind = ''] = text.split('High ');
    const bad = Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80]);
    upstream.answer({ headers: SSE, pieces: [head, before, bad, behind + rest.join('')] });
    await ask('openai-chat');
    const valid = new TextDecoder('utf-8', { fatal: true }).decode(client.bytes());
    expect(valid).toBe(`${head}${before}${bad.toString('utf8')}${behind}${rest.join('')}`);
    expect(finished()).toMatchObject({ outcome: 'ok', usageSource: 'reported' });
  });

  it('may have a line of 10 MB', async () => {
    const text = 'A'.repeat(10 * 1024 * 1024);
    const frames = plainStream('openai-chat', ['High ', text]).map(String);
    upstream.answer({ headers: SSE, pieces: [frames.join('')] });
    await ask('openai-chat');
    expect(client.text() === frames.join('')).toBe(true);
    expect(finished()).toMatchObject({ outcome: 'ok' });
  });

  it('is inflated when it comes compressed', async () => {
    const frames = streamOf('openai-chat');
    upstream.answer({ headers: { ...SSE, 'content-encoding': 'gzip' }, pieces: [gzipSync(frames.join(''))] });
    await ask('openai-chat');
    expect(client.text()).toBe(frames.join(''));
  });

  it('never shows a key that the upstream repeats in an error', async () => {
    const error =
      'data: {"error":{"message":"bad key sk-test-0123456789abcdefghijKLMN","type":"server_error"}}\n\n';
    upstream.answer({ headers: SSE, pieces: [...begun('openai-chat'), error, 'data: [DONE]\n\n'] });
    await ask('openai-chat');
    expect(client.text()).toMatch(/bad key sk-/);
    expect(client.text()).not.toContain('0123456789abcdefghij');
    expect(client.text()).not.toContain('[DONE]');
  });

  it.each(PROTOCOL_IDS)(
    'of %s ends with the error that its upstream tells, and nothing passes behind it',
    async (id) => {
      const said: Record<ProtocolId, string> = {
        'openai-chat': 'data: {"error":{"message":"Overloaded","type":"overloaded_error"}}\n\n',
        'openai-responses':
          'event: error\ndata: {"type":"error","code":"server_error","message":"Overloaded"}\n\n',
        'anthropic-messages':
          'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
        gemini: 'data: {"error":{"code":503,"message":"Overloaded","status":"UNAVAILABLE"}}\n\n',
      };
      const rest = streamOf(id).slice(begun(id).length);
      upstream.answer({ headers: SSE, pieces: [...begun(id), said[id], ...rest] });
      await ask(id);
      expect(client.text()).toBe(begun(id).join('') + said[id]);
      expect(finished()).toMatchObject({ outcome: 'upstream_cut', errorMessage: 'Overloaded' });
    },
  );

  it('of half a tool call is never closed', async () => {
    const half = [
      'event: message_start\ndata: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":11,"output_tokens":1}}}\n\n',
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"run","input":{}}}\n\n',
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\\"cmd\\":\\"rm"}}\n\n',
    ];
    for (const from of ['anthropic-messages', 'openai-chat'] as const) {
      upstream.answer({ headers: SSE, pieces: half, end: 'reset' });
      client = fakeClient();
      bench.heard.finished.length = 0;
      await ask(from, 'anthropic-messages');
      expect(client.text()).toMatch(ERROR[from]);
      expect(client.text()).not.toMatch(/content_block_stop|finish_reason":"|tool_use"}|DONE/);
      expect(finished()).toMatchObject({ outcome: 'upstream_cut', usage: { input: 11 } });
    }
  });
});

describe('a client that waits', () => {
  const SIGN: Record<ProtocolId, string> = {
    'openai-chat': ': keep-alive\n\n',
    'openai-responses': ': keep-alive\n\n',
    'anthropic-messages': 'event: ping\ndata: {"type":"ping"}\n\n',
    gemini: '',
  };

  /** Moves the clock of the signs of life until the client has its head. */
  async function untilBegun(): Promise<void> {
    while (client.heads === 0) {
      vi.advanceTimersByTime(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  afterEach(() => void vi.useRealTimers());

  it.each(PROTOCOL_IDS)(
    'for %s gets signs of life only, and then the answer of another provider',
    async (id) => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      await withTimes({ firstContentMs: 300 });
      upstream.answer({ headers: SSE, pieces: begun(id).slice(0, -1), end: 'hang' });
      second.answer({ headers: SSE, pieces: streamOf(id) });
      const asking = ask(id, id, { second: true });
      await untilBegun();
      expect(client.status).toBe(200);
      expect(client.headers['content-type']).toMatch(/event-stream/);
      if (SIGN[id] !== '') expect(client.text()).toContain(SIGN[id]);
      expect(client.text().replaceAll(SIGN[id], '')).toBe('');
      await asking;
      expect(client.text().replaceAll(SIGN[id], '')).toBe(streamOf(id).join(''));
      expect(client.heads).toBe(1);
      expect(finished()).toMatchObject({ outcome: 'ok', provider: 'second' });
    },
  );

  it.each(PROTOCOL_IDS)('for %s is told in the stream when there is no answer at all', async (id) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await withTimes({ firstContentMs: 300 });
    upstream.answer({ headers: SSE, pieces: begun(id).slice(0, -1), end: 'hang' });
    const asking = ask(id);
    await untilBegun();
    await asking;
    expect(client.text()).toMatch(ERROR[id]);
    expect(client.text()).not.toContain(END[id]);
    expect(client.ended).toBe(1);
    expect(finished()).toMatchObject({ outcome: 'error', errorCode: 'upstream_timeout' });
  });
});

describe('an upstream whose client goes away', () => {
  const leaveAfter = async (text: string): Promise<void> => {
    const asking = ask('anthropic-messages');
    await client.has(text);
    client.leave();
    await asking;
  };

  it('is left at once; the input that it reported stays, the output is counted', async () => {
    upstream.answer({ headers: SSE, pieces: begun('anthropic-messages'), end: 'hang' });
    await leaveAfter('High ');
    await upstream.waitForAbort();
    expect(finished()).toMatchObject({
      outcome: 'client_aborted',
      usageSource: 'partial',
      usage: { input: 11 },
    });
    expect(finished().usage.output).toBeGreaterThan(0);
  });

  it('is read on for its usage, as configured', async () => {
    await withTimes({}, { onClientAbort: () => 'drain' });
    const frames = streamOf('anthropic-messages');
    const long = Array.from({ length: 200 }, () => begun('anthropic-messages').at(-1) ?? '');
    upstream.answer({ headers: SSE, pieces: [...begun('anthropic-messages'), ...long, ...frames.slice(3)] });
    await leaveAfter('High ');
    expect(upstream.aborted).toBe(0);
    expect(client.text()).not.toContain('message_stop');
    expect(finished()).toMatchObject({
      outcome: 'client_aborted',
      usageSource: 'reported',
      usage: { input: 11, output: 7 },
    });
  });
});

describe('the wait for content', () => {
  it.each(PROTOCOL_IDS)('of %s is over in time, and then it is tried elsewhere', async (id) => {
    await withTimes({ firstContentMs: 60 });
    const start = begun(id).slice(0, -1);
    upstream.answer({ headers: SSE, pieces: [...start, ': ping\n\n'], end: 'hang' });
    second.answer({ headers: SSE, pieces: streamOf(id) });
    await ask(id, id, { second: true });
    expect(client.text()).toBe(streamOf(id).join(''));
    expect(finished()).toMatchObject({
      outcome: 'ok',
      attempts: [{ failure: 'timeout', billable: 'maybe' }, { failure: null }],
    });
    await upstream.waitForAbort();
  });

  it('is a 504 when nobody has any', async () => {
    await withTimes({ firstContentMs: 60 });
    upstream.answer({ headers: SSE, pieces: [], end: 'hang' });
    await ask('openai-chat');
    expect(client.status).toBe(504);
    expect(finished()).toMatchObject({ outcome: 'error', errorCode: 'upstream_timeout' });
  });
});
