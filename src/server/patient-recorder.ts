import type { Exchange, Recorder } from '../exchange.ts';

/** A recorder that lets a row be completed before it is settled. */
export interface PatientRecorder extends Recorder {
  /** Resolves when nothing that has ended waits any more. */
  idle(): Promise<void>;
}

/** Creates one. `pending` = what an exchange still waits for when it ends; null = nothing. The client never waits for it. */
export function createPatientRecorder(
  recorder: Recorder,
  pending: (exchange: Exchange) => Promise<void> | null,
): PatientRecorder {
  const waiting = new Set<Promise<void>>();
  return {
    ...recorder,
    finish(exchange) {
      const wait = pending(exchange);
      if (wait === null) return recorder.finish(exchange);
      const done: Promise<void> = wait.then(() => {
        waiting.delete(done);
        recorder.finish(exchange);
      });
      waiting.add(done);
    },
    async idle() {
      await Promise.all(waiting);
    },
  };
}
