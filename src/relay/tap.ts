import type { Protocol } from '../protocols/protocol.ts';
import { createFrameParser } from '../sse.ts';
import { CHARACTERS_PER_TOKEN, emptyReading, isDecided, note, type Reading } from './reading.ts';
import { createTail } from './tail.ts';

/** A decoder on a copy of a stream's bytes. It never changes, delays or breaks them. */
export interface Tap {
  push(chunk: Buffer): void;
  /** Content, an error or the end was seen: the stream is worth committing to (or failing). */
  decided(): boolean;
  /** So far; cheap, for live rows. */
  soFar(): Reading;
  /** The wire's end marker is the last thing that came. Costs a look at the kept tail. */
  atEnd(): boolean;
  /** The bytes are over. */
  finish(): Reading;
}

/**
 * Reads a stream the cheap way: every frame until the first content (the head: model, input usage, early errors), then
 * nothing until the end, when the last frames (usage, finish, end marker) are decoded from a kept tail.
 */
export function createTap(protocol: Protocol): Tap {
  const decoder = protocol.createDecoder();
  const parser = createFrameParser();
  const tail = createTail();
  const reading = emptyReading();
  let headBytes = 0;
  let decodedBytes = 0;
  let characters = 0;
  let inTail = false;
  let finished = false;

  function decode(frames: ReturnType<typeof parser.push>): void {
    for (const frame of frames) {
      decodedBytes += frame.data.length;
      for (const event of decoder.push(frame)) characters += note(reading, event);
    }
  }

  function estimate(): number {
    // The middle was not decoded: what was seen per byte stands for it.
    const total = headBytes + tail.seen();
    const share = decodedBytes > 0 ? Math.max(1, total / Math.max(decodedBytes, 1)) : 0;
    return Math.ceil((characters * share) / CHARACTERS_PER_TOKEN);
  }

  return {
    push(chunk) {
      if (inTail) return tail.push(chunk);
      headBytes += chunk.length;
      decode(parser.push(chunk));
      inTail = isDecided(reading);
    },
    decided: () => isDecided(reading),
    atEnd() {
      if (reading.ended) return true;
      const fresh = protocol.createDecoder();
      const frames = createFrameParser().push(tail.take().bytes);
      return frames.flatMap((frame) => fresh.push(frame)).some((event) => event.type === 'end');
    },
    soFar: () => ({ ...reading, outputEstimate: estimate() }),
    finish() {
      if (finished) return reading;
      finished = true;
      const { bytes, gap } = tail.take();
      const rest = gap ? createFrameParser() : parser;
      decode(rest.push(bytes));
      decode(rest.end());
      for (const event of decoder.end()) characters += note(reading, event);
      reading.outputEstimate = estimate();
      return reading;
    },
  };
}
