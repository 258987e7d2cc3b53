import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskKey, maskText } from '../../src/keys/index.ts';

describe('masking', () => {
  it('shows the vendor and the last four characters of a key', () => {
    expect(maskKey('sk-ant-api03-abcdefghijklmnopw7Qa')).toBe('sk-ant-…w7Qa');
    expect(maskKey('AIzaSyA-1234567890abcdefghijklm3fX0')).toBe('AIza…3fX0');
  });

  it('hides a key whole when what is left to guess would be short', () => {
    expect(maskKey('sk-proj-12345678')).toBe('…');
    expect(maskKey('hunter2')).toBe('…');
  });

  it('replaces a secret wherever it stands in a text', () => {
    const key = 'acme-0123456789abcdef';
    expect(maskText(`invalid key ${key}, "${key}"`, [key])).toBe('invalid key ac…cdef, "ac…cdef"');
  });

  it('replaces what looks like a key although nobody knows it', () => {
    const text = maskText('got sk-abcdefghijklmnop1234 and Bearer abcdefghijklmnop', []);
    expect(text).toBe('got sk-…1234 and Bearer …');
  });

  it('leaves short words alone, so that texts stay readable', () => {
    expect(maskText('ollama refused the connection', ['ollama'])).toBe('ollama refused the connection');
  });

  it('hides a secret that overlaps with the shown end of another', () => {
    const first = 'acme-0123456789abcdef';
    const second = 'cdef-overlapping';
    const masked = maskText(`${first}-overlapping`, [first, second]);
    expect(masked).not.toContain('overlapping');
  });

  it('never leaves a secret of 8 characters or more in its output', () => {
    // Few different characters, so that secrets overlap, contain one another and arise from what is left.
    const secret = fc.string({
      unit: fc.constantFrom('a', 'b', '…', 'sk-', 'Bearer ', '1'),
      minLength: 8,
      maxLength: 24,
    });
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 4 }),
        fc.array(
          fc.oneof(fc.nat({ max: 3 }), fc.string({ unit: fc.constantFrom('a', 'b', '…', '1', ' ') })),
          {
            maxLength: 8,
          },
        ),
        (secrets, parts) => {
          const text = parts
            .map((part) => (typeof part === 'number' ? (secrets[part] ?? '') : part))
            .join('');
          const masked = maskText(text, secrets);
          for (const one of secrets) expect(masked).not.toContain(one);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
