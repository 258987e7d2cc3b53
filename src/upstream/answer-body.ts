import { createGathered, type Gatherer } from './gathered.ts';
import type { PatientTimer } from './patient-timer.ts';
import type { AnswerBody, Sink } from './types.ts';

/** What the bytes of an answer can do to their call. */
export interface BodyControls {
  /** Longest silence between two chunks, in ms. */
  idleMs: number;
  /** The call's timer: what it rings for, from the headers on, is silence. */
  timer: PatientTimer;
  abort(): void;
  pause(): void;
  resume(): void;
}

/** The writing side of an answer's bytes. */
export interface BodyWriter extends Sink {
  answer: AnswerBody;
  /** The headers came; the first byte must come within ms. */
  started(firstByteMs: number): void;
  /** How long it may be silent now, in ms. */
  limitMs(): number;
  /** Nothing is told any more. */
  close(): void;
}

/** Keeps what arrives before somebody reads, has silence watched, and settles once. */
export function createBody(controls: BodyControls): BodyWriter {
  return new Body(controls);
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** How an answer ended, for whoever reads it; `told` = the reader has heard of it. */
type Settled = { error: Error | null; told: boolean };

/** Both sides in one object: there is one for each answer. */
class Body implements BodyWriter, AnswerBody, Gatherer {
  private readonly controls: BodyControls;
  // Of a paused answer it waits: its reader may be another one by then.
  private readonly gathered = createGathered(this);
  private sink: Sink | null = null;
  private paused = false;
  private settled: Settled | null = null;
  private closed = false;
  /** In ms; from the first byte on `controls.idleMs`. */
  private limit = 0;
  private begun = false;

  constructor(controls: BodyControls) {
    this.controls = controls;
  }

  get answer(): AnswerBody {
    return this;
  }

  started(firstByteMs: number): void {
    this.watch(firstByteMs);
  }

  limitMs(): number {
    return this.limit;
  }

  data(chunk: Buffer): void {
    if (this.closed || this.settled || !this.gathered.add(chunk)) return;
    if (this.begun) this.controls.timer.refresh();
    else this.watch(this.controls.idleMs);
    this.begun = true;
  }

  end(): void {
    this.handOver();
    this.settle(null);
  }

  error(error: Error): void {
    this.handOver();
    this.settle(error);
  }

  close(): void {
    this.closed = true;
    this.sink = null;
    this.controls.timer.stop();
  }

  broke(): boolean {
    return this.settled?.told === true && this.settled.error !== null;
  }

  pipe(reader: Sink): void {
    this.sink = reader;
    this.handOver();
    this.tell();
  }

  pause(): void {
    // A reader that pauses is not a silent upstream.
    this.controls.timer.stop();
    this.paused = true;
    this.controls.pause();
  }

  resume(): void {
    this.paused = false;
    if (!this.closed && !this.settled) this.watch(this.limit);
    this.handOver();
    // What was handed over may have been too much again.
    if (!this.paused) this.controls.resume();
  }

  abort(): void {
    this.controls.abort();
  }

  tickOver(): void {
    if (!this.paused) this.handOver();
  }

  private watch(ms: number): void {
    this.limit = ms;
    this.controls.timer.restart(ms);
  }

  private settle(error: Error | null): void {
    if (this.closed || this.settled) return;
    this.controls.timer.stop();
    this.settled = { error, told: false };
    this.tell();
  }

  /** Tells the reader how it ended, if there is one and it has not heard. */
  private tell(): void {
    const { sink, settled } = this;
    if (!sink || !settled || settled.told) return;
    settled.told = true;
    // A reader may have kept the whole answer, and the call is kept longer than that.
    this.sink = null;
    if (settled.error === null) {
      try {
        sink.end();
        return;
      } catch (bug) {
        settled.error = asError(bug);
      }
    }
    sink.error(settled.error);
  }

  /** Gives the reader what waits for it. What it throws is a bug and its own to answer for; it says nothing of the upstream. */
  private handOver(): void {
    const { sink } = this;
    if (!sink || this.closed) return;
    const bytes = this.gathered.take();
    if (!bytes) return;
    try {
      sink.data(bytes);
    } catch (bug) {
      this.settle(asError(bug));
      this.controls.abort();
    }
  }
}
