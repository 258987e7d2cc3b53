import { textOf } from '../known/shared.ts';
import { readJournal } from './journal.ts';
import { replaceFile } from './write.ts';

/**
 * Puts a new token into every file that a `setup` wrote; nothing else in them changes. Returns the agents whose files were
 * rewritten.
 * @throws UserError `cannot_write`
 */
export function replaceToken(stateDir: string, old: string, next: string): string[] {
  const agents = new Set<string>();
  for (const { agent, files } of readJournal(stateDir)) {
    for (const { file } of files) {
      const text = textOf(file);
      if (!text?.includes(old)) continue;
      replaceFile(file, text.replaceAll(old, next));
      agents.add(agent);
    }
  }
  return [...agents];
}
