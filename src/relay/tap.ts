import type { FinishReason, PivotError, PivotEvent, Usage } from '../pivot/index.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { createFrameParser } from '../sse.ts';
import { createTail } from './tail.ts';

/** What a tap learnt of an answer. */
export interface Reading {
  usage: Usage;
  finish: FinishReason | null;
  /** An error inside the answer. */
  error: PivotError | null;
  /** The wire's end marker came. */
  ended: boolean;
  /** Content (text, reasoning, tool call) was seen. */
  content: boolean;
  /** The usage came behind content: it counts what was generated, and is no placeholder from the start of the stream. */
  counted: boolean;
  /** Output tokens guessed from the bytes, for answers that broke before usage came. */
  outputEstimate: number;
}

/** A decoder on a copy of a stream's bytes. It never changes, delays or breaks them. */
export interface Tap {
  push(chunk: Buffer): void;
  /** Content, an error or the end was seen: the stream is worth committing to (or failing). */
  decided(): boolean;
  /** So far; cheap, for live rows. */
  soFar(): Reading;
  /** The wire's end marker has come. Looks at everything that is kept, so it is for moments of silence. */
  over(): boolean;
  /** The bytes are over. */
  finish(): Reading;
}

const CONTENT: ReadonlySet<PivotEvent['type']> = new Set<PivotEvent['type']>([
  'text-delta',
  'refusal-delta',
  'reasoning-start',
  'reasoning-delta',
  'tool-call-start',
  'media',
]);
/** A token of English or code is about four characters; marked as an estimate wherever it is shown. */
const CHARACTERS_PER_TOKEN = 4;

function emptyReading(): Reading {
  return {
    usage: {},
    finish: null,
    error: null,
    ended: false,
    content: false,
    counted: false,
    outputEstimate: 0,
  };
}

/** Notes what one event says. Returns the characters of content in it. */
function note(reading: Reading, event: PivotEvent): number {
  if (CONTENT.has(event.type)) reading.content = true;
  if (event.type === 'usage') {
    reading.usage = { ...reading.usage, ...event.usage };
    reading.counted = reading.content;
  } else if (event.type === 'finish') reading.finish = event.reason;
  else if (event.type === 'error') reading.error ??= event.error;
  else if (event.type === 'end') reading.ended = true;
  return 'text' in event ? event.text.length : 0;
}

/** What a whole answer's events say. */
export function readEvents(events: readonly PivotEvent[]): Reading {
  const reading = emptyReading();
  let characters = 0;
  for (const event of events) characters += note(reading, event);
  reading.outputEstimate = Math.ceil(characters / CHARACTERS_PER_TOKEN);
  return reading;
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

  function decided(): boolean {
    return reading.content || reading.error !== null || reading.finish !== null || reading.ended;
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
      inTail = decided();
    },
    decided,
    soFar: () => ({ ...reading, outputEstimate: estimate() }),
    over() {
      if (reading.ended || !inTail) return reading.ended;
      // Both are new: the real ones must not have seen these frames when the bytes are over.
      const probe = protocol.createDecoder();
      const frames = createFrameParser().push(tail.take().bytes);
      return frames.some((frame) => probe.push(frame).some((event) => event.type === 'end'));
    },
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
