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
});
