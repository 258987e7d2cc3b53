import type { PivotEvent } from '../pivot/index.ts';
import type { Decoder, Frame, Protocol } from '../protocols/protocol.ts';
import type { Run } from '../sse.ts';
import { createAlike } from './alike.ts';
import { emptyReading, note, noteText, type Reading } from './reading.ts';

/** Learns from a stream's frames what the answer says, without keeping its events. */
export interface FrameReader {
  reading: Reading;
  /** Frames so far that said something. */
  told(): number;
  /** Reads the frame between two offsets of a run; what it says if it had to be parsed. */
  read(run: Run, from: number, end: number): Frame | null;
  /** The bytes are over. True when only now, by its finish reason, the answer turned out to be whole: its mark is missing. */
  end(): boolean;
}

/** Creates the reader of one answer. */
export function createFrameReader(protocol: Protocol): FrameReader {
  return new Reader(protocol.createDecoder());
}

class Reader implements FrameReader {
  readonly reading = emptyReading();
  private readonly decoder: Decoder;
  private readonly alike = createAlike();
  private frames = 0;

  constructor(decoder: Decoder) {
    this.decoder = decoder;
  }

  told(): number {
    return this.frames;
  }

  read(run: Run, from: number, end: number): Frame | null {
    const { reading, alike } = this;
    // Behind the end nothing counts.
    const length = reading.ended ? -1 : alike.textLength(run, from, end);
    if (length > 0) {
      noteText(reading, length);
      this.frames++;
      return null;
    }
    const frame = run.read(from, end);
    if (!frame) return null;
    const events = this.decoder.push(frame);
    this.noted(events);
    alike.parsed(run, from, end, events);
    return frame;
  }

  end(): boolean {
    const marked = this.reading.ended;
    this.noted(this.decoder.end());
    return this.reading.ended && !marked;
  }

  private noted(events: readonly PivotEvent[]): void {
    for (const event of events) note(this.reading, event);
    if (events.length > 0) this.frames++;
  }
}
