import type { ServerResponse } from 'node:http';
import { createNewest } from '../newest.ts';
import type { Client } from '../relay/index.ts';
import { createSignal, type Signal } from '../signal.ts';
import { writeHead } from './respond.ts';

/** Bytes waiting for a client at most before its upstream is paused. */
const MAX_WAITING = 1024 * 1024;

/** A client that takes nothing of what waits for it for this long is cut off. */
const STALLED_MS = 300_000;

const newest = createNewest<Connection>();

/**
 * The relay's view of a connection. The chunks of one tick leave in one write: with many small chunks that is most of
 * the cost of a stream.
 * @param requestBytes of the request's body, which lives as long as its response
 */
export function createClient(response: ServerResponse, requestBytes: number, stalledMs = STALLED_MS): Client {
  return newest(new Connection(response, stalledMs), requestBytes);
}

class Connection implements Client {
  private readonly response: ServerResponse;
  private readonly stalledMs: number;
  private readonly gone = createSignal();
  private waiting: Buffer[] = [];
  private size = 0;
  private ended = false;
  private stalled: NodeJS.Timeout | undefined = undefined;

  constructor(response: ServerResponse, stalledMs: number) {
    this.response = response;
    this.stalledMs = stalledMs;
    response.on('close', () => {
      clearTimeout(this.stalled);
      if (!response.writableFinished) this.gone.abort();
    });
  }

  get signal(): Signal {
    return this.gone.signal;
  }

  head(status: number, headers: Record<string, string>): void {
    if (!this.response.headersSent) writeHead(this.response, status, headers);
  }

  write(chunk: Buffer): void {
    if (this.ended) return;
    if (this.size === 0) process.nextTick(flush, this);
    this.waiting.push(chunk);
    this.size += chunk.length;
  }

  /** Writes what waits, unless the end has taken it along. */
  flush(): void {
    if (this.ended) return;
    const bytes = this.taken();
    if (bytes && !this.response.destroyed) this.response.write(bytes);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    const last = this.taken();
    if (this.response.destroyed) return;
    this.response.end(last);
    // What the system has taken already is no longer ours to watch.
    if (this.response.writableLength > 0) this.watchReading('finish');
  }

  full(): boolean {
    return this.response.writableNeedDrain || this.size + this.response.writableLength > MAX_WAITING;
  }

  onDrain(callback: () => void): void {
    this.watchReading('drain');
    this.response.once('drain', callback);
  }

  /** What waits, in one piece. */
  private taken(): Buffer | undefined {
    const bytes = this.waiting.length > 1 ? Buffer.concat(this.waiting) : this.waiting[0];
    this.waiting = [];
    this.size = 0;
    return bytes;
  }

  private watchReading(event: 'drain' | 'finish'): void {
    clearTimeout(this.stalled);
    this.stalled = setTimeout(() => this.response.destroy(), this.stalledMs);
    this.response.once(event, () => clearTimeout(this.stalled));
  }
}

/** One function for all: `nextTick` hands it the connection, so that no closure is made for each write. */
function flush(connection: Connection): void {
  connection.flush();
}
