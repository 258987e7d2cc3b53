import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A port that takes no connection and refuses none: connecting hangs. */
export interface Blackhole {
  port: number;
  close(): Promise<void>;
}

/** Listens with a queue of one, and never looks at it again. */
const LISTEN = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;

/** Opens one (on Linux: others drop or refuse what does not fit into the queue in their own ways). */
export async function openBlackhole(): Promise<Blackhole> {
  const worker = new Worker(LISTEN, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  // The kernel takes as many as fit; the ones behind them fill the queue.
  const fillers: Socket[] = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'));
  for (const filler of fillers) filler.on('error', () => undefined);
  await Promise.race(fillers.map((filler) => new Promise((resolve) => filler.once('connect', resolve))));
  return {
    port,
    async close() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}
