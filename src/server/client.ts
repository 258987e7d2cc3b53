import type { ServerResponse } from 'node:http';
import type { Client } from '../relay/index.ts';
import { createSignal } from '../signal.ts';
import { writeHead } from './respond.ts';

/** Bytes waiting for a client at most before its upstream is paused. */
const MAX_WAITING = 1024 * 1024;

/** A client that takes nothing of what waits for it for this long is cut off. */
const STALLED_MS = 300_000;

/**
 * The relay's view of a connection. The chunks of one tick leave in one write: with many small chunks that is most of
 * the cost of a stream.
 */
export function createClient(response: ServerResponse, stalledMs = STALLED_MS): Client {
  const gone = createSignal();
  let waiting: Buffer[] = [];
  let size = 0;
  let ended = false;
  let stalled: NodeJS.Timeout | undefined;

  function watchReading(event: 'drain' | 'finish'): void {
    clearTimeout(stalled);
    stalled = setTimeout(() => response.destroy(), stalledMs);
    response.once(event, () => clearTimeout(stalled));
  }

  response.on('close', () => {
    clearTimeout(stalled);
    if (!response.writableFinished) gone.abort();
  });

  function flush(): void {
    if (size > 0 && !response.destroyed)
      response.write(waiting.length === 1 ? waiting[0] : Buffer.concat(waiting));
    waiting = [];
    size = 0;
  }

  function finish(): void {
    const last = size === 0 ? undefined : waiting.length === 1 ? waiting[0] : Buffer.concat(waiting);
    waiting = [];
    size = 0;
    if (response.destroyed) return;
    response.end(last);
    // What the system has taken already is no longer ours to watch.
    if (response.writableLength > 0) watchReading('finish');
  }

  return {
    signal: gone.signal,
    head(status, headers) {
      if (!response.headersSent) writeHead(response, status, headers);
    },
    write(chunk) {
      if (ended) return;
      if (size === 0) process.nextTick(() => !ended && flush());
      waiting.push(chunk);
      size += chunk.length;
    },
    end() {
      if (ended) return;
      ended = true;
      finish();
    },
    full: () => response.writableNeedDrain || size + response.writableLength > MAX_WAITING,
    onDrain: (callback) => {
      watchReading('drain');
      response.once('drain', callback);
    },
  };
}
