import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTail } from '../../src/relay/tail.ts';
import { chunkings } from '../support/chunks.ts';

const frame = (size: number, mark = 'x'): string => `data: ${mark.repeat(size)}\n\n`;

function tailOf(chunks: Buffer[]): { bytes: Buffer; gap: boolean } {
  const tail = createTail();
  for (const chunk of chunks) tail.push(chunk);
  return tail.take();
}

describe('the kept end of a stream', () => {
  it('is the whole stream while it is short, in any chunking', () => {
    const stream = Buffer.from(frame(50).repeat(20));
    fc.assert(
      fc.property(chunkings(stream), (chunks) => {
        const { bytes, gap } = tailOf(chunks);
        expect(gap).toBe(false);
        expect(bytes.equals(stream)).toBe(true);
      }),
    );
  });

  it('loses the middle of a long stream but begins at a frame and ends with the last one', () => {
    const chunks = Array.from({ length: 20_000 }, (_, i) => Buffer.from(frame(40, String(i % 10))));
    const { bytes, gap } = tailOf([...chunks, Buffer.from(frame(5, 'L'))]);
    expect(gap).toBe(true);
    expect(bytes.length).toBeLessThan(400_000);
    expect(bytes.toString().startsWith('data: ')).toBe(true);
    expect(bytes.toString().endsWith(frame(5, 'L'))).toBe(true);
  });

  it('keeps a last frame that is far larger than what is kept otherwise', () => {
    const large = frame(3_000_000, 'B');
    const chunks = Array.from({ length: 20_000 }, () => Buffer.from(frame(40)));
    for (let at = 0; at < large.length; at += 16_384) chunks.push(Buffer.from(large.slice(at, at + 16_384)));
    chunks.push(Buffer.from('data: [DONE]\n\n'));
    expect(tailOf(chunks).bytes.toString().endsWith(`${large}data: [DONE]\n\n`)).toBe(true);
  });

  it('stays small and whole at its end when every byte is a chunk of its own', () => {
    const text = frame(90).repeat(4_000);
    const { bytes, gap } = tailOf([...Buffer.from(text)].map((byte) => Buffer.from([byte])));
    expect(gap).toBe(true);
    expect(bytes.length).toBeLessThan(400_000);
    expect(text.endsWith(bytes.toString())).toBe(true);
  });
});
