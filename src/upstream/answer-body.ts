import { createGathered } from './gathered.ts';
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
  let paused = false;
  let settled: (() => void) | undefined;
  let closed = false;
  // Of a paused answer it waits: its reader may be another one by then.
  const gathered = createGathered(() => !paused && handOver());
  const silence = createSilence((ms) => {
    settle((reader) => reader.error(controls.silent(ms)));
    controls.abort();
  });

  function settle(tell: (reader: Sink) => void): void {
    if (closed || settled) return;
    silence.stop();
    const reader = sink;
    if (reader) {
      settled = () => undefined;
      tell(reader);
    } else {
      settled = () => sink && tell(sink);
    }
  }

  /** Gives the reader what waits for it. */
  function handOver(): void {
    if (!sink || closed) return;
    const bytes = gathered.take();
    if (bytes) hand(sink, bytes);
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
      if (!closed && !settled && gathered.add(chunk)) silence.broken(controls.idleMs);
    },
    end() {
      handOver();
      settle(tellEnd);
    },
    error(error) {
      handOver();
      settle((reader) => reader.error(error));
    },
    started: silence.watch,
    close() {
      closed = true;
      silence.stop();
    },
    answer: {
      pipe(reader) {
        sink = reader;
        handOver();
        settled?.();
      },
      pause() {
        // A reader that pauses is not a silent upstream.
        silence.stop();
        paused = true;
        controls.pause();
      },
      resume() {
        paused = false;
        if (!closed && !settled) silence.again();
        handOver();
        // What was handed over may have been too much again.
        if (!paused) controls.resume();
      },
      abort: () => controls.abort(),
    },
  };
}

/** Watches for silence, in ms. */
interface Silence {
  watch(ms: number): void;
  /** Bytes came; from the first of them on it may last this long. */
  broken(ms: number): void;
  /** Counts anew, when it was watched before. */
  again(): void;
  stop(): void;
}

function createSilence(onSilent: (ms: number) => void): Silence {
  let timer: PatientTimer | undefined;
  let limitMs = 0;
  let begun = false;

  function watch(ms: number): void {
    timer?.stop();
    limitMs = ms;
    timer = createPatientTimer(ms, () => onSilent(ms));
  }

  return {
    watch,
    broken(ms) {
      if (begun) timer?.refresh();
      else watch(ms);
      begun = true;
    },
    again() {
      if (timer) watch(limitMs);
    },
    stop: () => timer?.stop(),
  };
}
