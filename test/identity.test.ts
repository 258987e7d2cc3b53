import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect } from '../src/pivot/index.ts';
import type { Frame } from '../src/protocols/protocol.ts';
import { createFrameParser } from '../src/sse.ts';
import type { Sink, Transport } from '../src/upstream/index.ts';
import { chunkings } from './support/chunks.ts';
import { decodeFixture, FIXTURES, type Fixture } from './support/fixtures.ts';
import {
  type Bench,
  type FakeClient,
  fakeClient,
  fakeTarget,
  inboundOf,
  startBench,
} from './support/relay.ts';

/** What the next call answers; the relay under test is the real one. */
let next: { contentType: string; chunks: readonly Buffer[] } = { contentType: '', chunks: [] };

const transport: Transport = {
  async send() {
    const { contentType, chunks } = next;
    return {
      status: 200,
      headers: { 'content-type': contentType, 'x-request-id': 'r1' },
      body: {
        pipe(sink: Sink) {
          for (const chunk of chunks) sink.data(chunk);
          sink.end();
        },
        pause: () => undefined,
        resume: () => undefined,
        abort: () => undefined,
        broke: () => false,
      },
    };
  },
};

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ transport: () => transport });
});
afterAll(() => bench.close());

const ASKS_USAGE = '{"model":"m","stream":true,"stream_options":{"include_usage":true}}';
const ASKS_NOTHING = '{"model":"m","stream":true}';

async function pass(fixture: Fixture, chunks: readonly Buffer[], body: string): Promise<FakeClient> {
  next = { contentType: fixture.contentType, chunks };
  const { id } = fixture.protocol;
  const client = fakeClient();
  const query = fixture.path.endsWith('.sse') ? '?alt=sse' : '';
  await bench.relay(
    inboundOf(id, body, { stream: fixture.stream, query }),
    [fakeTarget('http://x', id)],
    client,
  );
  expect(client.heads).toBe(1);
  expect(client.ended).toBe(1);
  return client;
}

function isUsageFrame(frame: string): boolean {
  const data = /^data: ?(\{.*\})\s*$/m.exec(frame)?.[1];
  if (data === undefined) return false;
  try {
    const { choices, usage } = JSON.parse(data);
    return Array.isArray(choices) && choices.length === 0 && usage !== null && usage !== undefined;
  } catch {
    return false;
  }
}

/** A stream cut at its blank lines, or behind the elements of an array. */
function framesOf({ path, bytes }: Fixture): string[] {
  const text = bytes.toString('utf8');
  return path.endsWith('.sse') ? text.split(/(?<=\n\n|\r\n\r\n)/) : text.split(/(?<=\})(?=,\n\{|\n?\]\s*$)/);
}

/** What of a stream may reach the client: whole frames, up to an error that the wire tells; nothing that cannot be read. */
function passing(fixture: Fixture, frames: readonly string[]): string {
  const decoder = fixture.protocol.createDecoder();
  let passed = '';
  for (const frame of frames) {
    if (fixture.path.endsWith('.sse') && !/[\r\n]$/.test(frame)) break;
    const data = fixture.path.endsWith('.sse')
      ? decodeFrames(frame)
      : [{ data: frame.replace(/^[\s,[]+/, '').replace(/^\]\s*$/, '') }];
    const error = data.flatMap((one) => decoder.push(one)).find((event) => event.type === 'error');
    if (error?.error.code === 'upstream_malformed') break;
    passed += frame;
    if (error) break;
  }
  return passed;
}

function decodeFrames(text: string): Frame[] {
  const parser = createFrameParser();
  return [...parser.push(Buffer.from(text)), ...parser.end()];
}

/** The mark that some recordings lack, although their finish reason says that they are whole. */
const MARK = { 'openai-chat': 'data: [DONE]\n\n', 'anthropic-messages': 'event: message_stop\n' } as const;

/** What must reach the client: the bytes that came, and perhaps behind them an error frame or the missing mark. */
function expectSame(fixture: Fixture, bytes: Buffer, client: FakeClient): void {
  const answer = collect(decodeFixture(fixture));
  const text = client.text();
  const whole = !answer.truncated && answer.error === null;
  const mark = Object.entries(MARK).find(([id]) => id === fixture.protocol.id)?.[1];
  if (whole && fixture.stream && mark && !/\[DONE\]|message_stop/.test(bytes.toString())) {
    expect(text.startsWith(bytes.toString('utf8') + mark)).toBe(true);
  } else if (whole) {
    expect(text).toBe(bytes.toString('utf8'));
    expect(client.bytes().equals(bytes)).toBe(true);
    expect(client.status).toBe(200);
  } else if (fixture.stream && (answer.blocks.length > 0 || answer.finish !== null)) {
    expect(client.status).toBe(200);
    const passed = passing(fixture, framesOf({ ...fixture, bytes }));
    expect(text.slice(0, passed.length)).toBe(passed);
    const ours = text.slice(passed.length);
    const said = answer.error !== null && answer.error.code !== 'upstream_malformed';
    if (said) expect(ours).toBe('');
    else expect(ours).toContain('unorouter: the upstream');
  } else {
    // Nothing was committed: the error has its own shape, and not a byte of the stream is in it.
    expect(client.headers['content-type']).toBe('application/json');
    expect(client.status === 200 || (client.status ?? 0) >= 400).toBe(true);
    expect(JSON.parse(text).error).toBeDefined();
  }
}

describe('bytes on the same-protocol road', () => {
  it.each(FIXTURES.map((fixture) => ({ path: fixture.path, fixture })))(
    'are the same behind it as before it, in any chunks: $path',
    async ({ fixture }) => {
      expectSame(fixture, fixture.bytes, await pass(fixture, [fixture.bytes], ASKS_USAGE));
      await fc.assert(
        fc.asyncProperty(chunkings(fixture.bytes), async (chunks) => {
          expectSame(fixture, fixture.bytes, await pass(fixture, chunks, ASKS_USAGE));
        }),
        { numRuns: 4 },
      );
    },
  );

  it('lose the usage frame that only we asked for, and nothing else', async () => {
    const chats = FIXTURES.filter(({ protocol, stream }) => protocol.id === 'openai-chat' && stream);
    expect(
      chats.filter(({ bytes }) => bytes.toString().includes('"choices":[],"usage"')).length,
    ).toBeGreaterThan(1);
    for (const fixture of chats) {
      const frames = fixture.bytes.toString('utf8').split(/(?<=\n\n|\r\n\r\n)/);
      const kept = Buffer.from(frames.filter((frame) => !isUsageFrame(frame)).join(''));
      await fc.assert(
        fc.asyncProperty(chunkings(fixture.bytes), async (chunks) => {
          expectSame(fixture, kept, await pass(fixture, chunks, ASKS_NOTHING));
        }),
        { numRuns: 4 },
      );
    }
  });

  it('are counted: the record has the tokens of every stream, also of those whose usage frame was removed', async () => {
    for (const path of [
      'openai-chat/usage-last-chunk.sse',
      'anthropic-messages/usage-cache-1h.sse',
      'gemini/text-array.json-stream',
    ]) {
      const fixture = FIXTURES.find((one) => one.path === path);
      if (!fixture) throw new Error(path);
      await pass(fixture, [fixture.bytes], ASKS_NOTHING);
      expect(bench.heard.finished.at(-1)).toMatchObject({
        usage: collect(decodeFixture(fixture)).usage,
        usageSource: 'reported',
        outcome: 'ok',
      });
    }
  });

  it('are the same when the answer is far longer than what is looked at', async () => {
    const chunk = (text: string) => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
    const tail =
      'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":60000}}\n\ndata: [DONE]\n\n';
    const bytes = Buffer.from(chunk('潮🌊').repeat(30_000) + tail);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 16_381) }, (_, i) =>
      bytes.subarray(i * 16_381, (i + 1) * 16_381),
    );
    const fixture = FIXTURES.find(({ path }) => path === 'openai-chat/text.sse');
    if (!fixture) throw new Error('no fixture');
    const client = await pass(fixture, chunks, ASKS_USAGE);
    expect(client.bytes().equals(bytes)).toBe(true);
    expect(bench.heard.finished.at(-1)?.usage).toEqual({ input: 5, output: 60_000 });
  });
});
