import { dirname } from 'node:path';
import { parseSource, readSource } from './load.ts';
import type { ConfigResult } from './types.ts';

/** A watch that has begun. */
export interface ConfigWatch {
  /** Resolves when changes are seen from now on (also when the system refuses to watch). */
  ready: Promise<void>;
  close(): Promise<void>;
}

/** Editors write in several steps (truncate, write, rename): what they do within this time is one change. */
const SETTLE_MS = 100;

/**
 * Calls back with what the file says after each change of its content: also when it appears, goes away, or is replaced by
 * rename or by a link. A result that is not ok is for a warning; the caller goes on with the last good one. `onTrouble`
 * hears when the system cannot watch.
 */
export function watchConfig(
  file: string,
  onChange: (result: ConfigResult) => void,
  onTrouble: (text: string) => void = () => undefined,
): ConfigWatch {
  let seen = JSON.stringify(readSource(file));
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let turn = Promise.resolve();

  async function look(): Promise<void> {
    const source = readSource(file);
    const now = JSON.stringify(source);
    if (closed || now === seen) return;
    seen = now;
    const result = await parseSource(file, source);
    if (!closed) onChange(result);
  }

  // One after the other, so that an older text never overtakes a newer one.
  function soon(): void {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => {
      turn = turn.then(look).catch((error: unknown) => onTrouble(`cannot reload ${file}: ${String(error)}`));
    }, SETTLE_MS);
  }

  const started = import('./watcher.ts').then(({ watchFile }) =>
    watchFile(file, dirname(file), soon, onTrouble),
  );
  const ready = started.then(({ ready }) => ready).then(soon);
  return {
    ready,
    async close() {
      closed = true;
      clearTimeout(timer);
      await (await started).close();
      await turn;
    },
  };
}
