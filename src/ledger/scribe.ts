import { Worker } from 'node:worker_threads';
import type { Answer, Dialogue, Topic, WorkerData } from './messages.ts';
import { createQuestions } from './questions.ts';

/** The worker thread, as seen from the main one. */
export interface Scribe {
  /** Rejects when the worker dies before it answers; the next question starts a new one. */
  ask<T extends Topic>(topic: T, ask: Dialogue[T]['ask']): Promise<Dialogue[T]['answer']>;
  /** Lets the worker close the file, and ends it. */
  close(): Promise<void>;
}

/** When a thread is started and ended, in ms. */
export interface ScribePace {
  /** Questions wait so long for a thread that is not there yet. */
  startAfterMs: number;
  /**
   * A thread that is asked nothing for so long closes the file and ends: 8 MB that a gateway at rest, which is what it
   * is most of the day, can do without. The next question starts another one (30 ms of another core).
   */
  idleMs: number;
}

/** Its garbage is rows that were written: more room for them is memory for nothing. */
const LIMITS = { maxYoungGenerationSizeMb: 4 };

/** Creates the scribe. Its thread keeps the process alive only while a question is unanswered. */
export function createScribe(url: URL, data: () => WorkerData, { startAfterMs, idleMs }: ScribePace): Scribe {
  const questions = createQuestions();
  let starting: NodeJS.Timeout | null = null;
  let idle: NodeJS.Timeout | null = null;
  let worker: Worker | null = null;
  /** The worker was told to end: what is asked now is for the next one, which opens the file when this one has closed it. */
  let ending = false;

  function start(): Worker {
    const fresh = new Worker(url, { workerData: data(), resourceLimits: LIMITS });
    let cause = new Error('the ledger worker ended');
    fresh.on('message', (answer: Answer) => {
      questions.answered(answer);
      // One that ends is waited for: whoever closes the ledger goes on behind it.
      if (questions.unanswered() > 0 || ending) return;
      fresh.unref();
      idle ??= setTimeout(rest, idleMs).unref();
      idle.refresh();
    });
    fresh.on('error', (error: Error) => {
      cause = error;
    });
    fresh.on('exit', () => {
      worker = null;
      ending = false;
      questions.lost(cause);
      if (questions.unsent() > 0) send();
    });
    return fresh;
  }

  function send(): Worker {
    starting = null;
    worker ??= start();
    worker.ref();
    for (const question of questions.take()) worker.postMessage(question);
    return worker;
  }

  function rest(): void {
    if (worker && !ending && questions.unanswered() === 0) end();
  }

  /** A worker that dies of it has closed the file as well. */
  function end(): void {
    void ask('close', null).catch(() => null);
    ending = true;
  }

  function ask<T extends Topic>(topic: T, question: Dialogue[T]['ask']): Promise<Dialogue[T]['answer']> {
    const answer = questions.add(topic, question);
    if (ending) return answer;
    if (worker || startAfterMs === 0) send();
    else starting ??= setTimeout(send, startAfterMs);
    return answer;
  }

  return {
    ask,
    async close() {
      if (starting) clearTimeout(starting);
      if (idle) clearTimeout(idle);
      while (worker || questions.unsent() > 0) {
        const last = ending && worker ? worker : send();
        const gone = new Promise<void>((resolve) => last.once('exit', () => resolve()));
        if (!ending) end();
        await gone;
      }
    },
  };
}
