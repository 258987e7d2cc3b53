import type { Scope } from '../types.ts';
import type { FileChange } from './changes.ts';
import { record } from './journal.ts';
import { replaceFile } from './write.ts';

/** Writes the changes, after a backup from which all of them can be undone. Returns the directory of the backup. */
export function applyChanges(
  stateDir: string,
  entry: { agent: string; scope: Scope; time: number; changes: readonly FileChange[] },
): string {
  const directory = record(stateDir, entry);
  for (const { file, after } of entry.changes) replaceFile(file, after);
  return directory;
}
