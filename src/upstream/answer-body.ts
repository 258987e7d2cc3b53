import { createPatientTimer, type PatientTimer } from './patient-timer.ts';
import type { AnswerBody, Sink } from './types.ts';

/** What the bytes of an answer can do to their call. */
export interface BodyControls {
  /** Longest silence between two chunks, in ms. */
  idleMs: number;
  /** It was silent for this long, in ms. */
  silent(ms: number): Error;
  abort(): void;
  pause(): void;
  resume(): void;
}

/** The writing side of an answer's bytes. */
export interface BodyWriter extends Sink {
  answer: AnswerBody;
  /** The headers came; the first byte must come within ms. */
  started(firstByteMs: number): void;
  /** Nothing is told any more. */
  close(): void;
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

function tellEnd(reader: Sink): void {
  try {
    reader.end();
  } catch (bug) {
    reader.error(asError(bug));
  }
}

/** Keeps what arrives before somebody reads, watches for silence, and settles once. */
export function createBody(controls: BodyControls): BodyWriter {
  let sink: Sink | undefined;
  let early: Buffer[] = [];
  let settled: (() => void) | undefined;
  let closed = false;
  let silence: PatientTimer | undefined;
  let silenceMs = 0;
  let chunks = 0;

  function watchSilence(ms: number): void {
    silence?.stop();
    silenceMs = ms;
    silence = createPatientTimer(ms, () => {
      settle((reader) => reader.error(controls.silent(ms)));
      controls.abort();
    });
  }

  function settle(tell: (reader: Sink) => void): void {
    if (closed || settled) return;
    silence?.stop();
    const reader = sink;
    if (reader) {
      settled = () => undefined;
      tell(reader);
    } else {
      settled = () => sink && tell(sink);
    }
  }

  /** What a reader throws is a bug and the reader's to answer for; it says nothing of the upstream. */
  function hand(reader: Sink, chunk: Buffer): void {
    try {
      reader.data(chunk);
    } catch (bug) {
      settle((one) => one.error(asError(bug)));
      controls.abort();
    }
  }

  return {
    data(chunk) {
      if (closed || settled) return;
      if (chunks++ === 0) watchSilence(controls.idleMs);
      else silence?.refresh();
      if (sink) hand(sink, chunk);
      else early.push(chunk);
    },
    end: () => settle(tellEnd),
    error: (error) => settle((reader) => reader.error(error)),
    started: watchSilence,
    close() {
      closed = true;
      silence?.stop();
    },
    answer: {
      pipe(reader) {
        sink = reader;
        for (const chunk of early) if (!closed) hand(reader, chunk);
        early = [];
        settled?.();
      },
      pause() {
        // A reader that pauses is not a silent upstream.
        silence?.stop();
        controls.pause();
      },
      resume() {
        if (!closed && !settled && silence) watchSilence(silenceMs);
        controls.resume();
      },
      abort: () => controls.abort(),
    },
  };
}
