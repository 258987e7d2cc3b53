import { linkSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ensurePrivateDir, writePrivate } from './files.ts';
import { askHealth, readServerFile } from './server-file.ts';
import type { HomePaths, ServerFile } from './types.ts';

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It has gone.
    return null;
  }
}

/** Creates the file only if nobody else has: a link, unlike a rename, never replaces. */
function create(paths: HomePaths, file: ServerFile): boolean {
  const own = `${paths.serverFile}.${process.pid}`;
  const text = `${JSON.stringify(file)}\n`;
  writePrivate(own, text);
  try {
    linkSync(own, paths.serverFile);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    // A file system without hard links: the port alone keeps two servers apart there.
    writePrivate(paths.serverFile, text);
    return true;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Makes this process the server of its home: writes down where it listens. Gives the server that has the home already,
 * or null when it is ours now. The note of a dead server is replaced: what answers on the port is the only proof.
 */
export async function claimHome(paths: HomePaths, file: ServerFile): Promise<ServerFile | null> {
  ensurePrivateDir(dirname(paths.serverFile));
  for (let tries = 0; tries < 3; tries++) {
    if (create(paths, file)) return null;
    const seen = textOf(paths.serverFile);
    const other = readServerFile(paths);
    const health = other && (await askHealth(other.url));
    if (other && health?.pid === other.pid) return other;
    // Only the note that was found dead is removed, not one that somebody wrote meanwhile.
    if (seen !== null && textOf(paths.serverFile) === seen) rmSync(paths.serverFile, { force: true });
  }
  return readServerFile(paths);
}

/** Removes our own note; somebody else's stays. */
export function releaseHome(paths: HomePaths): void {
  if (readServerFile(paths)?.pid === process.pid) rmSync(paths.serverFile, { force: true });
}
