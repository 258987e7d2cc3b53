import { createGuesser, type Guesser } from './guesser.ts';
import { createLinuxFinder } from './linux.ts';
import { createMacFinder, runProgram } from './macos.ts';
import type { FindDirectories } from './types.ts';

export type { Guesser } from './guesser.ts';
export { attribute, type Names } from './names.ts';

const elapsed = (): number => performance.now();

/** How each system is asked; others are not. */
const FINDERS: Readonly<Partial<Record<NodeJS.Platform, () => FindDirectories>>> = {
  linux: () => createLinuxFinder(elapsed),
  darwin: () => createMacFinder(runProgram),
};

/** The guesser of this system. `UNOROUTER_NO_PROJECT_GUESS` turns it off. */
export function openGuesser(env: NodeJS.ProcessEnv): Guesser {
  const finder = env.UNOROUTER_NO_PROJECT_GUESS ? undefined : FINDERS[process.platform];
  return createGuesser({ find: finder?.() ?? null, home: env.HOME, elapsed });
}
