import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { protocolOf } from '../../src/protocols/index.ts';
import type { EncodeContext, Protocol, ProtocolId } from '../../src/protocols/protocol.ts';
import type { Road } from '../../src/relay/road.ts';
import { createTranslateRoad } from '../../src/relay/translate/road.ts';
import { chunkings } from '../support/chunks.ts';
import { PROTOCOL_IDS, STREAMS } from '../support/fixtures.ts';

const context: EncodeContext = { model: 'asked', id: '1', created: 1, includeUsage: true };

/** The same wire without its short ways. */
function slowly(protocol: Protocol): Protocol {
  return {
    ...protocol,
    createDecoder() {
      const decoder = protocol.createDecoder();
      return { push: (frame) => decoder.push(frame), end: () => decoder.end() };
    },
    createEncoder(given) {
      const { push, end } = protocol.createEncoder(given);
      return { push, end };
    },
  };
}

/** The same wire; counts what is parsed and what is written. */
function counted(protocol: Protocol, count: { parsed: number; written: number }): Protocol {
  return {
    ...protocol,
    createDecoder() {
      const decoder = protocol.createDecoder();
      return {
        push(frame) {
          count.parsed++;
          return decoder.push(frame);
        },
        ...(decoder.more ? { more: (text) => decoder.more?.(text) } : {}),
        end: () => decoder.end(),
      };
    },
    createEncoder(given) {
      const encoder = protocol.createEncoder(given);
      return {
        ...encoder,
        push(event) {
          count.written++;
          return encoder.push(event);
        },
      };
    },
  };
}

function roadOf(upstream: Protocol, client: Protocol): Road {
  return createTranslateRoad({ upstream, client, context, tell: (event) => event });
}

/** What reaches the client, and what was learnt. */
function carried(road: Road, chunks: readonly Buffer[]): unknown {
  const pieces = [...chunks.flatMap((chunk) => road.push(chunk)), ...road.finish()];
  return { text: Buffer.concat(pieces).toString('utf8'), reading: road.reading };
}

type Frames = (text: string, beside: string) => string;

/** A frame of text on each wire; `text` as it stands between its quotes. */
const FRAMES: Readonly<Record<ProtocolId, Frames>> = {
  'openai-chat': (text, beside) =>
    `data: {"id":"c","choices":[{"index":0,"delta":{${beside}"content":"${text}"}}]}\n\n`,
  'openai-responses': (text, beside) =>
    `event: response.output_text.delta\ndata: {"type":"response.output_text.delta",${beside}"output_index":0,"content_index":0,"delta":"${text}"}\n\n`,
  'anthropic-messages': (text, beside) =>
    `event: content_block_delta\ndata: {"type":"content_block_delta",${beside}"index":0,"delta":{"type":"text_delta","text":"${text}"}}\n\n`,
  gemini: (text, beside) =>
    `data: {${beside}"candidates":[{"content":{"parts":[{"text":"${text}"}]},"index":0}]}\r\n\r\n`,
};

const STARTS: Readonly<Partial<Record<ProtocolId, string>>> = {
  'anthropic-messages':
    'data: {"type":"message_start","message":{"id":"m","content":[]}}\n\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
};

describe('translating frames without parsing those that only go on with a text', () => {
  const pairs = PROTOCOL_IDS.flatMap((from) =>
    PROTOCOL_IDS.filter((to) => to !== from).map((to) => ({ from, to })),
  );

  it.each(STREAMS.map((fixture) => ({ path: fixture.path, fixture })))(
    'says the same: $path',
    ({ fixture }) => {
      for (const to of PROTOCOL_IDS.filter((id) => id !== fixture.protocol.id)) {
        const client = protocolOf(to);
        const slow = roadOf(slowly(fixture.protocol), slowly(client));
        expect(carried(roadOf(fixture.protocol, client), [fixture.bytes])).toEqual(
          carried(slow, [fixture.bytes]),
        );
      }
    },
  );

  it.each(pairs)(
    'says the same whatever the texts are, and whatever stands beside: $from to $to',
    ({ from, to }) => {
      const text = fc.oneof(
        fc.constantFrom(
          '',
          'a',
          'text',
          'delta',
          'index',
          '\\n',
          '\\"',
          '\\u00e4\\/',
          'ü🌊',
          '\\ud83d',
          '\\ud83d\\ude00',
          '\u2028',
          '\\x',
          '"',
        ),
        fc.string({ unit: 'grapheme', maxLength: 20 }).map((said) => JSON.stringify(said).slice(1, -1)),
      );
      const beside = fc.oneof(
        { weight: 9, arbitrary: fc.constant('') },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            '"reasoning_content":"so",',
            '"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":"{}"}}],',
            '"annotations":[{"type":"url_citation","url":"http://a","start_index":0,"end_index":1}],',
            '"usage":{"output_tokens":3},',
            '"error":{"message":"no"},',
            '"sequence_number":1,',
            '"x":"',
          ),
        },
      );
      const bytes = fc
        .array(fc.tuple(text, beside), { maxLength: 20 })
        .map((parts) =>
          Buffer.from((STARTS[from] ?? '') + parts.map(([said, more]) => FRAMES[from](said, more)).join('')),
        );
      const chunked = bytes.chain((all) => fc.tuple(fc.constant(all), chunkings(all)));
      const [upstream, client] = [protocolOf(from), protocolOf(to)];
      fc.assert(
        fc.property(chunked, ([all, chunks]) => {
          const slow = roadOf(slowly(upstream), slowly(client));
          expect(carried(roadOf(upstream, client), chunks)).toEqual(carried(slow, [all]));
        }),
        { numRuns: 150 },
      );
    },
  );

  it('parses few frames, and writes few of them anew where wires allow it', () => {
    const texts = Array.from({ length: 100 }, (_, n) => (n < 3 ? 'Ok' : `ü${n}\\n`));
    for (const { from, to } of pairs.filter((pair) => pair.from !== 'gemini')) {
      const count = { parsed: 0, written: 0 };
      const road = roadOf(counted(protocolOf(from), count), counted(protocolOf(to), count));
      const frames = texts.map((text) => FRAMES[from](text, '')).join('');
      const [piece] = road.push(Buffer.from((STARTS[from] ?? '') + frames));
      expect(piece?.toString().match(/ü99/g), `${from} to ${to}`).toHaveLength(1);
      expect(count.parsed, `${from} to ${to}`).toBeLessThan(10);
      if (to === 'openai-chat' || to === 'anthropic-messages')
        expect(count.written, `${from} to ${to}`).toBeLessThan(10);
    }
  });
});
