import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const HASH_LENGTH = 4;
const MAX_NAME = 90;

/** The directory of the repository that a directory belongs to; itself where there is none. */
function rootOf(directory: string): string {
  for (let at = directory; ; at = dirname(at)) {
    // A file in worktrees and submodules.
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return directory;
  }
}

/**
 * What a project is called whose client works in a directory: `api~3f2a`, the name of its git root and a hash of that path,
 * which keeps two repositories of one name apart. null = the directory says nothing: the user's home, or the root.
 */
export function projectNameOf(directory: string, home: string | undefined): string | null {
  const root = rootOf(directory);
  if (root === home || dirname(root) === root) return null;
  const hash = createHash('sha256').update(root).digest('hex').slice(0, HASH_LENGTH);
  return `${basename(root).slice(0, MAX_NAME)}~${hash}`;
}
