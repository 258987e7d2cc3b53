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

/** Creates the scribe. Its thread keeps the process alive only while a question is unanswered. */
export function createScribe(url: URL, data: () => WorkerData): Scribe {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let asked = 0;

  function start(): Worker {
    const fresh = new Worker(url, { workerData: data() });
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
      for (const { reject } of waiting.values()) reject(cause);
      waiting.clear();
    });
    return fresh;
  }

  function ask<T extends Topic>(topic: T, question: Dialogue[T]['ask']): Promise<Dialogue[T]['answer']> {
    worker ??= start();
    const busy = worker;
    const n = ++asked;
    return new Promise((resolve, reject) => {
      waiting.set(n, { resolve: (answer) => resolve(answer as Dialogue[T]['answer']), reject });
      busy.ref();
      busy.postMessage({ n, topic, ask: question } as Question);
    });
  }

  return {
    ask,
    async close() {
      if (!worker) return;
      const ended = new Promise<void>((resolve) => worker?.once('exit', () => resolve()));
      // A worker that died instead has closed the file as well.
      await ask('close', null).catch(() => null);
      worker?.ref();
      await ended;
    },
  };
}
