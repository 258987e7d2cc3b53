import type { Signal } from '../signal.ts';
import type { JobClient } from './job.ts';
import type { Client } from './types.ts';

/** A client that waits hears of us this often (reliability rule R8b). */
const KEEP_ALIVE_MS = 10_000;

/**
 * A client whose head is sent once (behind a keep-alive the answer's own head comes too late), and that hears signs of
 * life while nothing else is sent.
 */
export function beginOnce(client: Client): JobClient {
  return new OnceBegun(client);
}

class OnceBegun implements JobClient {
  readonly signal: Signal;
  private readonly client: Client;
  private hasBegun = false;
  private wrote = false;
  private watched = false;
  private ticking: NodeJS.Timeout | undefined = undefined;

  constructor(client: Client) {
    this.client = client;
    this.signal = client.signal;
  }

  begun(): boolean {
    return this.hasBegun;
  }

  head(status: number, headers: Record<string, string>): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.client.head(status, headers);
  }

  write(chunk: Buffer): void {
    this.wrote = true;
    this.client.write(chunk);
  }

  end(): void {
    clearInterval(this.ticking);
    this.client.end();
  }

  full(): boolean {
    return this.client.full();
  }

  onDrain(callback: () => void): void {
    this.client.onDrain(callback);
  }

  keepAlive(sign: { head(): void; frame: string } | null): void {
    clearInterval(this.ticking);
    if (!sign || this.signal.aborted) return;
    this.wrote = false;
    if (!this.watched)
      this.signal.addEventListener('abort', () => clearInterval(this.ticking), { once: true });
    this.watched = true;
    this.ticking = setInterval(() => {
      if (!this.wrote && !this.full()) {
        sign.head();
        if (sign.frame !== '') this.client.write(Buffer.from(sign.frame));
      }
      this.wrote = false;
    }, KEEP_ALIVE_MS);
  }
}
