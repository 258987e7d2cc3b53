import { Worker } from 'node:worker_threads';
import type { Answer, Dialogue, Question, Topic, WorkerData } from './messages.ts';

/** The worker thread, as seen from the main one. */
export interface Scribe {
  /** Rejects when the worker dies before it answers; the next question starts a new one. */
  ask<T extends Topic>(topic: T, ask: Dialogue[T]['ask']): Promise<Dialogue[T]['answer']>;
  /** Lets the worker close the file, and ends it. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(answer: Answer['answer']): void;
  reject(error: Error): void;
}

/** Its garbage is rows that were written: more room for them is memory for nothing. */
const LIMITS = { maxYoungGenerationSizeMb: 4 };

/**
 * Creates the scribe. Its thread keeps the process alive only while a question is unanswered.
 * @param startAfterMs questions wait so long for a thread that is not there yet
 */
export function createScribe(url: URL, data: () => WorkerData, startAfterMs: number): Scribe {
  const waiting = new Map<number, Waiting>();
  let unsent: Question[] = [];
  let starting: NodeJS.Timeout | null = null;
  let worker: Worker | null = null;
  let asked = 0;

  function start(): Worker {
    const fresh = new Worker(url, { workerData: data(), resourceLimits: LIMITS });
    let cause = new Error('the ledger worker ended');
    fresh.on('message', ({ n, answer }: Answer) => {
      waiting.get(n)?.resolve(answer);
      waiting.delete(n);
      if (waiting.size === 0) fresh.unref();
    });
    fresh.on('error', (error: Error) => {
      cause = error;
    });
    fresh.on('exit', () => {
      worker = null;
      unsent = [];
      for (const { reject } of waiting.values()) reject(cause);
      waiting.clear();
    });
    return fresh;
  }

  function send(): Worker {
    starting = null;
    worker ??= start();
    worker.ref();
    for (const question of unsent) worker.postMessage(question);
    unsent = [];
    return worker;
  }

  function ask<T extends Topic>(topic: T, question: Dialogue[T]['ask']): Promise<Dialogue[T]['answer']> {
    const n = ++asked;
    return new Promise((resolve, reject) => {
      waiting.set(n, { resolve: (answer) => resolve(answer as Dialogue[T]['answer']), reject });
      unsent.push({ n, topic, ask: question } as Question);
      if (worker || startAfterMs === 0) send();
      else starting ??= setTimeout(send, startAfterMs);
    });
  }

  return {
    ask,
    async close() {
      if (starting) clearTimeout(starting);
      if (!worker && unsent.length === 0) return;
      const ending = send();
      const ended = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
      // A worker that died instead has closed the file as well.
      await ask('close', null).catch(() => null);
      worker?.ref();
      await ended;
    },
  };
}
