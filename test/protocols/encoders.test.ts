import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Collected, collect, type PivotEvent } from '../../src/pivot/index.ts';
import type { EncodeContext, Protocol, ProtocolId } from '../../src/protocols/protocol.ts';
import { createFrameParser } from '../../src/sse.ts';
import { decodeChunks, decodeFixture, FIXTURES, type Fixture } from '../support/fixtures.ts';

const CONTEXT: EncodeContext = {
  model: 'asked/name',
  id: '01ABC',
  created: 1_760_000_000,
  includeUsage: true,
};

type Json = Record<string, unknown>;

function encode(protocol: Protocol, events: readonly PivotEvent[], context = CONTEXT): string {
  const encoder = protocol.createEncoder(context);
  return events.map((event) => encoder.push(event)).join('') + encoder.end();
}

function frames(text: string): { event?: string; data: string }[] {
  const parser = createFrameParser();
  return [...parser.push(Buffer.from(text)), ...parser.end()];
}

function jsonFrames(text: string): Json[] {
  return frames(text)
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => JSON.parse(data) as Json);
}

/** Answers that are whole: these the wire must be able to repeat. */
const WHOLE = FIXTURES.filter((fixture) => {
  const { truncated, error, finish } = collect(decodeFixture(fixture));
  return !truncated && error === null && finish !== null;
});

/** What is left of a reply that one wire can carry. Ids that a server left out are made up; server tools stay with the server. */
function comparable(answer: Collected, id: ProtocolId): Json {
  const blocks = answer.blocks.flatMap((block): Json[] => {
    if (block.type === 'tool-call')
      return block.kind === 'server'
        ? []
        : [{ ...block, id: block.id || expect.any(String), arguments: block.arguments || '{}' }];
    if (block.type === 'media') return id === 'gemini' ? [block] : [];
    // Chat has no place for what was thought behind a seal.
    if (id === 'openai-chat' && block.type === 'reasoning')
      return block.text === '' ? [] : [{ type: 'reasoning', text: block.text }];
    return [{ ...block }];
  });
  const { input = 0, cacheRead = 0, cacheWrite = 0, output = 0, reasoning = 0 } = answer.usage;
  return { blocks, finish: answer.finish, usage: { input, cacheRead, cacheWrite, output, reasoning } };
}

function expected({ protocol }: Fixture, events: readonly PivotEvent[]): Json {
  const { usage, ...rest } = comparable(collect(events), protocol.id) as Json & { usage: Json };
  // Responses and Gemini do not tell cache writes apart.
  const silent = protocol.id === 'openai-responses' || protocol.id === 'gemini' ? { cacheWrite: 0 } : {};
  return { ...rest, usage: { ...usage, ...silent } };
}

describe('an answer that is decoded and encoded again', () => {
  const cases = WHOLE.map((fixture) => ({ path: fixture.path, fixture }));

  it.each(cases)('is the same reply as a stream: $path', ({ fixture }) => {
    const { protocol } = fixture;
    const events = decodeFixture(fixture);
    const again = decodeChunks(protocol, [Buffer.from(encode(protocol, events))]);
    expect(comparable(collect(again), protocol.id)).toEqual(expected(fixture, events));
  });

  it.each(cases)('is the same reply as a whole: $path', ({ fixture }) => {
    const { protocol } = fixture;
    const events = decodeFixture(fixture);
    const body = JSON.parse(JSON.stringify(protocol.encodeBody(events, CONTEXT)));
    expect(comparable(collect(protocol.decodeBody(body)), protocol.id)).toEqual(expected(fixture, events));
  });

  it('keeps what only the same family understands: signatures and its own words for the end', () => {
    const of = (path: string): Fixture => {
      const fixture = FIXTURES.find((one) => one.path === path);
      if (!fixture) throw new Error(path);
      return fixture;
    };
    const body = (path: string): string => {
      const fixture = of(path);
      return JSON.stringify(fixture.protocol.encodeBody(decodeFixture(fixture), CONTEXT));
    };
    expect(body('anthropic-messages/thinking.sse')).toContain('"signature":"EqQBCkYI=="');
    expect(body('anthropic-messages/pause.json')).toContain('"stop_reason":"pause_turn"');
    expect(body('anthropic-messages/stop-sequence.json')).toContain('"stop_reason":"stop_sequence"');
    expect(body('anthropic-messages/usage-cache-1h.sse')).toContain('"ephemeral_1h_input_tokens":500');
    expect(body('openai-responses/reasoning-sealed.sse')).toContain('"encrypted_content":"gAAAA-only"');
    expect(body('gemini/recitation.json')).toContain('"finishReason":"RECITATION"');
  });
});

/** Any answer in order: the events that a decoder could have made. */
const answers: fc.Arbitrary<PivotEvent[]> = fc
  .record({
    blocks: fc.array(
      fc.oneof(
        fc.record({
          kind: fc.constantFrom('text' as const, 'reasoning' as const),
          texts: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
        }),
        fc.record({
          kind: fc.constant('tool' as const),
          id: fc.string(),
          args: fc.constantFrom('', '{}', '{"a":"é🌊"}', '{"b":[1,2]}'),
        }),
      ),
      { maxLength: 5 },
    ),
    input: fc.nat(5000),
    output: fc.nat(5000),
    finish: fc.constantFrom('stop' as const, 'length' as const, 'content-filter' as const),
  })
  .map(({ blocks, input, output, finish }) => [
    { type: 'start', id: 'x', model: 'm' },
    ...blocks.flatMap((b, block): PivotEvent[] =>
      b.kind === 'tool'
        ? [
            { type: 'tool-call-start', block, id: b.id, name: 'tool', kind: 'function' },
            ...(b.args === '' ? [] : [{ type: 'tool-call-delta' as const, block, text: b.args }]),
            { type: 'tool-call-end', block },
          ]
        : [
            { type: `${b.kind}-start`, block },
            ...b.texts.map((text) => ({ type: `${b.kind}-delta` as const, block, text })),
            { type: `${b.kind}-end`, block },
          ],
    ),
    { type: 'usage', usage: { input, output } },
    { type: 'finish', reason: blocks.some((b) => b.kind === 'tool') ? 'tool-calls' : finish, raw: null },
    { type: 'end' },
  ]);

function protocolNamed(id: ProtocolId): Protocol {
  const fixture = FIXTURES.find((one) => one.protocol.id === id);
  if (!fixture) throw new Error(id);
  return fixture.protocol;
}

function check(
  id: ProtocolId,
  property: (text: string, events: PivotEvent[]) => void,
  context = CONTEXT,
): void {
  fc.assert(
    fc.property(answers, (events) => {
      property(encode(protocolNamed(id), events, context), events);
    }),
    { numRuns: 60 },
  );
}

describe('an encoded Chat stream', () => {
  it('numbers tool calls, begins each with id, type and name, and gives a finish reason before [DONE]', () => {
    check('openai-chat', (text) => {
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
      const chunks = jsonFrames(text) as {
        choices: { delta: { tool_calls?: Json[] }; finish_reason: string | null }[];
        usage?: Json;
      }[];
      const begun = new Map<unknown, string>();
      for (const call of chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])) {
        expect(call.index).toBeTypeOf('number');
        const fn = call.function as { name?: string; arguments: string };
        if (!begun.has(call.index)) {
          expect(call.index).toBe(begun.size);
          expect(call.id).toMatch(/\S/);
          expect(call).toMatchObject({ type: 'function', function: { name: 'tool' } });
        }
        begun.set(call.index, (begun.get(call.index) ?? '') + fn.arguments);
      }
      for (const args of begun.values()) JSON.parse(args);
      expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason)).toHaveLength(1);
      expect(chunks.filter((chunk) => chunk.usage).map((chunk) => chunk.choices)).toEqual([[]]);
      expect(chunks.at(-1)?.usage).toBeDefined();
    });
  });

  it('has no usage frame when the client did not ask for one', () => {
    check('openai-chat', (text) => expect(text).not.toContain('"usage"'), {
      ...CONTEXT,
      includeUsage: false,
    });
  });
});

describe('an encoded Messages stream', () => {
  const TYPES = [
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ];

  it('has event lines of known types, full usage at the start, blocks one after another, and both ends', () => {
    check('anthropic-messages', (text) => {
      const all = frames(text);
      for (const { event, data } of all) {
        expect(TYPES).toContain(event);
        expect((JSON.parse(data) as Json).type).toBe(event);
      }
      expect(all.map(({ event }) => event).slice(-2)).toEqual(['message_delta', 'message_stop']);
      const [start] = jsonFrames(text) as { message: { usage: Json } }[];
      expect(start?.message.usage).toMatchObject({
        input_tokens: expect.any(Number),
        output_tokens: expect.any(Number),
      });
      const opened = jsonFrames(text).filter((one) => one.type === 'content_block_start') as {
        index: number;
        content_block: Json;
      }[];
      const closed = jsonFrames(text).filter((one) => one.type === 'content_block_stop');
      expect(opened.map((one) => one.index)).toEqual(opened.map((_, i) => i));
      expect(closed.map((one) => one.index)).toEqual(opened.map((_, i) => i));
      for (const { content_block: block } of opened)
        if (block.type === 'tool_use') expect(block.id).toMatch(/\S/);
    });
  });
});

describe('an encoded Responses stream', () => {
  it('counts its events, ends once with a filled response, and says each item as added, done and part of it', () => {
    check('openai-responses', (text) => {
      const all = jsonFrames(text) as {
        type: string;
        sequence_number: number;
        output_index?: number;
        item?: Json;
        response?: { id: string; output: Json[]; usage: Json };
      }[];
      expect(all.map((one) => one.sequence_number)).toEqual(all.map((_, i) => i));
      expect(frames(text).map(({ event }) => event)).toEqual(all.map((one) => one.type));
      expect(all[0]?.type).toBe('response.created');
      const terminal = all.filter((one) => /^response\.(completed|incomplete|failed)$/.test(one.type));
      expect(terminal).toEqual([all.at(-1)]);
      const last = terminal[0]?.response;
      expect(last?.id).toBe(all[0]?.response?.id);
      expect(last?.usage).toMatchObject({ input_tokens: expect.any(Number) });
      const done = all.filter((one) => one.type === 'response.output_item.done');
      expect(last?.output).toEqual(
        done.sort((a, b) => (a.output_index ?? 0) - (b.output_index ?? 0)).map((one) => one.item),
      );
      expect(all.filter((one) => one.type === 'response.output_item.added')).toHaveLength(done.length);
    });
  });

  it('lists only the items that were finished when it fails', () => {
    const protocol = protocolNamed('openai-responses');
    const text = encode(protocol, [
      { type: 'tool-call-start', block: 0, id: 'a', name: 'x', kind: 'function' },
      { type: 'tool-call-start', block: 1, id: 'b', name: 'y', kind: 'function' },
      { type: 'tool-call-end', block: 1 },
      { type: 'truncated' },
    ]);
    const last = jsonFrames(text).at(-1) as { type: string; response: { output: Json[] } };
    expect(last.type).toBe('response.failed');
    expect(last.response.output.map((item) => item.call_id)).toEqual(['b']);
  });
});

describe('an encoded Gemini stream', () => {
  it('has no comment lines and exactly one finish reason, at the end; as an array it is JSON', () => {
    check('gemini', (text) => {
      expect(text.split('\n').every((line) => line === '' || line.startsWith('data: '))).toBe(true);
      const finishes = (jsonFrames(text) as { candidates: { finishReason?: string }[] }[]).map(
        (one) => one.candidates[0]?.finishReason,
      );
      expect(finishes.filter(Boolean)).toHaveLength(1);
      expect(finishes.at(-1)).toMatch(/^[A-Z_]+$/);
    });
    check('gemini', (text) => expect(Array.isArray(JSON.parse(text))).toBe(true), {
      ...CONTEXT,
      array: true,
    });
  });
});

describe('a stream that breaks', () => {
  const END_MARKS = /\[DONE\]|message_stop|response\.completed|finishReason/;
  const error = { kind: 'overloaded' as const, status: 529, message: 'Overloaded', type: 'overloaded_error' };

  it.each(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const)(
    'says why and has no end marker: %s',
    (id) => {
      const protocol = protocolNamed(id);
      for (const last of [{ type: 'error', error } as const, { type: 'truncated' } as const]) {
        const text = encode(protocol, [
          { type: 'text-start', block: 0 },
          { type: 'text-delta', block: 0, text: 'The ' },
          last,
          { type: 'end' },
        ]);
        expect(text).not.toMatch(END_MARKS);
        const reread = collect(decodeChunks(protocol, [Buffer.from(text)]));
        expect(reread.error?.message).toContain(last.type === 'error' ? 'Overloaded' : 'broke off');
        expect(reread.error?.kind).toBe(last.type === 'error' ? 'overloaded' : 'network');
      }
      expect(protocol.encodeStreamError(error, { ...CONTEXT })).not.toMatch(END_MARKS);
    },
  );

  it('closes the array of a Gemini array stream', () => {
    const text = encode(
      protocolNamed('gemini'),
      [
        { type: 'text-start', block: 0 },
        { type: 'text-delta', block: 0, text: 'x' },
        { type: 'error', error },
      ],
      { ...CONTEXT, array: true },
    );
    expect(JSON.parse(text)).toHaveLength(2);
  });
});
