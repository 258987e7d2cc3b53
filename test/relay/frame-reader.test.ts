import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { protocolOf } from '../../src/protocols/index.ts';
import type { Frame } from '../../src/protocols/protocol.ts';
import { createFrameReader, type FrameReader } from '../../src/relay/frame-reader.ts';
import { emptyReading, note, type Reading } from '../../src/relay/reading.ts';
import { createCutter, createFrameParser, type Run } from '../../src/sse.ts';
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

function readRuns(reader: FrameReader, runs: readonly Run[]): void {
  for (const run of runs) {
    let from = 0;
    for (const end of run.ends) {
      reader.read(run, from, end);
      from = end;
    }
  }
}

function readBy(protocol: ReturnType<typeof protocolOf>, ...chunks: Buffer[]): Reading {
  const reader = createFrameReader(protocol);
  const cutter = createCutter();
  for (const chunk of chunks) readRuns(reader, cutter.push(chunk));
  readRuns(reader, cutter.end());
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
      '\u0085\u2028',
      '\n\r\u0001',
      '\ud83d',
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

  it('learns the same where frames have padding and numbers, and strange members beside the text', () => {
    const string = fc.oneof(
      fc.constantFrom(
        '',
        '"',
        '\\n',
        '\\u00e4',
        '\\ud83d\\ude00',
        '\\x',
        '\\',
        'ä',
        '🌊',
        '\u0001',
        '\x7f',
        '"}',
      ),
      fc.string({ maxLength: 8 }),
    );
    const count = fc.constantFrom('0', '1', '12', '345', '01', '-1', '1.5', '1e3', '', 'null', '"7"');
    const beside = fc.oneof(
      { weight: 6, arbitrary: fc.constant('') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('"finish_reason":"stop",', '"usage":{"prompt_tokens":1},', '"error":{},'),
      },
    );
    const frames = fc.array(fc.tuple(string, string, count, beside), { maxLength: 12 });
    const chat = ([text, padding, n, more]: [string, string, string, string]): string =>
      `data: {${more}"sequence_number":${n},"choices":[{"delta":{"content":"${text}"}}],"obfuscation":"${padding}"}\n\n`;
    const responses = ([text, padding, n, more]: [string, string, string, string]): string =>
      `event: response.output_text.delta\r\ndata: {"type":"response.output_text.delta",${more}"sequence_number":${n},"delta":"${text}","p":"${padding}"}\r\n\r\n`;
    fc.assert(
      fc.property(frames, fc.boolean(), fc.nat(), (parts, isChat, cut) => {
        const bytes = Buffer.from(parts.map(isChat ? chat : responses).join(''));
        const protocol = protocolOf(isChat ? 'openai-chat' : 'openai-responses');
        const at = bytes.length === 0 ? 0 : cut % bytes.length;
        const read = readBy(protocol, bytes.subarray(0, at), bytes.subarray(at));
        expect(read).toEqual(readSlowly(protocol, bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it('parses few frames, also where texts have escapes and frames have padding', () => {
    const protocol = protocolOf('openai-chat');
    let parsed = 0;
    const counting = {
      ...protocol,
      createDecoder() {
        const decoder = protocol.createDecoder();
        return {
          end: () => decoder.end(),
          push(frame: Frame) {
            parsed++;
            return decoder.push(frame);
          },
        };
      },
    };
    const texts = Array.from({ length: 100 }, (_, n) => (n < 3 ? 'Ok' : `ü${n}\\n`));
    const frames = texts.map(
      (text, n) =>
        `data: {"choices":[{"delta":{"content":"${text}"}}],"obfuscation":"${'x'.repeat(n % 7)}"}\n\n`,
    );
    const { characters } = readBy(counting, Buffer.from(frames.join('')));
    expect(parsed).toBe(2);
    expect(characters).toBe(texts.map((text) => JSON.parse(`"${text}"`)).join('').length);
  });

  it('learns the same from texts that are no UTF-8', () => {
    const frame = (content: Buffer): Buffer =>
      Buffer.concat([
        Buffer.from('data: {"choices":[{"delta":{"content":"'),
        content,
        Buffer.from('"}}]}\n\n'),
      ]);
    const text = fc.oneof(
      fc.constantFrom(...['a', 'bc', 'ä🌊'].map((said) => Buffer.from(said))),
      fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 10 }), (texts) => {
        const bytes = Buffer.concat(texts.map(frame));
        const protocol = protocolOf('openai-chat');
        expect(readBy(protocol, bytes)).toEqual(readSlowly(protocol, bytes));
      }),
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
