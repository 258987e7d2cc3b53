import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { protocolOf } from '../../src/protocols/index.ts';
import { createFrameReader } from '../../src/relay/frame-reader.ts';
import { emptyReading, note, type Reading } from '../../src/relay/reading.ts';
import { createFrameParser } from '../../src/sse.ts';
import { PROTOCOL_IDS, STREAMS } from '../support/fixtures.ts';
import { plainStream } from '../support/scripted/odd-streams.ts';

/** What every single frame says, each of them parsed. */
function readSlowly(protocol: ReturnType<typeof protocolOf>, bytes: Buffer): Reading {
  const decoder = protocol.createDecoder();
  const reading = emptyReading();
  const parser = createFrameParser();
  for (const frame of [...parser.push(bytes), ...parser.end()])
    for (const event of decoder.push(frame)) note(reading, event);
  for (const event of decoder.end()) note(reading, event);
  return reading;
}

function readBy(protocol: ReturnType<typeof protocolOf>, bytes: Buffer): Reading {
  const reader = createFrameReader(protocol);
  const parser = createFrameParser();
  for (const frame of [...parser.push(bytes), ...parser.end()]) reader.read(frame);
  reader.end();
  return reader.reading;
}

describe('reading frames without parsing those that are like the one before', () => {
  it.each(STREAMS.map((fixture) => ({ path: fixture.path, fixture })))(
    'learns the same: $path',
    ({ fixture }) => {
      expect(readBy(fixture.protocol, fixture.bytes)).toEqual(readSlowly(fixture.protocol, fixture.bytes));
    },
  );

  it('learns the same from any text, also from one that looks like JSON or like a part of its frame', () => {
    const odd = fc.constantFrom(
      'id',
      'text',
      '"',
      '\\',
      '\\"',
      '\t',
      '","usage":{"x":1},"y":"',
      'content',
      '{}',
      'ü🌊',
      ' ',
    );
    const texts = fc.array(fc.oneof(odd, fc.string({ minLength: 1, maxLength: 12 })), { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...PROTOCOL_IDS), texts, (id, parts) => {
        const bytes = Buffer.concat(plainStream(id, parts));
        expect(readBy(protocolOf(id), bytes)).toEqual(readSlowly(protocolOf(id), bytes));
      }),
      { numRuns: 200 },
    );
  });

  it('finds what is no JSON behind frames that are', () => {
    const frame = (content: string): string => `data: {"choices":[{"delta":{"content":"${content}"}}]}\n\n`;
    for (const broken of ['a\u0001b', 'a"b', 'a\\xb', 'a\\'])
      expect(
        readBy(protocolOf('openai-chat'), Buffer.from(frame('one') + frame('two') + frame(broken))).error,
        broken,
      ).not.toBeNull();
    expect(readBy(protocolOf('openai-chat'), Buffer.from(frame('one') + frame('two'))).error).toBeNull();
  });
});
