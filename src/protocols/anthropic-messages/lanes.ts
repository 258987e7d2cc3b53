/** Blocks one after another, whatever order their pieces come in. */
export interface Lanes {
  /** A block begins; `head` is written when it is its turn. */
  open(block: number, head: string): string;
  /** A piece of a block; nothing when it never began. */
  add(block: number, piece: string): string;
  close(block: number, tail: string): string;
  /** Closes every block that is still open, with the tail that it asks for. */
  closeAll(tailOf: (block: number) => string): string;
}

interface Lane {
  block: number;
  held: string;
  closed: boolean;
}

/**
 * Parallel calls may come in alternating pieces, and this wire allows one open block: the first is written as it comes,
 * the others are held until those before them are closed.
 */
export function createLanes(): Lanes {
  let lanes: Lane[] = [];
  const lane = (block: number): Lane | undefined => lanes.find((one) => one.block === block && !one.closed);

  /** What may be written by now: everything of the first lane, and of the next ones when it is closed. */
  function flush(): string {
    let text = '';
    for (const one of lanes) {
      text += one.held;
      one.held = '';
      if (!one.closed) break;
    }
    const first = lanes.findIndex(({ closed }) => !closed);
    lanes = first < 0 ? [] : lanes.slice(first);
    return text;
  }

  function add(block: number, piece: string, closed = false): string {
    const one = lane(block);
    if (!one) return '';
    one.held += piece;
    one.closed = closed;
    return flush();
  }

  return {
    open(block, head) {
      lanes.push({ block, held: head, closed: false });
      return flush();
    },
    add: (block, piece) => add(block, piece),
    close: (block, tail) => add(block, tail, true),
    closeAll(tailOf) {
      for (const one of lanes.filter(({ closed }) => !closed)) {
        one.held += tailOf(one.block);
        one.closed = true;
      }
      return flush();
    },
  };
}
