import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUsageFrameFilter } from '../../src/relay/frame-filter.ts';
import { chunkings } from '../support/chunks.ts';

const CONTENT = 'data: {"choices":[{"delta":{"content":"say \\"usage\\": {}"}}],"usage":null}\n\n';
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n';
const DONE = 'data: [DONE]\n\n';

function filtered(chunks: Buffer[]): string {
  const filter = createUsageFrameFilter();
  return Buffer.concat([...chunks.flatMap((chunk) => filter.push(chunk)), ...filter.end()]).toString();
}

describe('the frame that only we asked for', () => {
  it('is removed and every other byte stays, however the stream is cut', () => {
    const stream = Buffer.from(CONTENT + CONTENT + USAGE + DONE);
    fc.assert(
      fc.property(chunkings(stream), (chunks) => {
        expect(filtered(chunks)).toBe(CONTENT + CONTENT + DONE);
      }),
    );
  });

  it('is recognised with CRLF line ends and without its final blank line', () => {
    expect(filtered([Buffer.from((CONTENT + USAGE).replaceAll('\n', '\r\n'))])).toBe(
      CONTENT.replaceAll('\n', '\r\n'),
    );
    expect(filtered([Buffer.from(CONTENT + USAGE.trimEnd())])).toBe(CONTENT);
  });

  it('stays when it says something else too: a choice, or no usage', () => {
    const filters = 'data: {"choices":[],"prompt_filter_results":[]}\n\n';
    const withChoice = 'data: {"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}}\n\n';
    const nullUsage = 'data: {"choices":[],"usage":null}\n\n';
    expect(filtered([Buffer.from(filters + withChoice + nullUsage)])).toBe(filters + withChoice + nullUsage);
  });

  it('passes comments, unknown fields and an unfinished frame', () => {
    const odd = ': ping\n\nevent: x\nid: 7\ndata: {"a":1}\n\ndata: {"half":';
    expect(filtered([Buffer.from(odd)])).toBe(odd);
  });
});
