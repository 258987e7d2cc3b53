import type { Answer, Dialogue, Question, Topic } from './messages.ts';

/** What the worker is asked, from the question to its answer. */
export interface Questions {
  /** Resolves with the answer; rejects when whoever was asked died before it. */
  add<T extends Topic>(topic: T, ask: Dialogue[T]['ask']): Promise<Dialogue[T]['answer']>;
  /** Those that nobody was sent yet; they count as sent from now on. */
  take(): Question[];
  unsent(): number;
  unanswered(): number;
  answered(answer: Answer): void;
  /** Nobody will answer what was sent. */
  lost(cause: Error): void;
}

interface Waiting {
  resolve(answer: Answer['answer']): void;
  reject(error: Error): void;
}

/** Creates an empty list. */
export function createQuestions(): Questions {
  const waiting = new Map<number, Waiting>();
  let unsent: Question[] = [];
  let asked = 0;
  return {
    add<T extends Topic>(topic: T, ask: Dialogue[T]['ask']) {
      const n = ++asked;
      unsent.push({ n, topic, ask } as Question);
      return new Promise<Dialogue[T]['answer']>((resolve, reject) => {
        waiting.set(n, { resolve: (answer) => resolve(answer as Dialogue[T]['answer']), reject });
      });
    },
    take() {
      const taken = unsent;
      unsent = [];
      return taken;
    },
    unsent: () => unsent.length,
    unanswered: () => waiting.size,
    answered({ n, answer }) {
      waiting.get(n)?.resolve(answer);
      waiting.delete(n);
    },
    lost(cause) {
      const sent = new Map(waiting);
      for (const { n } of unsent) sent.delete(n);
      for (const [n, { reject }] of sent) {
        waiting.delete(n);
        reject(cause);
      }
    },
  };
}
