import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byCandidate, type Collected, collect, type PivotEvent } from '../src/pivot/index.ts';
import {
  type EncodeContext,
  type Protocol,
  type ProtocolId,
  protocolOf,
  withCandidates,
} from '../src/protocols/index.ts';
import { chunkings } from './support/chunks.ts';
import { decodeChunks, decodeFixture, FIXTURES, type Fixture } from './support/fixtures.ts';
import { lifecycleFault } from './support/lifecycle.ts';

/** Several answers to one request, side by side: on the two wires that have a place for them. */

const GOLDEN = fileURLToPath(new URL('./golden/candidates/', import.meta.url));
/** The only way to change what is expected. Read the difference before it is committed. */
const UPDATE = process.env.UNOROUTER_UPDATE_GOLDEN === '1';
const CONTEXT: EncodeContext = { model: 'asked', id: 'one', created: 1_790_000_000, includeUsage: true };
const WIRES: readonly ProtocolId[] = ['openai-chat', 'gemini'];

/** An answer of two candidates, whose protocol tells them apart. */
const several = (fixture: Fixture): Fixture => ({
  ...fixture,
  protocol: withCandidates(fixture.protocol, 2),
});
const ANSWERS = FIXTURES.filter(({ name }) => name === 'candidates-tools').map(several);
const STREAMS = ANSWERS.filter(({ stream }) => stream);

function streamed(events: readonly PivotEvent[], client: Protocol, context = CONTEXT): string {
  const encoder = client.createEncoder(context);
  return events.map((event) => encoder.push(event)).join('') + encoder.end();
}

/** What each candidate says. */
const whole = (events: readonly PivotEvent[]): Collected[] =>
  byCandidate(events).map(([, own]) => collect(own));
/** The same, without what one wire says more than another. */
const gist = (events: readonly PivotEvent[]): unknown[] =>
  whole(events).map(({ blocks, finish }) => ({
    finish,
    blocks: blocks.map((block) =>
      block.type === 'tool-call' ? [block.type, block.name, block.arguments] : block,
    ),
  }));

const LAST: ReadonlySet<string> = new Set(['end', 'truncated']);

/** What is wrong with a list of several candidates: one end in all, and blocks of each that start and end once. */
function fault(events: readonly PivotEvent[]): string | null {
  const ends = events.filter(({ type }) => LAST.has(type));
  const last = events.at(-1);
  if (ends.length !== 1 || last !== ends[0] || last === undefined) return `${ends.length} ends`;
  const faults = byCandidate(events).map(([candidate, own]) =>
    lifecycleFault(candidate === 0 ? own : [...own, last]),
  );
  return faults.find((one) => one !== null) ?? null;
}

describe('an answer of two candidates, as a client of the other wire reads it', () => {
  const files = STREAMS.flatMap((fixture) => {
    const client = WIRES.find((id) => id !== fixture.protocol.id) ?? 'gemini';
    const write = (form: string): string =>
      form === 'sse'
        ? streamed(decodeFixture(fixture), protocolOf(client))
        : `${JSON.stringify(protocolOf(client).encodeBody(decodeFixture(fixture), CONTEXT), null, 2)}\n`;
    return ['sse', 'json'].map((form) => ({
      file: `${fixture.protocol.id}.${client}.${form}`,
      written: () => write(form),
    }));
  });

  it.each(files)('$file', ({ file, written }) => {
    const text = written();
    if (UPDATE) {
      mkdirSync(GOLDEN, { recursive: true });
      writeFileSync(GOLDEN + file, text);
    }
    if (!existsSync(GOLDEN + file))
      throw new Error(`no golden file: UNOROUTER_UPDATE_GOLDEN=1 writes ${file}`);
    expect(text).toBe(readFileSync(GOLDEN + file, 'utf8'));
  });

  it('is there for both wires, and no file is left over', () => {
    expect(readdirSync(GOLDEN).sort()).toEqual(files.map(({ file }) => file).sort());
    expect(files).toHaveLength(4);
  });
});

describe.each(STREAMS.map((fixture) => ({ wire: fixture.protocol.id, fixture })))(
  'two candidates on $wire',
  ({ fixture }) => {
    const { protocol, bytes } = fixture;
    const events = decodeFixture(fixture);
    const other = WIRES.find((id) => id !== protocol.id) ?? 'gemini';

    it('are told apart, with one end and one word on usage', () => {
      expect(fault(events)).toBeNull();
      expect(byCandidate(events).map(([candidate]) => candidate)).toEqual([0, 1]);
      const [first, second] = whole(events);
      expect(first).toMatchObject({ finish: 'length', usage: { input: 30, output: 23, reasoning: 5 } });
      expect(first?.blocks).toMatchObject([
        { type: 'reasoning', text: 'The moon pulls.' },
        { type: 'text', text: 'High water.' },
      ]);
      expect(second).toMatchObject({ finish: 'tool-calls', usage: {} });
      expect(second?.blocks.find(({ type }) => type === 'tool-call')).toMatchObject({
        name: 'height',
        arguments: '{"port":"Dover"}',
      });
    });

    it('say the same whole', () => {
      const body = ANSWERS.find((one) => !one.stream && one.protocol.id === protocol.id);
      expect(body).toBeDefined();
      const said = body ? decodeFixture(body) : [];
      expect(fault(said)).toBeNull();
      expect(whole(said)).toEqual(whole(events));
    });

    it('do not depend on the chunks in which they come', () => {
      fc.assert(
        fc.property(chunkings(bytes), (chunks) => {
          expect(decodeChunks(protocol, chunks)).toEqual(events);
        }),
        { numRuns: 60 },
      );
    });

    it('are whole only when both are: cut anywhere, they end once, and cleanly only behind both finish reasons', () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: bytes.length }), (end) => {
          const cut = decodeChunks(protocol, [bytes.subarray(0, end)]);
          expect(fault(cut)).toBeNull();
          const finished = whole(cut).filter(({ finish }) => finish !== null).length;
          expect(finished).toBe(cut.at(-1)?.type === 'end' ? 2 : 0);
        }),
        { numRuns: 300 },
      );
    });

    it('come back from both wires as they were, streamed, as an array and whole', () => {
      for (const id of [protocol.id, other]) {
        const client = withCandidates(protocolOf(id), 2);
        const context = { ...CONTEXT, array: id === 'gemini' };
        const said = [
          decodeChunks(client, [Buffer.from(streamed(events, client))]),
          decodeChunks(client, [Buffer.from(streamed(events, client, context))]),
          client.decodeBody(JSON.parse(JSON.stringify(client.encodeBody(events, CONTEXT)))),
        ];
        for (const again of said) {
          expect(fault(again)).toBeNull();
          expect(gist(again)).toEqual(gist(events));
          expect(collect(again).usage).toMatchObject({ input: 30, output: 23 });
        }
      }
    });

    it('are one answer for who asked for one', () => {
      const single = decodeFixture({ ...fixture, protocol: protocolOf(protocol.id) });
      expect(byCandidate(single).map(([candidate]) => candidate)).toEqual([0]);
      const asked = decodeFixture({ ...fixture, protocol: withCandidates(protocolOf(protocol.id), 1) });
      expect(asked).toEqual(single);
      expect(whole(single)[0]).toEqual(whole(events)[0]);
    });
  },
);

describe('candidates', () => {
  const chat = withCandidates(protocolOf('openai-chat'), 2);
  const gemini = withCandidates(protocolOf('gemini'), 2);
  const frame = (value: unknown) => ({ data: JSON.stringify(value) });

  it('that nobody asked for are left out, whatever number they have', () => {
    const choices = [0, 1, 2, 1e9, -1].map((index) => ({
      index,
      message: { role: 'assistant', content: `no. ${index}` },
      finish_reason: 'stop',
    }));
    const told = whole(chat.decodeBody({ choices }));
    expect(told.map(({ blocks }) => blocks)).toMatchObject([[{ text: 'no. 0' }], [{ text: 'no. 1' }]]);
  });

  it('without numbers have those of their places', () => {
    const parts = (text: string) => ({ content: { parts: [{ text }] }, finishReason: 'STOP' });
    const told = whole(gemini.decodeBody({ candidates: [parts('a'), parts('b')] }));
    expect(told.map(({ blocks }) => blocks)).toMatchObject([[{ text: 'a' }], [{ text: 'b' }]]);
  });

  it('may come as an array of chunks', () => {
    const chunk = (index: number, text: string, finishReason?: string) => ({
      candidates: [{ index, content: { parts: [{ text }] }, ...(finishReason ? { finishReason } : {}) }],
    });
    const chunks = [chunk(1, 'Low '), chunk(0, 'High.', 'STOP'), chunk(1, 'water.', 'STOP')];
    const told = [
      gemini.decodeBody(chunks),
      decodeChunks(gemini, [Buffer.from(`data: ${JSON.stringify(chunks)}\n\n`)]),
    ];
    for (const events of told) {
      expect(fault(events)).toBeNull();
      expect(whole(events).map(({ blocks }) => blocks)).toMatchObject([
        [{ text: 'High.' }],
        [{ text: 'Low water.' }],
      ]);
    }
  });

  it('that fail fail the answer', () => {
    const decoder = chat.createDecoder();
    const events = decoder.push(frame({ choices: [{ index: 1, delta: {}, finish_reason: 'error' }] }));
    expect(events).toMatchObject([{ type: 'error' }]);
    expect(events[0]?.candidate).toBeUndefined();
  });

  it('give calls without ids ids of their own', () => {
    const call = (candidate: number): PivotEvent[] => [
      { type: 'tool-call-start', block: 0, id: '', name: 'height', kind: 'function', candidate },
      { type: 'tool-call-end', block: 0, candidate },
    ];
    const ids = (text: string): string[] =>
      [...text.matchAll(/"id":"(call_[^"]*)"/g)].map(([, id]) => id ?? '');
    const events: PivotEvent[] = [...call(0), ...call(1), { type: 'end' }];
    const client = protocolOf('openai-chat');
    for (const text of [streamed(events, client), JSON.stringify(client.encodeBody(events, CONTEXT))]) {
      expect(ids(text)).toHaveLength(2);
      expect(new Set(ids(text)).size).toBe(2);
    }
  });

  it('are not known to wires that give one answer', () => {
    for (const id of ['openai-responses', 'anthropic-messages'] as const)
      expect(withCandidates(protocolOf(id), 2)).toBe(protocolOf(id));
  });
});
