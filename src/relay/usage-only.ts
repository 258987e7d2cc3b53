import type { Protocol } from '../protocols/protocol.ts';

/**
 * A protocol's reader for streams that are not generated text (legacy completions, images, transcripts): it looks for
 * usage in each frame. Such streams have no end marker that is known here.
 */
export function usageOnly(protocol: Protocol): Protocol {
  return {
    ...protocol,
    createDecoder: () => ({
      push(frame) {
        try {
          const usage = protocol.decodeUsage(JSON.parse(frame.data));
          return usage ? [{ type: 'usage', usage }] : [];
        } catch {
          // [DONE] and other frames that are not JSON carry no usage.
          return [];
        }
      },
      end: () => [],
    }),
  };
}
