import { parentPort, workerData } from 'node:worker_threads';
import { createKeeper, type Keeper } from './keeper.ts';
import type { Answer, Dialogue, Question, WorkerData } from './messages.ts';
import type { Snapshot } from './rows.ts';

// Entry point of the worker thread: SQLite blocks, and another process's lock must not stall the proxy.
const port = parentPort;
if (port) {
  const keeper = createKeeper(workerData as WorkerData, Date.now);
  port.on('message', (question: Question) => {
    port.postMessage({ n: question.n, answer: answer(keeper, question) } satisfies Answer);
    if (question.topic === 'close') port.close();
  });
}

function answer(keeper: Keeper, question: Question): Dialogue[Question['topic']]['answer'] {
  if (question.topic === 'write') return keeper.write(JSON.parse(question.ask) as Snapshot[]);
  if (question.topic === 'totals') return keeper.totals(question.ask.since, question.ask.until);
  if (question.topic === 'spent') return keeper.spent(question.ask);
  if (question.topic === 'prune') return keeper.prune(question.ask);
  keeper.close();
  return null;
}
