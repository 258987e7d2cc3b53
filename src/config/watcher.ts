import { resolve } from 'node:path';
import { watch } from 'chokidar';

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
  const [wanted, parent] = [resolve(file), resolve(directory)];
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
