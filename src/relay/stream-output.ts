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
  const { client } = pass;
  const { body } = pass.response;
  let waiting: Buffer[] = [];
  let open = false;
  let paused = false;
  let gone = false;

  function resume(): void {
    if (!paused) return;
    paused = false;
    watch.release();
    body.resume();
  }

  function write(piece: Buffer): void {
    if (gone || piece.length === 0) return;
    if (!open) {
      waiting.push(piece);
      return;
    }
    client.write(piece);
    if (paused || !client.full()) return;
    paused = true;
    watch.hold();
    body.pause();
    client.onDrain(resume);
  }

  return {
    write,
    commit() {
      if (open) return;
      open = true;
      pass.commit();
      for (const piece of waiting) write(piece);
      waiting = [];
    },
    committed: () => open,
    leave() {
      gone = true;
      waiting = [];
      resume();
    },
  };
}
