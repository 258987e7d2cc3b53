import { describe, expect, test } from 'vitest';
import { protocolOf } from '../../src/protocols/index.ts';
import { createTap } from '../../src/relay/tap.ts';
import { plainStream } from '../support/scripted/odd-streams.ts';

describe.each(['openai-chat', 'openai-responses', 'anthropic-messages'] as const)('the tap of %s', (id) => {
  const words = ['a', 'data: [DONE]', '"type":"message_stop"', '"type":"response.completed"', 'b'];
  const frames = plainStream(id, words);

  test('says that it is over once the end marker came, and not for words that look like it', () => {
    const tap = createTap(protocolOf(id));
    const said = frames.map((frame) => {
      tap.push(frame);
      return tap.atEnd();
    });
    expect(said).toEqual(frames.map((_, n) => n === frames.length - 1));
  });

  test('reads the same whether it was asked or not, and wherever the bytes are cut', () => {
    const all = Buffer.concat(frames);
    for (const size of [1, 7, 100]) {
      const [asked, left] = [createTap(protocolOf(id)), createTap(protocolOf(id))];
      for (let at = 0; at < all.length; at += size) {
        const piece = all.subarray(at, at + size);
        asked.push(piece);
        left.push(piece);
        asked.atEnd();
      }
      expect(asked.atEnd()).toBe(true);
      expect(asked.finish()).toEqual(left.finish());
      expect(asked.finish()).toMatchObject({ ended: true, error: null, usage: { input: 11, output: 7 } });
    }
  });
});
