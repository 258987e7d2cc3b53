import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateInput } from '../../src/relay/usage.ts';

describe('the guess of a request’s tokens', () => {
  it('goes by the length of its text', () => {
    expect(estimateInput(Buffer.from('four'.repeat(100)))).toBe(100);
    const prose = 'The tide comes in at noon, and goes out before six. '.repeat(2_000);
    expect(estimateInput(Buffer.from(prose))).toBe(Math.ceil(prose.length / 4));
  });

  it('counts a picture as one, not by its size', () => {
    const picture = (size: number): Buffer =>
      Buffer.from(`{"text":"what is this?","url":"data:image/png;base64,${'iVBORw0KGgo/+'.repeat(size)}=="}`);
    const small = estimateInput(picture(1_000));
    expect(small).toBeLessThan(1_100);
    expect(estimateInput(picture(100_000))).toBe(small);
    expect(estimateInput(Buffer.concat([picture(1_000), picture(1_000)]))).toBeCloseTo(2 * small, -1);
  });

  it('sees every file, wherever it lies, and nothing else as one', () => {
    const piece = fc.oneof(
      fc.integer({ min: 1_900, max: 2_100 }).map((length) => 'iVBO+/_-9z'.repeat(210).slice(0, length)),
      fc.integer({ min: 0, max: 4_100 }).map((length) => 'ü '.repeat(length / 2)),
      fc.constantFrom('"', '}', ' ', 'word', ''),
    );
    const texts = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        const runs = text.match(/[A-Za-z0-9+/_-]{2000,}/g) ?? [];
        const rest = Buffer.byteLength(text) - runs.join('').length;
        expect(estimateInput(Buffer.from(text))).toBe(Math.ceil(rest / 4) + runs.length * 1_000);
      }),
    );
  });
});
