import type { Command } from 'commander';
import { createContext } from '../../../src/cli/context.ts';
import { defaultGlobals } from '../../../src/cli/globals.ts';
import { wholeProgram } from '../../../src/cli/program.ts';

/** The program with all of its commands, as nobody in particular would start it. */
export const program = await wholeProgram(
  createContext(
    {
      argv: ['node', 'unorouter'],
      env: {},
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      platform: 'linux',
      cwd: () => '/',
    },
    defaultGlobals(),
  ),
);

/** A command with its words: `routes add`. */
export interface Named {
  words: string;
  command: Command;
}

/** Every command below this one. */
export function commandsOf(command: Command, words: readonly string[] = []): Named[] {
  return command.commands
    .filter((one) => one.name() !== 'help')
    .flatMap((one) => {
      const own = [...words, one.name()];
      return [{ words: own.join(' '), command: one }, ...commandsOf(one, own)];
    });
}
