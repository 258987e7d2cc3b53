import type { Command } from 'commander';
import type { Context } from './context.ts';

/**
 * What a command's file exports: `xCommand(context)` gives a commander command with its flags and an action. The action
 * imports what it needs when it runs, so that help is instant. It may throw UserError; it answers on `context.stdout`.
 */
export type CommandFactory = (context: Context) => Command;

/** Puts examples in front of a command's help: `[arguments, what it does]`, without the program's name. */
export function withExamples(
  command: Command,
  context: Context,
  examples: readonly (readonly [string, string])[],
): Command {
  const width = Math.max(...examples.map(([line]) => line.length)) + context.prefix.length + 1;
  const lines = examples.map(([line, about]) => `  ${`${context.prefix} ${line}`.padEnd(width)}   ${about}`);
  return command.addHelpText('before', `Examples:\n${lines.join('\n')}\n`);
}
