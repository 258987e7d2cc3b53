import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProtocolId } from '../../src/protocols/protocol.ts';
import { chunkings } from '../support/chunks.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { jsonMember, jsonObject, spaces } from '../support/scripted/json-text.ts';
import { answersOf, plainStream } from '../support/scripted/odd-streams.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PROTOCOLS: ProtocolId[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];
const RUNS = { numRuns: 40 };

let upstream: FakeUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const rows = PROTOCOLS.map((protocol) => {
    const url = `${upstream.url}/${protocol === 'gemini' ? 'v1beta' : 'v1'}`;
    return `  fake-${protocol}: { url: "${url}", protocol: ${protocol}, auth: none }\n`;
  });
  server = await startTestServer({ config: `providers:\n${rows.join('')}retry: { attempts: 1 }\n` });
});
afterAll(async () => {
  await server.close();
  await upstream.close();
});

const PATHS: Record<Exclude<ProtocolId, 'gemini'>, string> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
};

/** Where a request of a protocol goes, in which the model may be in the path. */
function pathFor(protocol: ProtocolId, stream: boolean, query = '?alt=sse'): string {
  if (protocol !== 'gemini') return PATHS[protocol];
  return `/v1beta/models/fake-gemini/m:${stream ? `streamGenerateContent${query}` : 'generateContent'}`;
}

async function bytesOf(response: Response): Promise<string> {
  // Latin-1 keeps every byte as one character: a difference is shown where it is.
  return Buffer.from(await response.arrayBuffer()).toString('latin1');
}

describe('answers', () => {
  for (const answer of PROTOCOLS.flatMap(answersOf)) {
    test(`${answer.name} reaches the client byte for byte, however it is cut`, async () => {
      const before = (await server.rows()).length;
      const cases = answer.bytes.chain((frames) => {
        const all = Buffer.concat(frames.map((frame) => frame.bytes));
        return chunkings(all).map((pieces) => ({ frames, pieces }));
      });
      await fc.assert(
        fc.asyncProperty(cases, async ({ frames, pieces }) => {
          upstream.answer({ headers: { 'content-type': answer.contentType }, pieces });
          const { protocol } = answer;
          const body = { model: `fake-${protocol}/m`, stream: true, ...answer.request };
          const response = await server.post(pathFor(protocol, true, answer.query), body);
          const kept = frames.filter((frame) => !(answer.dropsUsage && frame.usageOnly));
          expect(response.status).toBe(200);
          expect(response.headers.get('content-type')).toBe(answer.contentType);
          expect(await bytesOf(response)).toBe(
            Buffer.concat(kept.map((frame) => frame.bytes)).toString('latin1'),
          );
        }),
        RUNS,
      );
      const rows = await server.rows();
      for (const row of rows.slice(0, rows.length - before)) {
        expect(row).toMatchObject({ outcome: 'ok', usageSource: 'reported' });
        expect(row.usage).toMatchObject({ input: 11, output: 7 });
      }
    });
  }

  const STREAM = { headers: { 'content-type': 'text/event-stream' } };
  const ask = (protocol: ProtocolId, text: string): Promise<Response> =>
    server.post(pathFor(protocol, true), {
      model: `fake-${protocol}/m`,
      stream: true,
      user: text,
      stream_options: { include_usage: true },
    });

  test.each(PROTOCOLS)(
    'a long stream of %s passes whole, and its usage is found at its end',
    async (protocol) => {
      const parts = Array.from({ length: 4000 }, (_, n) => `wört ${n} ${'x'.repeat(n % 90)}`);
      const all = Buffer.concat(plainStream(protocol, parts));
      expect(all.length).toBeGreaterThan(400_000);
      const pieces = Array.from({ length: Math.ceil(all.length / 7919) }, (_, n) =>
        all.subarray(n * 7919, (n + 1) * 7919),
      );
      upstream.answer({ ...STREAM, pieces });
      const got = Buffer.from(await (await ask(protocol, '')).arrayBuffer());
      expect(got.equals(all)).toBe(true);
      const [row] = await server.rows();
      expect(row).toMatchObject({ outcome: 'ok', usageSource: 'reported' });
      expect(row?.usage).toMatchObject({ input: 11, output: 7 });
    },
  );

  test('streams side by side do not mix', async () => {
    const stream = (protocol: ProtocolId, text: string): Buffer[] =>
      plainStream(
        protocol,
        Array.from({ length: 30 }, () => text),
      );
    upstream.answer(({ url, body }) => {
      const last = (path: string): string | undefined => path.split('/').at(-1);
      const protocol = PROTOCOLS.find((one) => last(pathFor(one, true)) === last(url)) ?? 'gemini';
      return { ...STREAM, pieces: stream(protocol, JSON.parse(body.toString()).user) };
    });
    const calls = Array.from({ length: 32 }, (_, n) => ({
      protocol: PROTOCOLS[n % PROTOCOLS.length] ?? 'gemini',
      text: `stream-${n}-ü`,
    }));
    const answers = await Promise.all(
      calls.map(async ({ protocol, text }) => bytesOf(await ask(protocol, text))),
    );
    for (const [n, { protocol, text }] of calls.entries())
      expect(answers[n]).toBe(Buffer.concat(stream(protocol, text)).toString('latin1'));
  });

  test.each(PROTOCOLS)(
    'a whole answer of %s keeps its spacing, escapes and order of members',
    async (protocol) => {
      await fc.assert(
        fc.asyncProperty(WHOLE[protocol], async (text) => {
          upstream.answer({ pieces: [text] });
          const response = await server.post(pathFor(protocol, false), { model: `fake-${protocol}/m` });
          expect(response.status).toBe(200);
          expect(await bytesOf(response)).toBe(Buffer.from(text).toString('latin1'));
        }),
        RUNS,
      );
    },
  );
});

/** Whole answers: what makes them one, among unknown members. */
const WHOLE: Record<ProtocolId, fc.Arbitrary<string>> = {
  'openai-chat': jsonObject(['"choices":[{"message":{"content":"h\\u00fc"},"finish_reason":"stop"}]']),
  'openai-responses': jsonObject(['"status" : "completed"', '"output":[ ]']),
  'anthropic-messages': jsonObject([
    '"type":"message"',
    '"stop_reason": "end_turn"',
    '"content":[{"type":"text","text":"h\\u00fc"}]',
  ]),
  gemini: jsonObject(['"candidates":[{"content":{"parts":[{"text":"h\\u00fc"}]},"finishReason":"STOP"}]']),
};

/** A member as the client sends it and as the provider must get it. */
interface Pair {
  sent: string;
  got: string;
}

const same = (text: string): Pair => ({ sent: text, got: text });

/** `"model"`, spelled in any way that JSON allows. */
const modelMember = (name: string): fc.Arbitrary<Pair> =>
  fc
    .record({
      key: fc.constantFrom('"model"', '"mod\\u0065l"'),
      before: spaces,
      after: spaces,
      value: fc.constantFrom(JSON.stringify(name), JSON.stringify(name).replace('/', '\\/')),
    })
    .map(({ key, before, after, value }) => ({
      sent: `${key}${before}:${after}${value}`,
      got: `${key}${before}:${after}"m"`,
    }));

/** `stream` and, for Chat, what becomes of `stream_options`; `front` is put before the first member. */
const STREAM_MEMBERS: fc.Arbitrary<{ members: Pair[]; front: string; stream: boolean }> = fc.constantFrom(
  { members: [], front: '', stream: false },
  { members: [same('"stream": false')], front: '', stream: false },
  { members: [same('"stream":null'), same('"stream_options":null')], front: '', stream: false },
  { members: [same('"stream" :true')], front: '"stream_options":{"include_usage":true},', stream: true },
  {
    members: [
      same('"stream":true'),
      { sent: '"stream_options": { }', got: '"stream_options": {"include_usage":true }' },
    ],
    front: '',
    stream: true,
  },
  {
    members: [
      { sent: '"stream_options":{ "x": 1e2 }', got: '"stream_options":{"include_usage":true, "x": 1e2 }' },
      same('"stream":\ttrue'),
    ],
    front: '',
    stream: true,
  },
  {
    members: [
      same('"stream":true'),
      { sent: '"stream_options" : null', got: '"stream_options" : {"include_usage":true}' },
    ],
    front: '',
    stream: true,
  },
  {
    members: [same('"stream":true'), same('"stream_options":{"x":[1, 2],"include_usage" : true}')],
    front: '',
    stream: true,
  },
);

/** A body with the given members anywhere among unknown ones (which may repeat). */
function bodyWith(members: Pair[], front: string): fc.Arbitrary<Pair> {
  const others = fc.array(jsonMember, { maxLength: 6 }).map((texts) => texts.map(same));
  const shuffled = others.chain((more) =>
    fc.shuffledSubarray([...members, ...more], {
      minLength: members.length + more.length,
      maxLength: members.length + more.length,
    }),
  );
  return fc
    .record({ list: shuffled, space: spaces, lead: spaces, trail: spaces })
    .map(({ list, space, lead, trail }) => {
      const glue = `${space},${space}`;
      const text = (side: keyof Pair): string => list.map((pair) => pair[side]).join(glue);
      return {
        sent: `${lead}{${space}${text('sent')}${space}}${trail}`,
        got: `${lead}{${front}${space}${text('got')}${space}}${trail}`,
      };
    });
}

const ANY_ANSWER = { pieces: ['data: [DONE]\n\n'], headers: { 'content-type': 'text/event-stream' } };

/** What the provider got of the last call. */
function received(): { url: string; body: string } {
  const last = upstream.seen.filter((request) => request.method === 'POST').at(-1);
  return { url: last?.url ?? '', body: last?.body.toString('latin1') ?? '' };
}

describe('requests', () => {
  beforeAll(() => upstream.answer(ANY_ANSWER));

  test('a Chat body reaches the provider byte for byte but for the model id and stream_options', async () => {
    const bodies = STREAM_MEMBERS.chain(({ members, front }) =>
      modelMember('fake-openai-chat/m').chain((model) => bodyWith([model, ...members], front)),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async ({ sent, got }) => {
        await (await server.post(PATHS['openai-chat'], sent)).arrayBuffer();
        expect(received()).toEqual({
          url: '/v1/chat/completions',
          body: Buffer.from(got).toString('latin1'),
        });
      }),
      { numRuns: 60 },
    );
  });

  test.each(['openai-responses', 'anthropic-messages'] as const)(
    'a body of %s reaches the provider byte for byte but for the model id',
    async (protocol) => {
      const bodies = fc
        .constantFrom('"stream":true', '"stream" : false')
        .chain((stream) =>
          modelMember(`fake-${protocol}/m`).chain((model) => bodyWith([model, same(stream)], '')),
        );
      await fc.assert(
        fc.asyncProperty(bodies, async ({ sent, got }) => {
          await (await server.post(PATHS[protocol], sent)).arrayBuffer();
          expect(received()).toEqual({ url: PATHS[protocol], body: Buffer.from(got).toString('latin1') });
        }),
        RUNS,
      );
    },
  );

  test('a Gemini body reaches the provider byte for byte, the model id changes in the path', async () => {
    const bodies = bodyWith([same('"model":"fake-gemini/m"')], '');
    await fc.assert(
      fc.asyncProperty(bodies, fc.boolean(), async ({ sent }, stream) => {
        await (await server.post(pathFor('gemini', stream), sent)).arrayBuffer();
        expect(received()).toEqual({
          url: `/v1beta/models/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
          body: Buffer.from(sent).toString('latin1'),
        });
      }),
      RUNS,
    );
  });

  test('a byte order mark and odd characters pass', async () => {
    const around = (model: string): Buffer =>
      Buffer.concat([
        Buffer.from(`\ufeff{"user":"`),
        Buffer.from('\u0000x\u2028\uffff'.slice(1)),
        Buffer.from(`","model":"${model}"}`),
      ]);
    const response = await server.fetch(PATHS['anthropic-messages'], {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: around('fake-anthropic-messages/m'),
    });
    await response.arrayBuffer();
    expect(received().body).toBe(around('m').toString('latin1'));
  });

  test('a compressed body reaches the provider inflated', async () => {
    const body = (model: string): string => `{ "model" : "${model}", "messages":[] }`;
    const response = await server.fetch(PATHS['anthropic-messages'], {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(body('fake-anthropic-messages/m')),
    });
    await response.arrayBuffer();
    expect(received().body).toBe(body('m'));
    expect(upstream.seen.at(-1)?.headers['content-encoding']).toBeUndefined();
  });
});
