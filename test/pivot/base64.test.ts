import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../src/pivot/index.ts';

describe('base64', () => {
  it('is the base64 that everybody writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(encodeBase64(text)).toBe(Buffer.from(text).toString('base64'));
        expect(decodeBase64(encodeBase64(text))).toBe(text);
        expect(decodeBase64(Buffer.from(text).toString('base64url'))).toBe(text);
      }),
    );
  });

  it('is not read where it is none, or where the bytes are no text', () => {
    expect(decodeBase64('a b')).toBeUndefined();
    expect(decodeBase64(Buffer.from([0xff, 0xfe]).toString('base64'))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = decodeBase64(Buffer.from(bytes).toString('base64'));
        if (text !== undefined) expect(encodeBase64(text)).toBe(Buffer.from(bytes).toString('base64'));
      }),
    );
  });
});
