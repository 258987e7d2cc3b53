import fc from 'fast-check';

/** Arbitrary ways to cut bytes into chunks, single bytes and cuts inside characters included. */
export function chunkings(bytes: Buffer): fc.Arbitrary<Buffer[]> {
  return fc
    .uniqueArray(fc.integer({ min: 1, max: Math.max(1, bytes.length - 1) }), { maxLength: 40 })
    .map((cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      return at
        .slice(1)
        .map((end, i) => bytes.subarray(at[i], end))
        .filter((chunk) => chunk.length > 0);
    });
}
