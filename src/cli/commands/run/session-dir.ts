import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SessionFile } from '../../../agents/index.ts';
import { ensurePrivateDir, writePrivate } from '../../../home/index.ts';
import type { Context } from '../../context.ts';

/** A private directory for the files of one run. */
export interface SessionDir {
  path: string;
  write(files: readonly SessionFile[]): void;
  remove(): void;
}

/** Names one; it is made when something is written. What killed runs have left is removed. */
export function createSessionDir({ paths }: Context): SessionDir {
  const all = join(paths.stateDir, 'run');
  const path = join(all, `${process.pid}-${randomBytes(4).toString('hex')}`);
  return {
    path,
    write(files) {
      removeOrphans(all);
      if (files.length === 0) return;
      for (const directory of [paths.stateDir, all, path]) ensurePrivateDir(directory);
      for (const file of files) {
        ensurePrivateDir(dirname(file.path));
        if ('text' in file) writePrivate(file.path, file.text);
        else symlinkSync(file.target, file.path);
      }
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

function removeOrphans(all: string): void {
  for (const name of namesIn(all)) {
    const pid = Number.parseInt(name, 10);
    if (pid > 0 && !isAlive(pid)) rmSync(join(all, name), { recursive: true, force: true });
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // No run has written anything yet.
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be asked, but is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
