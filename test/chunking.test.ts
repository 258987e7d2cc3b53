import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkings } from './support/chunks.ts';
import { decodeChunks, STREAMS } from './support/fixtures.ts';

/** Cuts where parsers stumble: inside UTF-8 sequences, between CR and LF, inside `data:`, behind backslashes. */
function evilCuts(bytes: Buffer): Buffer[] {
  const cuts = [0];
  for (let i = 1; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    const before = bytes[i - 1];
    const inCharacter = (byte & 0xc0) === 0x80;
    const inField = byte === 0x74 && before === 0x61;
    if (inCharacter || inField || before === 0x0d || before === 0x0a || before === 0x5c) cuts.push(i);
  }
  return cuts.map((at, i) => bytes.subarray(at, cuts[i + 1]));
}

describe('the chunks in which an answer comes', () => {
  it.each(STREAMS.map((fixture) => ({ path: fixture.path, fixture })))(
    'do not matter: $path',
    ({ fixture }) => {
      const { protocol, bytes } = fixture;
      const whole = decodeChunks(protocol, [bytes]);
      expect(decodeChunks(protocol, evilCuts(bytes))).toEqual(whole);
      expect(
        decodeChunks(
          protocol,
          [...bytes].map((byte) => Buffer.from([byte])),
        ),
      ).toEqual(whole);
      fc.assert(
        fc.property(chunkings(bytes), (chunks) => {
          expect(decodeChunks(protocol, chunks)).toEqual(whole);
        }),
        { numRuns: 8 },
      );
    },
  );
});
