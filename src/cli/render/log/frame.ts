import { Writable } from 'node:stream';
import { createLogUpdate } from 'log-update';

/** Where a frame is drawn. */
export interface FrameScreen {
  width(): number;
  write(text: string): void;
}

/** Lines at the bottom of a terminal that are drawn over, below lines that stay. */
export interface Frame {
  /** Prints lines for good and draws the block anew below them, in one write. */
  draw(lines: readonly string[], block: readonly string[]): void;
  /** Takes the block away. */
  clear(): void;
  /** Leaves the block where it is: somebody else has written below it. */
  forget(): void;
}

/** @param terminal what is really there: `--width` may say something else than its columns */
export function createFrame(screen: FrameScreen, terminal: { columns?: number; rows?: number }): Frame {
  let text = '';
  const collector = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const stream = Object.defineProperties(collector, {
    columns: { get: () => Math.min(screen.width(), terminal.columns ?? Number.POSITIVE_INFINITY) },
    rows: { get: () => terminal.rows },
    isTTY: { value: true },
  });
  // A hidden cursor would stay hidden after a kill -9; between two writes it rests below the block.
  const update = createLogUpdate(stream, { showCursor: true });

  function flush(): void {
    const once = text;
    text = '';
    if (once !== '') screen.write(once);
  }

  return {
    draw(lines, block) {
      if (lines.length > 0) {
        update.clear();
        text += `${lines.join('\n')}\n`;
      }
      update(block.join('\n'));
      flush();
    },
    clear() {
      update.clear();
      flush();
    },
    forget: () => update.done(),
  };
}
