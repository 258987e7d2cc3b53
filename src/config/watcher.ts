import { realpathSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { watch } from 'chokidar';

function realPath(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    // It does not exist yet.
    return resolve(directory);
  }
}

/**
 * Tells that something happened to a file. It watches the directory, because a file that is replaced by rename, or that
 * does not exist yet, cannot be watched itself.
 */
export function watchFile(
  file: string,
  directory: string,
  onEvent: () => void,
  onTrouble: (text: string) => void,
): { ready: Promise<void>; close(): Promise<void> } {
  // Links on the way to the directory are the user's business; only the file itself must not be one.
  const parent = realPath(directory);
  const wanted = join(parent, basename(file));
  const watcher = watch(parent, {
    depth: 0,
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path) => ![wanted, parent].includes(resolve(path)),
  });
  const ready = new Promise<void>((done) => {
    watcher.on('ready', done);
    watcher.on('error', (error) => {
      onTrouble(`cannot watch ${file}: ${error instanceof Error ? error.message : String(error)}`);
      done();
    });
  });
  watcher.on('all', onEvent);
  return { ready, close: () => watcher.close() };
}
