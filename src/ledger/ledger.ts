import type { Exchange } from '../exchange.ts';
import { createPost } from './post.ts';
import { createProblems } from './problems.ts';
import { createQueue } from './queue.ts';
import { createScribe } from './scribe.ts';
import type { Ledger, LedgerOptions } from './types.ts';

/** Running streams tell of themselves twice a second: what is on disk of one is never older than two seconds. */
const CHECKPOINT_MS = 1_500;
const DEFAULTS = {
  queueLimit: 10_000,
  busyTimeoutMs: 5_000,
  batchMs: 50,
  retryMs: 1_000,
  startAfterMs: 0,
  idleMs: 10_000,
  now: () => performance.now(),
};

/**
 * Opens the ledger for writing, in a worker thread. Returns at once and never throws: what is wrong with the file comes
 * through `onProblem` and `problems()`, and records wait (bounded) until it is over. One per file and machine.
 */
export function openLedger(options: LedgerOptions): Ledger {
  const { file, queueLimit, busyTimeoutMs, batchMs, retryMs, startAfterMs, idleMs, now } = {
    ...DEFAULTS,
    ...options,
  };
  const lastWritten = new Map<string, number>();
  let closed = false;
  const problems = createProblems(file, options.onProblem);
  const queue = createQueue(queueLimit, (loss) => problems.count(loss, 1));
  const data = () => ({ file, busyTimeoutMs, first: !post.hasWritten() });
  const scribe = createScribe(options.workerUrl ?? builtWorker(), data, { startAfterMs, idleMs });
  const post = createPost(queue, scribe, problems, { batchMs, retryMs });

  function record(exchange: Exchange, settled: boolean): void {
    queue.add(exchange, settled);
    post.soon();
  }

  void post.flush(); // Opens the file, settles what a dead process left open, finds problems for the banner.
  return {
    open(exchange) {
      lastWritten.set(exchange.id, now());
      record(exchange, false);
    },
    update(exchange) {
      const last = lastWritten.get(exchange.id);
      if (last === undefined || now() - last < CHECKPOINT_MS) return;
      lastWritten.set(exchange.id, now());
      record(exchange, false);
    },
    finish(exchange) {
      lastWritten.delete(exchange.id);
      record(exchange, true);
    },
    flush: post.flush,
    async totals(since, until) {
      await post.flush();
      return scribe.ask('totals', { since, until }).catch(() => null);
    },
    async spent(query) {
      await post.flush();
      return scribe.ask('spent', query).catch(() => null);
    },
    async prune(query) {
      await post.flush();
      for (let requests = 0; ; ) {
        const step = await scribe.ask('prune', query).catch(() => null);
        if (step === null) return null;
        requests += step.requests;
        if (!step.more || closed) return requests;
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      post.stop();
      await post.flush();
      queue.shut();
      await scribe.close();
    },
    problems: problems.list,
  };
}

/** In the bundle the worker lies beside this module; from the sources it is the built one. */
function builtWorker(): URL {
  const path = import.meta.url.endsWith('.ts') ? '../../dist/ledger-worker.cjs' : './ledger-worker.cjs';
  return new URL(path, import.meta.url);
}
