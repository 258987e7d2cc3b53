import type { StreamPass } from './stream.ts';
import type { Watch } from './watch.ts';

/** The client's side of a stream: holds bytes until the commit, then writes through with back-pressure. */
export interface Output {
  write(piece: Buffer): void;
  commit(): void;
  committed(): boolean;
  /** The client reads no more: what comes is for nobody, and nothing waits for it. */
  leave(): void;
}

/** Creates it. */
export function createOutput(pass: StreamPass, watch: Watch): Output {
  return new ClientSide(pass, watch);
}

class ClientSide implements Output {
  private readonly pass: StreamPass;
  private readonly watch: Watch;
  private waiting: Buffer[] = [];
  private open = false;
  private paused = false;
  private gone = false;

  constructor(pass: StreamPass, watch: Watch) {
    this.pass = pass;
    this.watch = watch;
  }

  write(piece: Buffer): void {
    const { client, response } = this.pass;
    if (this.gone || piece.length === 0) return;
    if (!this.open) {
      this.waiting.push(piece);
      return;
    }
    client.write(piece);
    if (this.paused || !client.full()) return;
    this.paused = true;
    this.watch.hold();
    response.body.pause();
    client.onDrain(() => this.resume());
  }

  commit(): void {
    if (this.open) return;
    this.open = true;
    this.pass.commit();
    for (const piece of this.waiting) this.write(piece);
    this.waiting = [];
  }

  committed(): boolean {
    return this.open;
  }

  leave(): void {
    this.gone = true;
    this.waiting = [];
    this.resume();
  }

  private resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.watch.release();
    this.pass.response.body.resume();
  }
}
