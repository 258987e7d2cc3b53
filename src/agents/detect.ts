import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Agent, Place } from './types.ts';

/** Where installers put programs although PATH may not know it. */
const MORE_DIRECTORIES: readonly (readonly string[])[] = [
  ['.local', 'bin'],
  ['.npm-global', 'bin'],
  ['.claude', 'local'],
  ['.opencode', 'bin'],
  ['.bun', 'bin'],
];

/** Directories that are searched, in order. */
export function searchPath({ env, home }: Place): string[] {
  const path = env.PATH ?? env.Path ?? '';
  return [...path.split(delimiter).filter(Boolean), ...MORE_DIRECTORIES.map((parts) => join(home, ...parts))];
}

/** Where a program is; null = nowhere. A name with a slash is a path already. */
export function findProgram(name: string, place: Place): string | null {
  const extensions =
    place.platform === 'win32' ? ['', ...(place.env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';')] : [''];
  const bases = /[\\/]/.test(name) ? [name] : searchPath(place).map((directory) => join(directory, name));
  for (const base of bases)
    for (const extension of extensions) if (isProgram(base + extension)) return base + extension;
  return null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Not there, or not ours to start.
    return false;
  }
}

/** Where an agent's program is; null = not installed (or it has none). */
export function findAgentProgram(agent: Agent, place: Place): string | null {
  for (const name of agent.binaries) {
    const found = findProgram(name, place);
    if (found) return found;
  }
  return null;
}
