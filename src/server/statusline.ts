import { rename, rm, writeFile } from 'node:fs/promises';
import type { Feed } from '../feed/index.ts';
import type { HomePaths } from '../home/index.ts';
import type { ServerStatus, StatuslineFile } from './types.ts';

const PRIVATE = 0o600;
/** A status bar need not be younger. */
const DEBOUNCE_MS = 500;
/** Sums of today begin anew at midnight, also where nobody asks for anything. */
const AT_LEAST_EVERY_MS = 60_000;

/**
 * Keeps a small file for `statusline`, which is drawn so often that it must not ask the server. Written beside the work, a
 * moment after requests; a disk that takes nothing costs only that file. Returns how to end it; the file goes then.
 */
export function keepStatuslineFile(
  { statuslineFile: file }: HomePaths,
  feed: Feed,
  status: () => ServerStatus,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  function write(): void {
    timer = undefined;
    const own = `${file}.${process.pid}`;
    writing = writing.then(async () => {
      await writeFile(own, `${JSON.stringify(contentOf(status()))}\n`, { mode: PRIVATE });
      await rename(own, file);
    });
    // Who reads it asks the server where it is missing.
    writing = writing.catch(() => undefined);
  }
  const unsubscribe = feed.subscribe(({ type }) => {
    if (type !== 'update') timer ??= setTimeout(write, DEBOUNCE_MS);
  });
  const regular = setInterval(write, AT_LEAST_EVERY_MS);
  write();
  return async () => {
    unsubscribe();
    clearInterval(regular);
    clearTimeout(timer);
    await writing;
    // On a disk that takes nothing there is none.
    for (const one of [file, `${file}.${process.pid}`]) await rm(one, { force: true }).catch(() => undefined);
  };
}

function contentOf({ pid, default: model, today, live, problems }: ServerStatus): StatuslineFile {
  return { pid, default: model, today, live: live.length, problems: problems.length };
}
